// SPDX-License-Identifier: MIT
// A disk's books, and now and then one block of it, read past every cache of the kernel in a thread
// of its own.
#include <watchdogd/checks.hpp>

#include <libmcu/devices/disk_activity.hpp>
#include <libmcu/kernel/find.hpp>
#include <libmcu/link/descriptor.hpp>
#include <libmcu/model/text.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace nasmcu::watchdogd {
namespace {

using Verdict = Sighting::Verdict;
using SteadyClock = std::chrono::steady_clock;

/// What O_DIRECT asks for on every disk of today.
constexpr std::size_t block_size = 4096;
// On a box of 32 bits too: a place that does not fit would look like a disk that cannot be read.
static_assert(sizeof(off_t) == 8, "build with _FILE_OFFSET_BITS=64");

struct Target {
  std::string node;   ///< "/dev/sda"
  std::string folder; ///< its folder in /sys, of the whole disk
};

/// The disk below ROOT/: the whole one, since that is what sleeps.
Result<Target> root_disk(const mcu::Files& files, const std::string& root) {
  struct stat info = {};
  if (::stat((root + "/").c_str(), &info) != 0) return mcu::os_error(root + "/", "stat", errno);
  const std::string link = root + "/sys/dev/block/" + std::to_string(major(info.st_dev)) + ":" +
                           std::to_string(minor(info.st_dev));
  std::string folder = files.resolve(link);
  if (folder.empty())
    return mcu::Error{mcu::Errc::unsupported,
                      "the root file system is not on one block device of its own"};
  if (files.exists(folder + "/partition")) folder.resize(folder.rfind('/'));
  return Target{root + "/dev/" + folder.substr(folder.rfind('/') + 1), folder};
}

Result<Target> bay_disk(const mcu::Files& files, const std::string& root, const std::string& port) {
  const auto disk = mcu::find_disk(files, root, port);
  if (!disk) return disk.error();
  return Target{root + "/dev/" + disk->name, disk->sysfs};
}

Result<DiskSeen> seen_of(const mcu::Files& files, const std::string& folder) {
  const auto activity = mcu::read_activity(files, folder);
  if (!activity) return activity.error();
  DiskSeen seen;
  seen.activity = *activity;
  // "READS WRITES" under way.
  for (const std::string& word : mcu::split_words(files.read(folder + "/inflight").value_or("")))
    seen.under_way += static_cast<std::uint64_t>(mcu::parse_integer(word).value_or(0));
  seen.spins = files.number(folder + "/queue/rotational").value_or(1) != 0;
  return seen;
}

/// Blocks. Another place each time, so that the disk's own cache does not answer for it. "" or
/// what went wrong.
std::string read_block(const std::string& node) {
  const mcu::Descriptor disk(::open(node.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC));
  if (disk.get() < 0) return std::string("it cannot be opened: ") + std::strerror(errno);
  std::uint64_t size = 0;
  (void)::ioctl(disk.get(), BLKGETSIZE64, &size);
  const std::uint64_t blocks = std::max<std::uint64_t>(size / block_size, 1);
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  // A multiplier without a pattern: where it lands does not matter, that it differs does.
  const std::uint64_t place =
      (static_cast<std::uint64_t>(now.tv_nsec) * 0x9E3779B97F4A7C15ULL >> 20U) % blocks;
  void* memory = std::aligned_alloc(block_size, block_size);
  if (memory == nullptr) return "no memory to read into";
  const ssize_t got =
      ::pread(disk.get(), memory, block_size, static_cast<off_t>(place * block_size));
  const int error = errno;
  std::free(memory);
  return got >= 0 ? "" : std::string("it cannot be read: ") + std::strerror(error);
}

class DiskCheck final : public Checking, public std::enable_shared_from_this<DiskCheck> {
public:
  DiskCheck(const CheckContext& context, std::string disk)
      : root_(context.root),
        disk_(std::move(disk)),
        pace_(usual_pace(context.config)),
        patience_(context.config.disk_timeout),
        worker_(context.executor),
        executor_(context.executor) {
    if (const mcu::BaySpec* bay = context.board.bay(disk_)) port_ = bay->port;
  }

  std::string name() const override { return disk_ == "root" ? "disk" : "disk-" + disk_; }
  seconds pace() const override { return pace_; }
  void stop() override { worker_.stop(); }
  bool root_rests() const override {
    return disk_ == "root" && patience_.rests(SteadyClock::now());
  }

  /// Never waits for the disk: a read under way is what the next look finds.
  Task<Sighting> look() override {
    const auto target = find();
    if (!target) co_return Sighting{Verdict::absent, target.error().what, {}, false};
    const auto seen = seen_of(files_, target->folder);
    if (!seen) co_return Sighting{Verdict::absent, seen.error().what, {}, false};
    const DiskPatience::Look look = patience_.look(*seen, SteadyClock::now());
    if (look.read)
      mcu::asio::co_spawn(executor_, read(shared_from_this(), *target), mcu::asio::detached);
    co_return look.sighting;
  }

private:
  Result<Target> find() const {
    if (disk_ == "root") return root_disk(files_, root_);
    if (port_.empty()) return mcu::Error{mcu::Errc::unsupported, "this board has no bay " + disk_};
    return bay_disk(files_, root_, port_);
  }

  static Task<void> read(std::shared_ptr<DiskCheck> self, Target target) {
    const std::function<Result<std::string>()> job = [node = target.node] {
      return Result<std::string>(read_block(node));
    };
    const Result<std::string> wrong = co_await self->worker_.run<Result<std::string>>(job);
    if (!wrong) co_return; // given up
    const auto after = seen_of(self->files_, target.folder);
    self->patience_.done(*wrong, after.value_or({}).activity, SteadyClock::now());
  }

  std::string root_, disk_, port_;
  seconds pace_;
  mcu::Files files_;
  DiskPatience patience_;
  mcu::Worker worker_;
  mcu::asio::any_io_executor executor_;
};

} // namespace

std::shared_ptr<Checking> make_disk_check(const CheckContext& context, const std::string& disk) {
  return std::make_shared<DiskCheck>(context, disk);
}

} // namespace nasmcu::watchdogd
