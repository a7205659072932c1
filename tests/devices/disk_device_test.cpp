// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <devices/loop.hpp>
#include <kernel/sys_tree.hpp>

#include <libmcu/devices/kernel_side.hpp>
#include <libmcu/devices/registry.hpp>

using namespace mcu;

namespace {

struct DiskBench : Loop {
  explicit DiskBench(const std::string& bay = "1") {
    BaySpec one, two;
    one.name = "1";
    one.port = "platform-f1080000.sata-ata-1";
    two.name = "2"; // of unknown port
    board.bays = {one, two};
    SensorSpec spec;
    spec.name = "disk1";
    spec.device = {"disk", bay, {}};
    const BackendContext context{io.get_executor(), nullptr, &board, &side};
    sensor = backend_for("disk").sensor(context, spec);
    REQUIRE(sensor);
  }

  void insert(const std::string& name = "sda") {
    scsi = tree.disk({name, "platform/f1080000.sata", 1, 0, "1"});
    block = scsi + "/block/" + name;
    drivetemp = tree.hwmon(5, scsi, "drivetemp");
    temperature("38000");
  }
  void pull() {
    tree.remove("sys/block");
    tree.remove("sys/class/hwmon");
    tree.remove("sys/devices/platform/f1080000.sata/ata1");
  }
  void temperature(const std::string& text) { tree.write(drivetemp + "/temp1_input", text + "\n"); }
  void use() {
    accesses += 10;
    tree.write(block + "/stat", std::to_string(accesses) + " 0 0 0 0 0 0 0 0 0 0\n");
  }
  void power(const std::string& control, const std::string& status) {
    tree.write(scsi + "/power/control", control + "\n");
    tree.write(scsi + "/power/runtime_status", status + "\n");
  }
  Result<Celsius> read() { return await(sensor->read()); }
  /// How often the disk itself was asked.
  int asked() const { return files->reads_of("/temp1_input"); }
  std::string reason() const { return sensor->availability().reason; }

  SysTree tree;
  Board board;
  std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
  KernelSide side{io.get_executor(), tree.root(), files};
  std::unique_ptr<Sensor> sensor;
  std::string scsi, block, drivetemp;
  int accesses = 1000;
};

} // namespace

TEST_CASE("a disk is asked for its temperature only after it was seen in use") {
  DiskBench bench;
  bench.insert();
  bench.sensor->refresh();
  CHECK(bench.sensor->availability().present);
  const auto first = bench.read();
  REQUIRE_FALSE(first);
  CHECK(first.error().code == Errc::asleep);
  CHECK_THAT(first.error().what,
             ContainsSubstring("disk1 is ") && ContainsSubstring("may be at rest"));
  CHECK(bench.asked() == 0);
  bench.use();
  CHECK(*bench.read() == Celsius{38});
  CHECK(bench.asked() == 1);
  bench.use();
  bench.temperature("44000");
  CHECK(*bench.read() == Celsius{38}); // within a minute the last one counts
  CHECK(bench.asked() == 1);
}

TEST_CASE("a disk that the kernel looks after is asked at once while it is awake, not at rest") {
  DiskBench bench;
  bench.insert();
  bench.power("auto", "suspended");
  bench.sensor->refresh();
  const auto resting = bench.read();
  REQUIRE_FALSE(resting);
  CHECK(resting.error().code == Errc::asleep);
  CHECK_THAT(resting.error().what,
             ContainsSubstring("put to rest by the kernel") &&
                 ContainsSubstring("reading its temperature would keep it awake"));
  CHECK(bench.asked() == 0);
  SECTION("awake, as far as the kernel goes") {
    bench.power("on", "active"); // it never puts it to rest: says nothing
    CHECK(bench.read().error().code == Errc::asleep);
    CHECK(bench.asked() == 0);
  }
  SECTION("awake") {
    bench.power("auto", "active");
    CHECK(*bench.read() == Celsius{38});
  }
}

TEST_CASE("an empty bay is absent with a reason, and so is one without drivetemp") {
  DiskBench bench;
  bench.sensor->refresh();
  CHECK_FALSE(bench.sensor->availability().present);
  CHECK(bench.reason() == "bay 1 is empty");
  const auto none = bench.read();
  CHECK(none.error().code == Errc::unsupported);
  CHECK(none.error().what == "sensor disk1: bay 1 is empty");
  bench.insert("sdc");
  bench.tree.remove("sys/class/hwmon");
  bench.tree.remove(bench.scsi + "/hwmon");
  bench.sensor->refresh();
  CHECK(bench.reason() == "no drivetemp for sdc: load the module drivetemp");
  bench.insert("sdc");
  bench.sensor->refresh();
  CHECK(bench.sensor->availability().present);
}

TEST_CASE("a bay that the board file does not know, or whose port it does not know, says so") {
  DiskBench unknown("7");
  unknown.sensor->refresh();
  CHECK(unknown.reason() == "the board file has no [bay 7]");
  DiskBench portless("2");
  portless.sensor->refresh();
  CHECK_THAT(portless.reason(), ContainsSubstring("bay 2 has no `port`"));
}

TEST_CASE("a disk that is pulled makes everybody look again, and the next one is a new one") {
  DiskBench bench;
  bench.insert();
  bench.sensor->refresh();
  int looks = 0;
  bench.side.look_again = [&] {
    ++looks;
    bench.sensor->refresh();
  };
  CHECK_FALSE(bench.read());
  bench.use();
  REQUIRE(bench.read());
  bench.pull();
  CHECK(bench.read().error().code == Errc::unsupported);
  CHECK(looks == 1);
  CHECK(bench.reason() == "bay 1 is empty");
  bench.insert("sdb");
  bench.sensor->refresh();
  CHECK(bench.read().error().code == Errc::asleep); // never the other disk's 38 degrees
}

TEST_CASE("a drivetemp that fails is an ordinary error, and asked again") {
  DiskBench bench;
  bench.insert();
  bench.sensor->refresh();
  CHECK_FALSE(bench.read());
  bench.use();
  bench.files->fail("/temp1_input", EIO);
  const auto failed = bench.read();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::protocol);
  CHECK_THAT(failed.error().what,
             ContainsSubstring("sensor disk1") && ContainsSubstring("Input/output error"));
  bench.files->heal();
  bench.temperature("200000");
  CHECK(bench.read().error().code == Errc::protocol);
  bench.temperature("41000");
  CHECK(*bench.read() == Celsius{41});
}

TEST_CASE("counters that cannot be read keep the disk from being asked") {
  DiskBench bench;
  bench.insert();
  bench.sensor->refresh();
  bench.files->fail("/stat", EIO);
  CHECK(bench.read().error().code == Errc::protocol);
  bench.files->heal();
  bench.tree.write(bench.block + "/stat", "nothing\n");
  CHECK(bench.read().error().code == Errc::protocol);
  CHECK(bench.asked() == 0);
}
