// SPDX-License-Identifier: MIT
// How full the local file systems are: what the kernel knows, no disk is read for it.
#include <alertd/filesystems.hpp>
#include <alertd/sources/source.hpp>

#include <common/text_file.hpp>
#include <libmcu/kernel/worker.hpp>

#include <sys/statvfs.h>

namespace nasmcu::alertd {
namespace {

std::optional<Space> space_of(const std::string& path) {
  struct statvfs info = {};
  if (::statvfs(path.c_str(), &info) != 0) return {};
  const auto unit = static_cast<std::uint64_t>(info.f_frsize);
  return Space{unit * info.f_blocks, unit * info.f_bavail, info.f_files, info.f_ffree};
}

Result<std::vector<Filesystem>> filesystems(const std::string& root) {
  const std::string path = root + "/proc/self/mountinfo";
  const auto text = read_text_file(path);
  if (!text) return mcu::Error{mcu::Errc::failed, "cannot read " + path};
  std::vector<Filesystem> all;
  for (Mount& mount : parse_mountinfo(*text)) {
    const auto space = space_of(root + mount.point);
    all.push_back({std::move(mount), space});
  }
  return all;
}

class FilesystemSource : public Source {
public:
  explicit FilesystemSource(const SourceContext& context)
      : root_(context.root), limits_(context.config.space), worker_(context.executor) {}

  std::chrono::seconds pause() const override { return std::chrono::seconds(60); }
  void stop() override { worker_.stop(); }

  Task<std::optional<std::vector<Finding>>> look() override {
    const std::function<Result<std::vector<Filesystem>>()> job = [root = root_] {
      return filesystems(root);
    };
    const Result<std::vector<Filesystem>> all =
        co_await worker_.run<Result<std::vector<Filesystem>>>(job);
    if (!all) co_return std::nullopt;
    standing_ = judge_filesystems(*all, limits_, standing_);
    co_return standing_;
  }

private:
  std::string root_;
  SpaceLimits limits_;
  mcu::Worker worker_; ///< statvfs(3) waits for a file system that hangs
  std::vector<Finding> standing_;
};

} // namespace

const SourceMaker filesystem_source = {"fs",
                                       [](const SourceContext& context) -> std::unique_ptr<Source> {
                                         return std::make_unique<FilesystemSource>(context);
                                       }};

} // namespace nasmcu::alertd
