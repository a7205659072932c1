// SPDX-License-Identifier: MIT
#include <shutdown/disks.hpp>

#include <shutdown/ata.hpp>

#include <libmcu/link/descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <utility>

namespace nasmcu::shutdown {
namespace {

using mcu::Errc;
using mcu::Error;
using mcu::Status;

bool is_scsi(const std::string& name) { return name.starts_with("sd"); }

/// Whether the kernel itself has put the disk to rest.
bool suspended(const mcu::Files& files, const std::string& block) {
  return files.read(block + "/device/power/runtime_status").value_or("").starts_with("suspend");
}

class RealDisk final : public Disk {
public:
  RealDisk(std::string name, bool suspended) : name_(std::move(name)), suspended_(suspended) {}
  const std::string& name() const override { return name_; }

  bool asleep() override {
    if (suspended_ || !is_scsi(name_)) return suspended_;
    // O_NONBLOCK: opening must not wait for a disk without a medium.
    const mcu::Descriptor fd(::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    return fd.get() >= 0 && ata_power_mode(fd.get()) == AtaPower::standby;
  }

  Status flush() override {
    const mcu::Descriptor fd(::open(path().c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return mcu::os_error(path(), "cannot open", errno);
    // On a block device this is more than the kernel's pages: the disk's cache too (FLUSH CACHE,
    // SYNCHRONIZE CACHE, NVMe's flush).
    if (::fsync(fd.get()) != 0) return mcu::os_error(path(), "cannot write the cache", errno);
    return {};
  }

  Status stand_by() override {
    if (!is_scsi(name_)) return Error{Errc::unsupported, name_ + " has nothing to park"};
    const mcu::Descriptor fd(::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (fd.get() < 0) return mcu::os_error(path(), "cannot open", errno);
    if (ata_standby(fd.get())) return {};
    // A SAS disk, or a USB bridge that knows no ATA.
    if (scsi_stop(fd.get())) return {};
    return Error{Errc::protocol, name_ + " does not stand by"};
  }

private:
  std::string path() const { return "/dev/" + name_; }

  std::string name_;
  bool suspended_;
};

/// ROOT/dev/NAME may be a file with one word: "standby", "failing" or "stuck".
class FakeDisk final : public Disk {
public:
  FakeDisk(std::string name, const System& system, std::string mood)
      : name_(std::move(name)), system_(system), mood_(std::move(mood)) {}
  const std::string& name() const override { return name_; }
  bool asleep() override { return mood_ == "standby"; }

  Status flush() override {
    while (mood_ == "stuck") ::pause();
    if (mood_ == "failing") return mcu::os_error(name_, "cannot write the cache", EIO);
    return system_.record("flush", {name_});
  }

  Status stand_by() override {
    if (!is_scsi(name_)) return Error{Errc::unsupported, name_ + " has nothing to park"};
    return system_.record("standby", {name_});
  }

private:
  std::string name_;
  const System& system_;
  std::string mood_;
};

/// Not a CD, a floppy, or the boot partitions of a memory card, which are no disks of their own.
bool is_disk(const std::string& name) {
  if (name.starts_with("mmcblk"))
    return name.find_first_not_of("0123456789", 6) == std::string::npos;
  for (const char* kind : {"sd", "nvme", "hd", "vd"})
    if (name.starts_with(kind)) return true;
  return false;
}

Status stop_one(const mcu::Files& files, const System& system, const std::string& md,
                std::string& done) {
  const std::string state = md + "/md/array_state";
  if (!system.real()) {
    done = "stopped";
    return system.record("stop-array", {md.substr(md.rfind('/') + 1)});
  }
  // As mdadm --stop does; busy while something stands on it.
  const Status stopped = files.write(state, "clear");
  done = "stopped";
  if (stopped || stopped.error().code != Errc::busy) return stopped;
  // A resync would go on writing to disks that are about to stand by, and wake them.
  const Status frozen = files.write(md + "/md/sync_action", "frozen");
  (void)frozen; // RAID 0 has none
  done = "in use, marked clean";
  return files.write(state, "clean");
}

} // namespace

std::string settle(Disk& disk, std::string& note) {
  if (disk.asleep()) {
    note = disk.name() + " is asleep and left alone";
    return {};
  }
  const Status flushed = disk.flush();
  if (!flushed && flushed.error().code == Errc::unsupported) {
    note = disk.name() + " has gone";
    return {};
  }
  if (!flushed) return flushed.error().what;
  const Status parked = disk.stand_by();
  note = disk.name() + (parked ? ": cache written, standby" : ": cache written");
  // A retract in an emergency costs wear, no data.
  if (!parked && parked.error().code != Errc::unsupported) note += "; " + parked.error().what;
  return {};
}

std::vector<std::unique_ptr<Disk>> find_disks(const mcu::Files& files, const System& system) {
  std::vector<std::unique_ptr<Disk>> disks;
  const std::string folder = system.root() + "/sys/block/";
  for (const std::string& name : files.list(folder)) {
    if (!is_disk(name) || files.read(folder + name + "/size").value_or("0") == "0") continue;
    if (system.real())
      disks.push_back(std::make_unique<RealDisk>(name, suspended(files, folder + name)));
    else
      disks.push_back(std::make_unique<FakeDisk>(
          name, system, files.read(system.root() + "/dev/" + name).value_or("")));
  }
  return disks;
}

std::vector<std::string> stop_arrays(const mcu::Files& files, const System& system) {
  std::vector<std::string> words;
  const std::string folder = system.root() + "/sys/block/";
  for (const std::string& name : files.list(folder)) {
    const auto state = files.read(folder + name + "/md/array_state");
    if (!state || *state == "clear" || *state == "inactive") continue;
    std::string done;
    const Status stopped = stop_one(files, system, folder + name, done);
    words.push_back(name + ": " + (stopped ? done : stopped.error().what));
  }
  return words;
}

} // namespace nasmcu::shutdown
