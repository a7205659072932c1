// SPDX-License-Identifier: MIT
// 24 hours of virtual time (NASMCU_DAYS: more of them) with all that looks at disks: every source
// of nas-alertd, and the sensor that reads a disk's temperature for the fan. The real sources read
// a synthetic /sys; what they open is seen from outside, by inotify.
#include <catch.hpp>

#include "sleepy_disk.hpp"

#include <private_bus.hpp>

#include <devices/loop.hpp>
#include <kernel/sys_tree.hpp>

#include <alertd/sources/source.hpp>
#include <common/reset_notes.hpp>
#include <libmcu/devices/kernel_side.hpp>
#include <libmcu/devices/registry.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <set>

using namespace nasmcu::alertd;

namespace {

const std::string vectors = std::string(NASMCU_SOURCE_DIR) + "/tests/vectors/smartctl/";

/// Tells which of some files were opened, by whomever.
class Witness {
public:
  Witness() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) { REQUIRE(fd_ >= 0); }
  ~Witness() { ::close(fd_); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  void watch(const std::string& path) {
    const int number = ::inotify_add_watch(fd_, path.c_str(), IN_OPEN);
    REQUIRE(number >= 0);
    paths_[number] = path;
  }
  /// Since the last call.
  std::vector<std::string> opened() {
    std::vector<std::string> all;
    alignas(inotify_event) std::array<char, 4096> buffer{};
    for (ssize_t got = 0; (got = ::read(fd_, buffer.data(), buffer.size())) > 0;)
      for (const char* at = buffer.data(); at < buffer.data() + got;) {
        inotify_event event{};
        std::memcpy(&event, at, sizeof event);
        all.push_back(paths_[event.wd]);
        at += sizeof event + event.len;
      }
    return all;
  }

private:
  int fd_;
  std::map<int, std::string> paths_;
};

/// One disk of the box, on its port, with its temperature.
struct Drive {
  std::string node, block, drivetemp;
  SleepyDisk disk;
  unsigned smart = 0, temperatures = 0; ///< readings
  Tick::duration shortest = 24h;        ///< between two of SMART
  std::optional<Tick> last;
};

/// A source, and when it wants to look again.
struct Sourced {
  std::unique_ptr<Source> source;
  Tick due;
  unsigned looks = 0;
};

class Day : public Loop {
public:
  Day() {
    add_drive("sda", 1);
    add_drive("sdb", 2);
    add_array();
    tree_.write("proc/self/mountinfo", "30 1 9:0 / /srv rw - ext4 /dev/md0 rw\n");
    tree_.write("srv/file", "");
    witness_.watch(tree_.path("srv"));
    add_root_files();
    add_smartctl();
    UserCheck file, command;
    file.name = "ups";
    file.file = tree_.path("run/ups-on-battery");
    command.name = "backup";
    command.command = {"/bin/true"};
    config_.checks = {file, command};
    // "/srv" is a folder on this machine's disk, and may be as full as that is.
    config_.space.warn = config_.space.fail = 101;
    bus_.start();
    REQUIRE(turn_until([this] { return bus_.connected(); }));
  }
  ~Day() { bus_.stop(); }

  /// A check of the owner's that reads the disk itself, every hour.
  void add_rude_check() {
    UserCheck rude;
    rude.name = "rude";
    rude.command = {tree_.path("usr/sbin/smartctl"), drives_[0].node};
    rude.every = 1h;
    config_.checks.push_back(rude);
  }

  void run(unsigned days = 1) {
    start();
    for (std::chrono::seconds at = 0s; at < days * 24h; at += 1s) {
      now_ = power_on + at;
      if (used_as_at_home(at % 24h)) use();
      for (auto& [name, one] : sources_)
        if (now_ >= one.due) look(one);
      if (at % 10s == 1s) read_temperatures(); // as mcud does
      for (Drive& drive : drives_) drive.disk.let_time_pass(now_);
    }
    for (auto& [name, one] : sources_) one.source->stop();
    sensors_.clear();
  }

