// SPDX-License-Identifier: MIT
// The MCU's side of a protocol: no I/O, no clock (time is an argument), written from the protocol
// notes and not from libmcu's codecs, so that one error cannot hide in both.
#pragma once

#include <mcusim/arguments.hpp>
#include <mcusim/pacing.hpp>
#include <mcusim/random.hpp>
#include <mcusim/thermal.hpp>

#include <libmcu/model/bytes.hpp>
#include <libmcu/model/civil_time.hpp>
#include <libmcu/model/result.hpp>

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcusim {

/// What is fitted around the MCU, and how the world is when it starts.
struct McuOptions {
  std::uint64_t seed = 1;
  unsigned disks = 4; ///< disk LEDs that the MCU accepts; 0 to 9
  bool usb_led = true;
  double ambient = 25; ///< °C
  double heat = 15;    ///< W
  mcu::CivilTime clock{2013, 9, 10, 21, 6, 17};
  /// Silence between a D-Link data frame and its acknowledge; real ones take 1 to 20 ms.
  std::chrono::microseconds ack_gap{1000};
};

/// One message to the host. `pause` is the silence before it (see Departures::push).
struct Outgoing {
  mcu::Bytes bytes;
  Duration pause{0};
  bool ack = false; ///< a bare acknowledge
};
using Reply = std::vector<Outgoing>; ///< all that one request calls for

/// What becomes of a well-formed request; the fault injector decides it.
enum class Verdict { answer, ignore, refuse_checksum, refuse_other };

class SimMcu {
public:
  SimMcu(const McuOptions& options, Time start);
  virtual ~SimMcu() = default;
  SimMcu(const SimMcu&) = delete;
  SimMcu& operator=(const SimMcu&) = delete;

  /// Bytes from the host, complete at `now`: the replies to the frames that they complete.
  std::vector<Reply> receive(mcu::ByteView bytes, Time now);
  /// The line has been silent for idle_gap() with a frame unfinished: it will not be continued.
  std::vector<Reply> idle(Time now);
  bool partial() const { return !buffer_.empty(); }
  virtual Duration idle_gap() const = 0;
  virtual std::size_t shortest_frame() const = 0;
  virtual bool can_refuse() const = 0; ///< the protocol has a word for "no"
  /// False once the MCU has cut its box off: nothing is sent any more.
  bool powered(Time now);

  virtual std::string_view protocol() const = 0;
  virtual unsigned baud() const = 0;

  /// Everything there is to know, as the control socket's `state` shows it.
  nlohmann::json state(Time now);
  /// `set KEY VALUE...` without the `set`.
  mcu::Status set(const Words& words, Time now);
  /// `press BUTTON MS` without the `press`.
  mcu::Status press(const Words& words, Time now);
  /// "set temp C|auto" and so on, for `help`.
  std::vector<std::string> settings() const;

  /// Asked once for each well-formed request; answers all when not set.
  std::function<Verdict()> judge;

protected:
  struct Cut {
    enum class Kind {
      need_more,
      noise,  ///< the first `size` bytes begin no frame
      broken, ///< the first `size` bytes began a frame and are none
      frame
    } kind = Kind::need_more;
    std::size_t size = 0;
  };
  /// What the front of `buffer` (not empty) is.
  virtual Cut cut(mcu::ByteView buffer) const = 0;
  virtual Reply handle(mcu::ByteView frame, Time now) = 0;
  /// The answer to an unfinished frame when the line has gone idle; most often none.
  virtual Reply expire(mcu::ByteView buffer) = 0;
  virtual void describe(nlohmann::json& state, Time now) = 0;
  /// Timers other than the thermal model's.
  virtual void elapse(Time now) = 0;
  /// 0 (stands) to 1 (full speed).
  virtual double airflow(Time now) const = 0;
  /// The power button goes down.
  virtual void on_press(Time now) = 0;

  Verdict verdict() const { return judge ? judge() : Verdict::answer; }
  void count(std::string_view command, bool good);

  using Setter = std::function<mcu::Status(const Words& words, Time now)>;
  /// `usage` begins with the key; the setter gets all words, the key first.
  void add_setting(std::string usage, Setter setter);
  void add_number(std::string usage, int min, int max, int& target);
  void add_flag(std::string usage, bool& target);

  /// How long the button is down at `now`; nothing while it is up.
  std::optional<Duration> held(Time now) const;

  Thermal thermal_;
  Random random_;
  bool powered_ = true;
  std::optional<int> fixed_raw_; ///< `set raw-temp`
  std::optional<int> rpm_;       ///< `set rpm`

private:
  void advance(Time now);
  void add_common_settings();
  std::vector<Reply> cut_frames(Time now);

  struct Setting {
    std::string usage;
    Setter apply;
  };
  struct Tally {
    std::uint64_t good = 0;
    std::uint64_t bad = 0;
  };
  Time last_;
  mcu::Bytes buffer_;
  std::map<std::string, Setting, std::less<>> settings_;
  std::map<std::string_view, Tally> commands_; ///< keys are literals
  std::uint64_t bytes_ = 0;
  std::uint64_t broken_ = 0;
  std::uint64_t partial_ = 0;
  std::uint64_t noise_ = 0;
  Time pressed_from_{};
  Time pressed_until_{};
};

/// The simulated MCU of that protocol; invalid_argument with the list of known names otherwise.
mcu::Result<std::unique_ptr<SimMcu>> make_sim_mcu(std::string_view protocol,
                                                  const McuOptions& options, Time start);
std::vector<std::string_view> sim_mcu_names();

} // namespace mcusim
