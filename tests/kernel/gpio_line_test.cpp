// SPDX-License-Identifier: MIT
// The contract on the documented fake, and how a chip is found.
#include "gpio_contract.hpp"

#include "../common/temp_tree.hpp"
#include "fake_chip.hpp"

#include <optional>

using namespace mcu;
using gpio_contract::contains;

namespace {

class FakeRig final : public gpio_contract::Rig {
public:
  FakeRig() { return_chip(); }
  std::string root() const override { return tree_.root(); }
  std::string chip() const override { return "f1010100.gpio"; }
  unsigned lines() const override { return 4; }
  void drive(unsigned line, bool high) override { chip_->drive(line, high); }
  bool level(unsigned line) override { return chip_->level(line); }
  void remove_chip() override { chip_.reset(); }
  void return_chip() override { chip_.emplace(tree_.path("dev/gpiochip0"), chip(), lines()); }

private:
  TempTree tree_;
  std::optional<FakeChip> chip_;
};

} // namespace

std::unique_ptr<gpio_contract::Rig> gpio_contract::make_rig() {
  return std::make_unique<FakeRig>();
}

TEST_CASE("a chip is found by its label, whatever its number") {
  const TempTree tree;
  FakeChip other(tree.path("dev/gpiochip0"), "other", 2);
  FakeChip wanted(tree.path("dev/gpiochip12"), "wanted", 2);
  wanted.drive(1, true);
  const auto line = open_input(tree.root(), {"wanted", 1, false}, "test");
  REQUIRE(line.ok());
  CHECK((*line)->active().value_or(false));
  CHECK(wanted.held(1));
  CHECK_FALSE(other.held(1));
}

TEST_CASE("several chips of one label are an error that lists them") {
  const TempTree tree;
  FakeChip one(tree.path("dev/gpiochip0"), "twin", 2);
  FakeChip two(tree.path("dev/gpiochip1"), "twin", 2);
  const auto line = open_input(tree.root(), {"twin", 0, false}, "test");
  REQUIRE_FALSE(line.ok());
  CHECK(contains(line.error().what, "/dev/gpiochip0"));
  CHECK(contains(line.error().what, "/dev/gpiochip1"));
  CHECK_FALSE(one.held(0));
}

TEST_CASE("without any chip, and with one that does not answer, the words say so") {
  const TempTree tree;
  const auto none = open_output(tree.root(), {"gpio0", 0, false}, "test");
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().code == Errc::unsupported);
  CHECK(contains(none.error().what, "there is none"));

  tree.write("dev/gpiochip0", "this is no chip\n");
  const auto odd = open_output(tree.root(), {"gpio0", 0, false}, "test");
  REQUIRE_FALSE(odd.ok());
  CHECK(odd.error().code == Errc::unsupported);
  CHECK(contains(odd.error().what, "/dev/gpiochip0"));
}

TEST_CASE("a fake that dies in the middle of an answer is not waited for") {
  class Mute : public LineServer {
  public:
    explicit Mute(std::string path) : LineServer(std::move(path)) { start(); }
    ~Mute() override { stop(); }

  protected:
    void greet(int client) override { say(client, "gpiochip half 2"); }
    void heard(int client, const std::string&) override { ::shutdown(client, SHUT_RDWR); }
    void left(int) override {}
  };
  const TempTree tree;
  Mute mute(tree.path("dev/gpiochip0"));
  const auto line = open_input(tree.root(), {"half", 0, false}, "test");
  REQUIRE_FALSE(line.ok());
  CHECK(line.error().code == Errc::unsupported);
}
