// SPDX-License-Identifier: MIT
// "disk:BAY": the temperature of the disk in a bay, as the kernel's driver drivetemp reads it. Each
// such reading is a command to the disk, so SleepGate is asked first.
#include <libmcu/devices/backends.hpp>
#include <libmcu/devices/disk_activity.hpp>
#include <libmcu/devices/kernel_node.hpp>
#include <libmcu/kernel/find.hpp>

namespace mcu {
namespace {

class DiskSensor : public Sensor {
public:
  DiskSensor(const BackendContext& context, const SensorSpec& spec)
      : Sensor(spec),
        board_(*context.board),
        side_(*context.kernel),
        drivetemp_(side_, &side_.disks) {}

  Availability availability() const override { return drivetemp_.availability(); }

  void refresh() override {
    const Result<DiskNode> disk = disk_in_bay();
    const std::string block = disk ? side_.files->resolve(disk->sysfs) : std::string();
    if (block != block_) {
      block_ = block;
      gate_.reset();
      last_.reset();
    }
    drivetemp_.place(drivetemp_folder(disk));
  }
  void close() override { drivetemp_.leave(); }

  Task<Result<Celsius>> read() override {
    if (!drivetemp_.present()) {
      const std::string reason = drivetemp_.availability().reason;
      co_return Error{Errc::unsupported, "sensor " + name() + ": " + reason};
    }
    const std::string block = block_;
    const Result<DiskActivity> activity = read_activity(*side_.files, block);
    if (!activity) co_return lost(activity.error());
    const SleepGate::Decision decision = gate_.decide(*activity, side_.now());
    if (decision.verdict == SleepGate::Verdict::asleep)
      co_return Error{Errc::asleep, name() + " is " + decision.why +
                                        ": reading its temperature would keep it awake"};
    if (decision.verdict == SleepGate::Verdict::keep_last && last_) co_return *last_;
    const Result<long long> millidegrees = co_await drivetemp_.number("temp1_input");
    const Result<Celsius> value =
        millidegrees ? celsius_of(*millidegrees) : Result<Celsius>(millidegrees.error());
    if (block == block_) note(value);
    if (!value) co_return about("sensor " + name(), value.error());
    co_return value;
  }

private:
  Result<DiskNode> disk_in_bay() const {
    const std::string& bay_name = spec().device.address;
    const BaySpec* bay = board_.bay(bay_name);
    if (bay == nullptr)
      return Error{Errc::unsupported, "the board file has no [bay " + bay_name + "]"};
    if (bay->port.empty())
      return Error{Errc::unsupported, "bay " + bay_name +
                                          " has no `port` in the board file, so its disk is not "
                                          "known"};
    auto disk = find_disk(*side_.files, side_.root, bay->port);
    if (!disk && disk.error().code == Errc::unsupported)
      return Error{Errc::unsupported, "bay " + bay_name + " is empty"};
    return disk;
  }

  static Result<std::string> drivetemp_folder(const Result<DiskNode>& disk) {
    if (!disk) return disk.error();
    if (disk->hwmon.empty())
      return Error{Errc::unsupported,
                   "no drivetemp for " + disk->name + ": load the module drivetemp"};
    return disk->hwmon;
  }

  /// The disk may have gone without a word.
  Error lost(const Error& error) {
    if (error.code == Errc::unsupported && side_.look_again) side_.look_again();
    return about("sensor " + name(), error);
  }

  void note(const Result<Celsius>& value) {
    last_.reset();
    if (value) last_ = *value;
    if (const auto behind = read_activity(*side_.files, block_))
      gate_.done(value.ok(), *behind, side_.now());
  }

  const Board& board_;
  KernelSide& side_;
  KernelNode drivetemp_;
  std::string block_; ///< its folder in /sys/devices; empty while the bay is
  SleepGate gate_;
  std::optional<Celsius> last_;
};

} // namespace

const Backend disk_backend = {"disk", nullptr, &make<DiskSensor, Sensor, SensorSpec>};

} // namespace mcu
