// SPDX-License-Identifier: MIT
// A board is data: one INI file says what is fitted, where it hangs and what its safe state is.
#pragma once

#include <libmcu/model/command.hpp>
#include <libmcu/model/ini.hpp>
#include <libmcu/model/units.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

/// Where a device hangs: "mcu", "mcu:disk1", "hwmon:qnapmcu/pwm1", "gpio:gpio0/14,active-low".
struct DeviceUri {
  std::string scheme;             ///< "mcu", "hwmon", "thermal", "led", "gpio", "input", "rtc" ...
  std::string address;            ///< behind the colon, without options; may be empty
  std::vector<std::string> flags; ///< behind commas: "active-low"
  bool operator==(const DeviceUri&) const = default;
};
Result<DeviceUri> parse_device_uri(std::string_view text);
std::string to_string(const DeviceUri& uri);

struct CurvePoint {
  Celsius at;
  Duty duty;
  bool operator==(const CurvePoint&) const = default;
};
/// "35:20 45:40 60:100": temperatures strictly rising, duties not falling, at least one point.
Result<std::vector<CurvePoint>> parse_curve(std::string_view text);

struct McuSpec {
  std::string protocol;
  std::string port;  ///< "/dev/ttyS1"
  unsigned baud = 0; ///< 0: the protocol's own
  /// The kernel's own driver for this MCU ("qnap-mcu"); empty: there is none. While it holds the
  /// port, the devices on the MCU are found at their `kernel` names instead.
  std::string kernel_driver;
};

/// What to do when somebody else drives the same fan.
enum class Conflict : unsigned char {
  stand_back, ///< leave the fan alone as long as the other one drives it
  take_over,  ///< take it from the other one, and give it back at the end
  refuse,     ///< not drive it again before the next start, and say so as an error
};
/// "stand-back", "take-over", "refuse".
std::string_view name(Conflict conflict);
Result<Conflict> conflict_from_name(std::string_view word);

struct FanSpec {
  std::string name;
  DeviceUri device;
  std::vector<Duty> levels; ///< discrete speeds in percent, rising; empty: continuous
  Duty min{0};              ///< lowest duty at which it surely turns
  Duty max{100};
  bool stop = false; ///< may be stopped altogether
  bool invert = false;
  Duty failsafe{100};                           ///< at least 50 and at least min
  std::optional<DeviceUri> tach;                ///< where rpm is read; nothing: not fitted
  std::optional<Rpm> stall_below;               ///< slower than this while driven: stalled
  std::vector<CurvePoint> curve;                ///< the board's proposal; may be empty
  std::vector<std::string> sensors;             ///< that it cools; empty: the board's first sensor
  std::optional<DeviceUri> alarm;               ///< an input that says that the fan does not turn
  std::optional<DeviceUri> kernel, kernel_tach; ///< see McuSpec::kernel_driver
  Conflict conflict = Conflict::stand_back;
};

struct SensorSpec {
  std::string name;
  DeviceUri device;
  std::optional<Celsius> max; ///< at or above: every fan goes to failsafe, whoever holds the lease
  std::optional<DeviceUri> kernel;
};
struct LedSpec {
  std::string name;
  DeviceUri device;
  std::vector<std::string> fallback; ///< other kernel names of the same LED
  std::optional<DeviceUri> kernel;
};
struct ButtonSpec {
  std::string name;
  DeviceUri device;
  std::optional<DeviceUri> kernel;
  /// How long it has been held already when it shows: an MCU may filter it. 0: at once.
  std::chrono::milliseconds held{0};

  /// The kernel's name of its key or switch: "KEY_POWER"; empty where it is no input device.
  std::string key() const;
  /// It has positions, and is not pressed and released.
  bool is_switch() const;
};
struct BuzzerSpec {
  DeviceUri device;
  std::optional<DeviceUri> kernel;
};
struct ClockSpec {
  DeviceUri device;
  bool utc = true;
  std::optional<DeviceUri> kernel;
};
struct PowerSpec {
  DeviceUri device;
  std::optional<int> delay; ///< seconds that the MCU waits before it cuts the power; 1 to 99
  DelayCoding coding = DelayCoding::binary;
  std::optional<DeviceUri> kernel;
};
struct BaySpec {
  std::string name; ///< "1", "2" ...
  std::string port; ///< /dev/disk/by-path name without the disk's own part
  std::string led;  ///< name of the fault LED
  std::string activity_led;
  std::string label; ///< as printed on the box
};
struct WatchdogSpec {
  DeviceUri device;
};

struct Board {
  std::string id;   ///< file name without ".ini": "qnap-ts433"
  std::string name; ///< for people: "QNAP TS-433"
  std::vector<std::string> match;
  std::optional<McuSpec> mcu;
  std::vector<FanSpec> fans;
  std::vector<SensorSpec> sensors;
  std::vector<LedSpec> leds;
  std::vector<ButtonSpec> buttons;
  std::optional<BuzzerSpec> buzzer;
  std::optional<ClockSpec> clock;
  std::optional<PowerSpec> power;
  std::vector<BaySpec> bays;
  std::optional<WatchdogSpec> watchdog;

  const FanSpec* fan(std::string_view fan_name) const;
  const SensorSpec* sensor(std::string_view sensor_name) const;
  const BaySpec* bay(std::string_view bay_name) const;
};

/// The board while the kernel's driver holds the MCU: each device on the MCU hangs at its `kernel`
/// name. One without such a name stays on "mcu", which nobody can reach then.
Board with_kernel_mcu(Board board);

/// A board file read: the board when it has no errors, and everything there is to say about it.
struct BoardFile {
  std::optional<Board> board;
  std::vector<Diagnostic> diagnostics;
};

/// Builds a board from a parsed file. Checks everything that can be known without hardware: names
/// ([a-z0-9-]{1,32}, unique in their kind), ranges, failsafe >= 50 and >= min, device URIs.
/// `protocols` are the known protocol names. An unknown key is a warning, a bad value an error.
BoardFile make_board(const std::string& id, const IniFile& ini,
                     const std::vector<std::string_view>& protocols);

/// Reads `path`; its file name without ".ini" becomes the id.
BoardFile read_board(const std::string& path, const std::vector<std::string_view>& protocols);

/// True for [a-z0-9-]{1,32}.
bool is_device_name(std::string_view name);

/// The nearest duty the fan can do at or above `wanted` (levels), or within min..max (continuous).
/// 0 stays 0 only where the board may stop the fan; 0 < d < min gives min.
Duty fit(const FanSpec& fan, Duty wanted);

} // namespace mcu
