// SPDX-License-Identifier: MIT
// SMART through smartctl, each disk in a child of its own, and only when DiskWatch says so.
#include <alertd/smartctl.hpp>
#include <alertd/sources/find_disks.hpp>
#include <alertd/sources/source.hpp>

#include <libmcu/devices/disk_activity.hpp>
#include <libmcu/kernel/worker.hpp>

#include <spdlog/spdlog.h>

#include <map>
#include <utility>

namespace nasmcu::alertd {
namespace {

class SmartSource : public Source {
public:
  explicit SmartSource(const SourceContext& context) : context_(context), search_(context.root) {}
  ~SmartSource() override { *alive_ = false; }

  /// More often than a disk's shortest usual spin-down time, so that the gate sees when it was
  /// used.
  std::chrono::seconds pause() const override { return std::chrono::seconds(60); }

  Task<std::optional<std::vector<Finding>>> look() override {
    const auto now = context_.clocks.steady();
    const WallTime wall = context_.clocks.wall();
    find_poller();
    const auto disks = find_disks(mcu::Files(), context_.root, context_.board);
    for (const SeenDisk& disk : context_.disks.look(disks, now, wall))
      mcu::asio::co_spawn(context_.executor, read(disk, alive_), mcu::asio::detached);
    co_return context_.disks.findings(now, wall);
  }

  void stop() override {
    for (const auto& [path, worker] : workers_) {
      worker->stop();
      context_.disks.give_up(path);
    }
  }

private:
  /// Who of the two reads, said when it changes.
  void find_poller() {
    context_.smartd = search_.look();
    context_.disks.leave_to_smartd(smartd_polls(context_.config.poller, context_.smartd));
    const std::string words = poller_words(context_.config.poller, context_.smartd);
    if (std::exchange(said_, words) == words) return;
    if (words.empty())
      spdlog::info("smartd does not run: nas-alertd reads the disks");
    else
      spdlog::warn("{}", words);
  }

  Program program_for(const SeenDisk& disk) const {
    // "-n standby": should it sleep after all, it is left alone.
    return smartctl_program(context_.config, context_.root,
                            {"-n", "standby", "-i", "-H", "-A", "-l", "selftest", "-l", "error"},
                            disk.node);
  }

  /// A thread for each disk, so that one that hangs holds up no other.
  Task<void> read(SeenDisk disk, std::shared_ptr<bool> alive) {
    auto& worker = workers_[disk.path];
    if (!worker) worker = std::make_shared<mcu::Worker>(context_.executor);
    const auto kept = worker;
    const std::function<Result<Ended>()> job = [children = context_.children,
                                                program = program_for(disk)] {
      return Result<Ended>(children->run(program));
    };
    const Result<Ended> ended = co_await kept->run<Result<Ended>>(job);
    if (!*alive) co_return;
    workers_.erase(disk.path);
    if (!ended) { // no thread for it; a later look tries again
      spdlog::warn("{}: not read: {}", disk.node, ended.error().what);
      context_.disks.give_up(disk.path);
      co_return;
    }
    const SmartReport report = parse_smart(ended->output, child_end(*ended));
    const auto after = mcu::read_activity(mcu::Files(), disk.path);
    context_.disks.done(disk.path, report, after ? *after : disk.activity, context_.clocks.steady(),
                        context_.clocks.wall());
    if (hurry) hurry();
  }

  SourceContext context_;
  SmartdSearch search_;
  std::string said_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::string, std::shared_ptr<mcu::Worker>> workers_; ///< by the disk's path
};

} // namespace

const SourceMaker smart_source = {"disk",
                                  [](const SourceContext& context) -> std::unique_ptr<Source> {
                                    return std::make_unique<SmartSource>(context);
                                  }};

} // namespace nasmcu::alertd