  std::vector<Drive>& drives() { return drives_; }
  unsigned looks(const std::string& source) { return sources_.at(source).looks; }
  unsigned in_mount = 0;                   ///< what was opened of the file system on them
  std::map<std::string, unsigned> in_root; ///< and of the root's, whose disk may rest too
  std::set<std::string> found;

private:
  void add_drive(const std::string& name, int ata) {
    SysTree::Disk shape;
    shape.name = name;
    shape.controller = "platform/f1080000.sata";
    shape.ata = ata;
    shape.host = ata - 1;
    shape.port_no = std::to_string(ata);
    const std::string scsi = tree_.disk(shape);
    Drive drive;
    drive.node = tree_.write("dev/" + name, "");
    drive.block = scsi + "/block/" + name;
    drive.drivetemp = tree_.hwmon(ata, scsi, "drivetemp") + "/temp1_input";
    drive.disk.counts_commands = false;
    tree_.write(drive.drivetemp, "38000\n");
    witness_.watch(drive.node);
    witness_.watch(tree_.path(drive.drivetemp));
    mcu::BaySpec bay;
    bay.name = std::to_string(ata);
    bay.port = "platform-f1080000.sata-ata-" + bay.name;
    board_.bays.push_back(bay);
    drives_.push_back(drive);
  }

  void add_array() {
    const std::string md = "sys/block/md0/md/";
    for (const auto& [file, text] :
         std::map<std::string, std::string>{{"metadata_version", "1.2"},
                                            {"array_state", "clean"},
                                            {"level", "raid1"},
                                            {"raid_disks", "2"},
                                            {"degraded", "0"},
                                            {"sync_action", "idle"},
                                            {"sync_completed", "none"},
                                            {"dev-sda1/state", "in_sync"},
                                            {"dev-sda1/slot", "0"},
                                            {"dev-sdb1/state", "in_sync"},
                                            {"dev-sdb1/slot", "1"}})
      tree_.write(md + file, text + "\n");
  }

  /// It opens the disk, as the real one does, and says that all is well.
  void add_smartctl() {
    const std::string stub =
        tree_.write("usr/sbin/smartctl", "#!/bin/sh\nfor node; do :; done\n: <\"$node\"\ncat " +
                                             vectors + "sata-healthy.json\n");
    std::filesystem::permissions(stub, std::filesystem::perms::owner_all);
  }

  /// What sources ask for again and again: seen once, and not touched again as long as it is the
  /// same.
  void add_root_files() {
    tree_.write("etc/smartd.conf",
                "DEVICESCAN -m root -M exec /usr/share/smartmontools/smartd-runner\n");
    tree_.write("etc/smartmontools/run.d/10mail", "");
    tree_.write("var/lib/nasmcu/watchdog", nasmcu::ResetNotes().text());
    tree_.write("var/lib/nasmcu/watchdog-known", "");
    for (const char* path : {"etc/smartd.conf", "etc/smartmontools/run.d",
                             "var/lib/nasmcu/watchdog", "var/lib/nasmcu/watchdog-known"})
      witness_.watch(tree_.path(path));
  }
  bool is_root_file(const std::string& path) const {
    return path.starts_with(tree_.path("etc")) || path.starts_with(tree_.path("var"));
  }

  void start() {
    const SourceContext context{io.get_executor(), tree_.root(), board_,    config_, bus_, disks_,
                                roster_,           smartd_,      children_, clocks()};
    for (const SourceMaker* maker : source_makers()) {
      Sourced& one = sources_[std::string(maker->name)];
      one.source = maker->make(context);
      one.source->hurry = [this, &one] {
        ++ended_;
        one.due = now_;
      };
      one.due = power_on + 3s;
    }
    side_.now = [this] { return now_; };
    for (const mcu::BaySpec& bay : board_.bays) {
      mcu::SensorSpec spec;
      spec.name = "disk" + bay.name;
      spec.device = {"disk", bay.name, {}};
      const mcu::BackendContext parts{io.get_executor(), nullptr, &board_, &side_};
      sensors_.push_back(mcu::backend_for("disk").sensor(parts, spec));
      sensors_.back()->refresh();
      REQUIRE(sensors_.back()->availability().present);
    }
  }

  Clocks clocks() {
    Clocks ours;
    ours.steady = [this] { return now_; };
    ours.wall = [this] {
      return midnight + std::chrono::floor<std::chrono::seconds>(now_ - power_on);
    };
    return ours;
  }

  void use() {
    for (Drive& drive : drives_) {
      drive.disk.use(now_);
      tree_.write(drive.block + "/stat",
                  std::to_string(drive.disk.activity().accesses) + " 0 0 0 0 0 0 0 0 0 0\n");
    }
  }

