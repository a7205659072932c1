// SPDX-License-Identifier: MIT
#include <alertd/smartctl.hpp>

#include <libmcu/kernel/worker.hpp>

#include <functional>
#include <utility>

namespace nasmcu::alertd {
namespace {

/// Longer than a disk takes to spin up: for a self-test, or should our knowledge of it be wrong.
constexpr std::chrono::seconds smartctl_limit{60};
constexpr std::size_t smartctl_most = 1 << 20;

} // namespace

Program smartctl_program(const AlertConfig& config, const std::string& root,
                         const std::vector<std::string>& options, const std::string& node) {
  Program program;
  program.words = {config.smartctl.empty() ? root + "/usr/sbin/smartctl" : config.smartctl, "-j"};
  program.words.insert(program.words.end(), options.begin(), options.end());
  program.words.push_back(root + node);
  program.patience = smartctl_limit;
  program.most = smartctl_most;
  return program;
}

ChildEnd child_end(const Ended& ended) {
  ChildEnd end;
  end.why = ended.missing ? "there is no smartctl: install smartmontools" : ended.why;
  switch (ended.how) {
  case Ended::How::exited: end.status = ended.status; break;
  case Ended::How::timed_out: end.how = ChildEnd::How::timed_out; break;
  case Ended::How::too_much_output: end.how = ChildEnd::How::too_much_output; break;
  default: end.how = ChildEnd::How::not_started; break;
  }
  return end;
}

mcu::Task<mcu::Result<std::string>> start_self_test(mcu::asio::any_io_executor executor,
                                                    std::shared_ptr<Children> children,
                                                    Program program, std::string kind,
                                                    std::string disk) {
  const auto worker = std::make_shared<mcu::Worker>(executor);
  const std::function<mcu::Result<Ended>()> job = [children, program] {
    return mcu::Result<Ended>(children->run(program));
  };
  const mcu::Result<Ended> ended = co_await worker->run<mcu::Result<Ended>>(job);
  if (!ended) co_return ended.error();
  const mcu::Status begun = parse_test_start(ended->output, child_end(*ended));
  if (!begun) co_return mcu::Error{begun.error().code, disk + ": " + begun.error().what};
  co_return "a " + kind + " self-test of " + disk +
      " has begun; how it ends is in a later reading (smartctl -l selftest tells how far it is)";
}

} // namespace nasmcu::alertd
