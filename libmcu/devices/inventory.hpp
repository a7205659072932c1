// SPDX-License-Identifier: MIT
// All devices of one board, made from its file: what mcud puts on D-Bus and mcuctl --direct uses.
#pragma once

#include <libmcu/devices/device.hpp>
#include <libmcu/devices/kernel_side.hpp>
#include <libmcu/devices/reading_filter.hpp>
#include <libmcu/devices/registry.hpp>
#include <libmcu/kernel/hotplug.hpp>
#include <libmcu/link/mcu.hpp>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

struct InventoryOptions {
  std::string root; ///< prefix of built-in paths; empty for the real ones
  std::string port; ///< replaces the board's port, taken as it is; empty: the board's, with root
  LinkOptions link; ///< byte_gap 0 here means the protocol's own, see byte_gap_set
  bool byte_gap_set = false; ///< link.byte_gap is the user's word, even when it is 0
  /// The board's word on conflicts, replaced by the user's, by fan.
  std::map<std::string, Conflict> conflicts;
  /// Whether start() gives back what a killed process had borrowed. Not for a program that does one
  /// thing and ends: what the one before it has set shall stay.
  bool settle_at_start = true;
  /// Null: the real ones. Tests give failing ones.
  std::shared_ptr<const Files> files;
};

class Inventory {
public:
  ~Inventory();

  /// invalid_argument when the board names an unknown protocol. Opens nothing yet.
  static Result<std::unique_ptr<Inventory>> make(asio::any_io_executor executor, Board board,
                                                 InventoryOptions options);

  /// Takes the hardware: opens the link and keeps it open, looks for the kernel's devices, gives
  /// back what a killed process had borrowed (unless told not to), and watches for devices that
  /// come and go. `busy` when another program has taken it; then nothing was touched.
  Status start();
  void stop();
  /// What was wrong with the journal of loans at the start, in words; empty: nothing.
  const std::string& journal_note() const { return journal_note_; }

  /// Looks for every device again; on_devices_changed when one came or went.
  void look_again();
  std::function<void()> on_devices_changed;
  /// Gives the kernel back what was borrowed: LED triggers, automatic fan modes, zones' policies.
  Task<Status> give_back();

  const Board& board() const { return board_; }
  /// "tty" when our own link talks to the MCU, "kernel" when the kernel's driver does, "none" for a
  /// board without one.
  std::string_view backend() const;
  /// Why the back end is what it is: "qnap-mcu holds serial0-0".
  const std::string& backend_reason() const { return backend_reason_; }
  /// Null on boards without an MCU link of ours.
  Mcu* mcu() { return mcu_.get(); }
  Link* link() { return link_.get(); }
  const std::string& port() const { return port_; }

  const std::vector<std::unique_ptr<Fan>>& fans() const { return fans_; }
  const std::vector<std::unique_ptr<Sensor>>& sensors() const { return sensors_; }
  const std::vector<std::unique_ptr<Led>>& leds() const { return leds_; }
  const std::vector<std::unique_ptr<Button>>& buttons() const { return buttons_; }
  Buzzer* buzzer() { return buzzer_.get(); } ///< these may be null: not fitted
  Clock* clock() { return clock_.get(); }
  Power* power() { return power_.get(); }

  Fan* fan(std::string_view name);
  Sensor* sensor(std::string_view name);
  Led* led(std::string_view name);
  Button* button(std::string_view name);

  /// A reading that may be believed: read, and read again where ReadingFilter asks for it (twice at
  /// most; readings that go on disagreeing are a `protocol` error). Who asks while a reading is
  /// under way gets that one: two callers' answers from one exchange must not count as two that
  /// agree.
  Task<Result<Celsius>> read_sensor(Sensor& sensor);

private:
  struct Reading; ///< what is known of one sensor, and who waits for it
  struct Finish;

  explicit Inventory(Board board);
  Status make_link(asio::any_io_executor executor, const InventoryOptions& options);
  void make_devices(const BackendContext& context);
  std::vector<Device*> devices() const;
  Task<Result<Celsius>> read_until_agreed(Sensor& sensor, std::shared_ptr<Reading> reading);

  Board board_;
  std::string port_;
  std::string backend_reason_;
  std::string journal_note_;
  bool kernel_mcu_ = false; ///< the kernel's driver holds the MCU
  bool settle_at_start_ = true;
  bool started_ = false;
  std::unique_ptr<KernelSide> kernel_; ///< before the devices, which refer to it
  std::unique_ptr<HotPlug> hotplug_;
  std::unique_ptr<Link> link_;
  std::unique_ptr<Mcu> mcu_;
  std::vector<std::unique_ptr<Fan>> fans_;
  std::vector<std::unique_ptr<Sensor>> sensors_;
  std::vector<std::unique_ptr<Led>> leds_;
  std::vector<std::unique_ptr<Button>> buttons_;
  std::unique_ptr<Buzzer> buzzer_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Power> power_;
  std::map<std::string, std::shared_ptr<Reading>> readings_; ///< by sensor
};

} // namespace mcu
