// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <devices/loop.hpp>
#include <kernel/sys_tree.hpp>

#include <libmcu/devices/kernel_side.hpp>
#include <libmcu/devices/registry.hpp>

using namespace mcu;

namespace {

struct ZoneBench : Loop {
  ZoneBench() {
    SensorSpec spec;
    spec.name = "cpu";
    spec.device = {"thermal", "cpu-thermal", {}};
    const BackendContext context{io.get_executor(), nullptr, nullptr, &side};
    sensor = backend_for("thermal").sensor(context, spec);
    REQUIRE(sensor);
  }
  Result<Celsius> read() { return await(sensor->read()); }

  SysTree tree;
  std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
  KernelSide side{io.get_executor(), tree.root(), files};
  std::unique_ptr<Sensor> sensor;
};

} // namespace

TEST_CASE("a thermal zone's temperature is in degrees") {
  ZoneBench bench;
  bench.tree.zone(0, "gpu-thermal", "99000");
  bench.tree.zone(3, "cpu-thermal", "41250");
  bench.sensor->refresh();
  CHECK(bench.sensor->availability().present);
  CHECK(*bench.read() == Celsius{41.25});
  bench.tree.zone(3, "cpu-thermal", "-5000");
  CHECK(*bench.read() == Celsius{-5});
}

TEST_CASE("a zone that is not there is a state with a reason, until it comes") {
  ZoneBench bench;
  CHECK_FALSE(bench.sensor->availability().present);
  CHECK_FALSE(bench.sensor->availability().reason.empty());
  bench.sensor->refresh();
  CHECK(bench.sensor->availability().reason == "no thermal zone 'cpu-thermal': there is none");
  const auto none = bench.read();
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::unsupported);
  CHECK_THAT(none.error().what,
             ContainsSubstring("sensor cpu") && ContainsSubstring("no thermal zone"));
  bench.tree.zone(1, "cpu-thermal", "40000");
  bench.sensor->refresh();
  CHECK(bench.sensor->availability().present);
  CHECK(bench.sensor->availability().reason.empty());
  CHECK(*bench.read() == Celsius{40});
  bench.sensor->close();
  CHECK_FALSE(bench.sensor->availability().present);
}

TEST_CASE("a zone that goes makes everybody look again; a failing one does not") {
  ZoneBench bench;
  int looks = 0;
  bench.side.look_again = [&] {
    ++looks;
    bench.sensor->refresh();
  };
  bench.tree.zone(1, "cpu-thermal", "40000");
  bench.sensor->refresh();
  bench.files->fail("/temp", EIO);
  CHECK(bench.read().error().code == Errc::protocol);
  bench.files->fail("/temp", ENODEV);
  CHECK(bench.read().error().code == Errc::unsupported);
  CHECK(looks == 0);
  CHECK(bench.sensor->availability().present);
  bench.files->heal();
  bench.tree.remove("sys/class/thermal/thermal_zone1");
  bench.tree.remove("sys/devices/virtual/thermal/thermal_zone1");
  CHECK(bench.read().error().code == Errc::unsupported);
  CHECK(looks == 1);
  CHECK_FALSE(bench.sensor->availability().present);
}

TEST_CASE("a temperature that cannot be is an error and never a number") {
  ZoneBench bench;
  for (const char* good : {"-40000", "120000", "0"}) {
    bench.tree.zone(0, "cpu-thermal", good);
    bench.sensor->refresh();
    CHECK(bench.read().ok());
  }
  for (const char* bad : {"-40001", "120001", "-274000", "2147483647", "", "40.0"}) {
    CAPTURE(bad);
    bench.tree.zone(0, "cpu-thermal", bad);
    const auto reading = bench.read();
    REQUIRE_FALSE(reading);
    CHECK(reading.error().code == Errc::protocol);
    CHECK_THAT(reading.error().what, ContainsSubstring("sensor cpu"));
  }
}
