// SPDX-License-Identifier: MIT
// [Alert NAME]: the owner's own checks, each at its own pace.
#include <alertd/sources/source.hpp>

#include <libmcu/kernel/worker.hpp>
#include <libmcu/model/text.hpp>

#include <sys/stat.h>

#include <algorithm>

namespace nasmcu::alertd {
namespace {

Finding finding_for(const UserCheck& check, const std::string& subject, const std::string& text) {
  Finding finding;
  finding.id = "check." + check.name;
  finding.severity = check.severity;
  finding.subject = "check " + check.name + ": " + subject;
  finding.text = text;
  finding.state = "wrong";
  return finding;
}

std::string first_line(const std::string& text) {
  const std::string line(mcu::trim(text.substr(0, text.find('\n'))));
  return line.substr(0, 120);
}

struct Looked {
  std::vector<Finding> findings;
};

/// Blocks.
std::vector<Finding> look_at(const UserCheck& check, Children& children) {
  if (!check.file.empty()) {
    struct stat info = {};
    if (::stat(check.file.c_str(), &info) != 0) return {};
    return {finding_for(check, check.file + " is there", "It stands until the file is removed.")};
  }
  Program program;
  program.words = check.command;
  program.patience = check.limit;
  program.errors = true;
  program.of_owner = true;
  const Ended ended = children.run(program);
  // What floods us has said enough.
  if (ended.how == Ended::How::exited && ended.status == 0) return {};
  const std::string said = first_line(ended.output);
  return {finding_for(check, said.empty() ? ended.why : said, ended.why + "\n" + ended.output)};
}

class CheckSource : public Source {
public:
  explicit CheckSource(const SourceContext& context)
      : children_(context.children),
        alive_(std::make_shared<bool>(true)),
        executor_(context.executor),
        clocks_(context.clocks) {
    for (const UserCheck& check : context.config.checks)
      checks_.push_back(std::make_unique<Check>(check, executor_));
  }
  ~CheckSource() override { *alive_ = false; }

  std::chrono::seconds pause() const override {
    if (checks_.empty()) return std::chrono::hours(24);
    auto next = std::chrono::steady_clock::time_point::max();
    for (const auto& check : checks_) next = std::min(next, check->due);
    const auto left = std::chrono::ceil<std::chrono::seconds>(next - clocks_.steady());
    return std::clamp(left, std::chrono::seconds(1), std::chrono::seconds(86400));
  }

  Task<std::optional<std::vector<Finding>>> look() override {
    std::vector<Finding> all;
    bool known = true;
    for (const auto& check : checks_) {
      if (!check->busy && clocks_.steady() >= check->due)
        mcu::asio::co_spawn(executor_, run(*check, alive_), mcu::asio::detached);
      if (!check->findings)
        known = false;
      else
        all.insert(all.end(), check->findings->begin(), check->findings->end());
    }
    if (!known) co_return std::nullopt;
    co_return all;
  }

  void stop() override {
    for (const auto& check : checks_) check->worker.stop();
  }

private:
  struct Check {
    Check(const UserCheck& of, const mcu::asio::any_io_executor& executor)
        : spec(of), worker(executor) {}
    UserCheck spec;
    mcu::Worker worker;
    std::chrono::steady_clock::time_point due{};
    bool busy = false;
    std::optional<std::vector<Finding>> findings;
  };

  Task<void> run(Check& check, std::shared_ptr<bool> alive) {
    check.busy = true;
    check.due = clocks_.steady() + check.spec.every;
    const std::function<Result<Looked>()> job = [children = children_, spec = check.spec] {
      return Result<Looked>(Looked{look_at(spec, *children)});
    };
    const Result<Looked> looked = co_await check.worker.run<Result<Looked>>(job);
    if (!*alive) co_return;
    check.busy = false;
    if (looked) check.findings = looked->findings;
    if (hurry) hurry();
  }

  std::shared_ptr<Children> children_;
  std::shared_ptr<bool> alive_;
  mcu::asio::any_io_executor executor_;
  Clocks clocks_;
  std::vector<std::unique_ptr<Check>> checks_;
};

} // namespace

const SourceMaker check_source = {"check",
                                  [](const SourceContext& context) -> std::unique_ptr<Source> {
                                    return std::make_unique<CheckSource>(context);
                                  }};

} // namespace nasmcu::alertd
