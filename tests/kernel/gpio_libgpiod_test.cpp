// SPDX-License-Identifier: MIT
// The contract on the code for the libgpiod of this build, with the library's functions played
// here: what an executable defines goes before what a shared library has.
//
// Why played: libgpiod 1.6 speaks the first line interface of the kernel, and the kernels of Debian
// that have gpio-sim, which could stand in for hardware, are built without it (forky's 7.2:
// GPIO_SIM yes, GPIO_CDEV_V1 no; 6.1 and 6.12: the other way round). libgpiod 2 is proved on a real
// gpio-sim by gpio_real.cpp; playing it here costs little and tests line_v2.cpp where no such
// kernel runs.
#include "gpio_contract.hpp"

#include "../common/temp_tree.hpp"

#include <libmcu/kernel/gpio_chips.hpp>

#include <gpiod.h>

#ifdef GPIOD_LINE_BULK_MAX_LINES // only 1.x has it
#include "gpiod_v1_fake.hpp"
#else
#include "gpiod_v2_fake.hpp"
#endif

using namespace mcu;
using gpio_contract::contains;

namespace {

class PlayedRig final : public gpio_contract::Rig {
public:
  PlayedRig() { return_chip(); }
  ~PlayedRig() override { gpiod_model::chips.clear(); }
  std::string root() const override { return tree_.root(); }
  std::string chip() const override { return "f1010100.gpio"; }
  unsigned lines() const override { return 4; }
  void drive(unsigned line, bool high) override {
    gpiod_model::from_outside(model_->lines.at(line), high);
  }
  bool level(unsigned line) override { return model_->lines.at(line).level(); }
  void remove_chip() override {
    gpiod_model::chips.clear();
    std::filesystem::remove(tree_.path("dev/gpiochip3"));
    gpiod_model::remove(*model_);
  }
  void return_chip() override {
    model_ = std::make_shared<gpiod_model::Chip>();
    model_->label = chip();
    model_->lines.resize(lines());
    gpiod_model::chips[tree_.write("dev/gpiochip3", "")] = model_;
  }
  gpiod_model::Line& line(unsigned number) { return model_->lines.at(number); }

private:
  TempTree tree_;
  std::shared_ptr<gpiod_model::Chip> model_;
};

} // namespace

std::unique_ptr<gpio_contract::Rig> gpio_contract::make_rig() {
  return std::make_unique<PlayedRig>();
}

TEST_CASE("the words for a busy line name its holder as the chip tells it") {
  PlayedRig rig;
  rig.line(2).held = true;
  rig.line(2).consumer = "reset";
  const auto line = open_input(rig.root(), {rig.chip(), 2, false}, "test");
  REQUIRE_FALSE(line.ok());
  CHECK(line.error().code == Errc::busy);
  CHECK(contains(line.error().what, "'reset'"));
}

TEST_CASE("a held line is shown with our name, and is free again after a failure") {
  PlayedRig rig;
  {
    const auto line = open_input(rig.root(), {rig.chip(), 0, false}, "nasmcu button copy");
    REQUIRE(line.ok());
    CHECK(rig.line(0).consumer == "nasmcu button copy");
  }
  CHECK_FALSE(rig.line(0).held);
  {
    const auto line = open_output(rig.root(), {rig.chip(), 1, false}, "nasmcu led usb");
    REQUIRE(line.ok());
    CHECK(rig.line(1).output);
  }
  CHECK_FALSE(rig.line(1).held);
}

TEST_CASE("many edges at once come all and in order") {
  PlayedRig rig;
  const auto line = gpio_contract::input(rig, 0);
  for (int i = 0; i < 50; ++i) rig.drive(0, i % 2 == 0);
  const auto edges = line->edges();
  REQUIRE(edges.ok());
  REQUIRE(edges->size() == 50);
  for (std::size_t i = 0; i < 50; ++i) CHECK((*edges)[i].active == (i % 2 == 0));
}

TEST_CASE("an edge's time that cannot be is taken as now") {
  using namespace std::chrono;
  const auto now = steady_clock::now();
  const auto since_1970 = duration_cast<nanoseconds>(system_clock::now().time_since_epoch());
  CHECK(edge_time(since_1970.count()) >= now);
  CHECK(edge_time(0) >= now - minutes(1));
  const auto just_now = duration_cast<nanoseconds>((now - milliseconds(5)).time_since_epoch());
  CHECK(edge_time(just_now.count()) == now - milliseconds(5));
}

#ifdef GPIOD_LINE_BULK_MAX_LINES
TEST_CASE("a kernel that cannot change a held line gets it let go and taken again") {
  gpiod_model::old_kernel = true;
  for (const bool high : {false, true}) {
    PlayedRig rig;
    rig.drive(1, high);
    const auto line = gpio_contract::output(rig, 1, true);
    CHECK(line->active() != high);
    CHECK(rig.level(1) == high);
    CHECK(rig.line(1).output);
    CHECK(line->set(high).ok());
    CHECK(rig.level(1) != high);
  }
  gpiod_model::old_kernel = false;
}
#endif
