// SPDX-License-Identifier: MIT
#include <watchdogd/checks.hpp>

#include <algorithm>

namespace nasmcu::watchdogd {
namespace {

/// The owner's own test: exit status 0 is good, as with watchdog(8).
class TestCheck final : public Checking {
public:
  explicit TestCheck(const CheckContext& context)
      : config_(context.config), children_(context.children), worker_(context.executor) {}

  std::string name() const override { return "test"; }
  seconds pace() const override { return config_.test_every; }
  void stop() override { worker_.stop(); }

  Task<Sighting> look() override {
    Program program;
    program.words = config_.test;
    program.patience = config_.test_timeout;
    program.errors = true;
    program.of_owner = true;
    const std::function<Result<Ended>()> job = [children = children_, program] {
      return Result<Ended>(children->run(program));
    };
    const Result<Ended> ended = co_await worker_.run<Result<Ended>>(job);
    Sighting sighting{Sighting::Verdict::passes, "exit status 0", {}, false};
    // What is said of an error matters; that much was said does not.
    const bool good = ended && ended->how == Ended::How::exited && ended->status == 0;
    if (!good) sighting.verdict = Sighting::Verdict::fails;
    if (!good) sighting.why = ended ? ended->why : ended.error().what;
    co_return sighting;
  }

private:
  WatchdogConfig config_;
  std::shared_ptr<Children> children_;
  mcu::Worker worker_;
};

} // namespace

seconds usual_pace(const WatchdogConfig& config) {
  return std::clamp(config.grace / 3, seconds(1), seconds(10));
}

std::shared_ptr<Checking> make_test_check(const CheckContext& context) {
  return std::make_shared<TestCheck>(context);
}

std::vector<std::shared_ptr<Checking>> make_checks(const CheckContext& context) {
  std::vector<std::shared_ptr<Checking>> all;
  const WatchdogConfig& config = context.config;
  if (config.keepalive_only) return all;
  if (config.checks.contains("fan") && !context.board.fans.empty())
    all.push_back(make_fan_check(context));
  if (config.checks.contains("mcu") && context.board.mcu) all.push_back(make_mcu_check(context));
  if (config.checks.contains("disk"))
    for (const std::string& disk : config.disks) all.push_back(make_disk_check(context, disk));
  if (config.checks.contains("test") && !config.test.empty())
    all.push_back(make_test_check(context));
  return all;
}

} // namespace nasmcu::watchdogd