  /// Until all that it began has ended.
  void look(Sourced& one) {
    const unsigned before = begun();
    for (const UserCheck& check : config_.checks)
      if (&one == &sources_.at("check") && now_ >= next_check_[check.name]) {
        next_check_[check.name] = now_ + check.every;
        ++checks_;
      }
    const unsigned ended = ended_;
    const auto findings = await(one.source->look());
    ++one.looks;
    one.due = now_ + one.source->pause();
    const unsigned more = begun() - before + std::exchange(checks_, 0U);
    REQUIRE(turn_until([&] { return ended_ - ended == more; }));
    if (findings)
      for (const Finding& finding : *findings) found.insert(finding.id);
    take_note(&Drive::smart);
  }
  /// Readings of SMART data.
  unsigned begun() const {
    unsigned long all = 0;
    for (const DiskState& state : disks_.states(midnight)) all += state.counters.reads;
    return static_cast<unsigned>(all);
  }

  void read_temperatures() {
    for (const auto& sensor : sensors_) {
      const auto value = await(sensor->read());
      CHECK((value.ok() || value.error().code == mcu::Errc::asleep));
    }
    take_note(&Drive::temperatures);
  }

  void take_note(unsigned Drive::*kind) {
    for (const std::string& path : witness_.opened()) {
      const auto drive = std::find_if(drives_.begin(), drives_.end(), [&](const Drive& one) {
        return one.node == path || tree_.path(one.drivetemp) == path;
      });
      if (drive == drives_.end()) {
        ++(is_root_file(path) ? in_root[path] : in_mount);
        continue;
      }
      drive->disk.read_smart(now_);
      ++((*drive).*kind);
      if (kind != &Drive::smart) continue;
      if (drive->last) drive->shortest = std::min(drive->shortest, now_ - *drive->last);
      drive->last = now_;
    }
  }

  SysTree tree_;
  test::PrivateBus private_bus_;
  Witness witness_;
  Tick now_ = power_on;
  mcu::Board board_;
  std::vector<Drive> drives_;
  AlertConfig config_;
  nasmcu::Bus bus_{io.get_executor(), ""};
  DiskWatch disks_{DiskWatch::Options{}};
  ArrayRoster roster_{{}};
  SmartdSigns smartd_;
  std::shared_ptr<nasmcu::Children> children_ = std::make_shared<nasmcu::Children>();
  mcu::KernelSide side_{io.get_executor(), tree_.root(), std::make_shared<mcu::Files>()};
  std::vector<std::unique_ptr<mcu::Sensor>> sensors_;
  std::map<std::string, Sourced> sources_;
  std::map<std::string, Tick> next_check_;
  unsigned checks_ = 0; ///< begun by this look
  unsigned ended_ = 0;  ///< readings and checks
};

unsigned days_wanted() {
  const char* days = std::getenv("NASMCU_DAYS");
  return days != nullptr ? std::max(1U, static_cast<unsigned>(std::atoi(days))) : 1;
}

} // namespace

// Native: a process of several threads that forks hundreds of times hangs in qemu's user mode.
TEST_CASE("24 hours, all sources: who sleeps is left alone, and sleeps as ever", "[native]") {
  const unsigned days = days_wanted();
  Day day;
  day.run(days);
  for (Drive& drive : day.drives()) {
    INFO(drive.node);
    CHECK(drive.disk.touches_asleep == 0);
    CHECK(drive.disk.reads_idle == 0);
    // The rest at the start is the first day's alone; later ones go on from the day before.
    CHECK(drive.disk.sleeps == 1 + days * (rests_at_home - 1));
    CHECK(drive.shortest >= 5min);
    // Not for want of looking.
    CHECK(drive.smart >= days * 8);
    CHECK(drive.temperatures >= days * 8);
  }
  CHECK(day.in_mount == 0);
  CHECK(day.in_root.size() == 4); // three files, and one folder that is listed
  for (const auto& [path, times] : day.in_root) {
    INFO(path);
    CHECK(times == 1);
  }
  CHECK(day.looks("disk") >= days * 1440);
  CHECK(day.looks("md") >= days * 1440);
  CHECK(day.looks("fs") >= days * 1440);
  CHECK(day.looks("box") >= days * 8640);
  CHECK(day.looks("check") >= days * 288);
  CHECK(day.found == std::set<std::string>{"mcud.silent"}); // nobody plays mcud here
}

// Native: as above.
TEST_CASE("24 hours: a check that opens a disk every hour is noticed", "[native]") {
  Day day;
  day.add_rude_check();
  day.run();
  const SleepyDisk& disk = day.drives().front().disk;
  CHECK(disk.touches_asleep > 0);
  CHECK(disk.reads_idle > 0);
  CHECK(disk.sleeps != rests_at_home);
  CHECK(day.drives().back().disk.touches_asleep == 0);
}
