// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <devices/loop.hpp>
#include <kernel/sys_tree.hpp>

#include <libmcu/devices/kernel_node.hpp>
#include <libmcu/kernel/find.hpp>

using namespace mcu;

namespace {

struct NodeBench : Loop {
  void look() { node.place(find_hwmon(*side.files, tree.root(), "qnapmcu")); }

  SysTree tree;
  KernelSide side{io.get_executor(), tree.root(), std::make_shared<FaultyFiles>()};
  KernelNode node{side};
};

} // namespace

TEST_CASE("a node that was not found answers with the reason") {
  NodeBench bench;
  CHECK_FALSE(bench.node.present());
  CHECK(bench.node.availability().reason == "not looked for yet");
  bench.look();
  CHECK(bench.node.availability().reason == "no hwmon chip 'qnapmcu': there is none");
  CHECK(bench.await(bench.node.number("pwm1")).error().code == Errc::unsupported);
  CHECK(bench.await(bench.node.write("pwm1", "1")).error().what ==
        "no hwmon chip 'qnapmcu': there is none");
}

TEST_CASE("files of a node are read and written") {
  NodeBench bench;
  const std::string place = bench.tree.hwmon(3, bench.tree.device("mcu", "platform"), "qnapmcu");
  bench.tree.write(place + "/pwm1", "77\n");
  bench.look();
  REQUIRE(bench.node.present());
  CHECK(bench.node.path() == bench.tree.path("sys/class/hwmon/hwmon3"));
  CHECK(*bench.await(bench.node.number("pwm1")) == 77);
  CHECK(*bench.await(bench.node.read("name")) == "qnapmcu");
  CHECK(bench.await(bench.node.write("pwm1", "128")).ok());
  CHECK(bench.tree.read(place + "/pwm1") == "128");
}

TEST_CASE("when the number goes to another chip, that one is not written") {
  NodeBench bench;
  const std::string place = bench.tree.hwmon(3, bench.tree.device("mcu", "platform"), "qnapmcu");
  bench.tree.write(place + "/pwm1", "77");
  bench.look();
  int looks = 0;
  bench.side.look_again = [&] {
    ++looks;
    bench.look();
  };
  bench.tree.remove("sys/devices/mcu");
  const std::string other = bench.tree.hwmon(3, bench.tree.device("gpu", "platform"), "gpu");
  bench.tree.write(other + "/pwm1", "20");
  CHECK(bench.await(bench.node.write("pwm1", "255")).error().code == Errc::unsupported);
  CHECK(bench.tree.read(other + "/pwm1") == "20");
  CHECK(looks == 1);
  CHECK(bench.node.availability().reason == "no hwmon chip 'qnapmcu': there is only 'gpu'");
}

TEST_CASE("a file that is missing from a node that is there is no reason to look again") {
  NodeBench bench;
  bench.tree.hwmon(3, bench.tree.device("mcu", "platform"), "qnapmcu");
  bench.look();
  int looks = 0;
  bench.side.look_again = [&] { ++looks; };
  CHECK(bench.await(bench.node.number("fan1_input")).error().code == Errc::unsupported);
  CHECK(looks == 0);
  CHECK(bench.node.present());
}
