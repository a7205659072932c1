// SPDX-License-Identifier: MIT
// md arrays, with the kernel's own word when one changes.
#include <alertd/md.hpp>
#include <alertd/sources/find_disks.hpp>
#include <alertd/sources/source.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

namespace nasmcu::alertd {
namespace {

/// A file of sysfs whose changes the kernel announces (POLLPRI). Each must be read once before.
class Watched {
public:
  Watched(const mcu::asio::any_io_executor& executor, int fd, std::function<void()> changed)
      : file_(executor, fd), changed_(std::move(changed)) {
    char ignored = 0;
    (void)!::pread(fd, &ignored, 1, 0);
    wait();
  }

private:
  void wait() {
    file_.async_wait(mcu::asio::posix::stream_descriptor::wait_error,
                     [this](const boost::system::error_code& error) {
                       // Read again by look(), which also replaces this watch.
                       if (!error) changed_();
                     });
  }
  mcu::asio::posix::stream_descriptor file_;
  std::function<void()> changed_;
};

class MdSource : public Source {
public:
  explicit MdSource(const SourceContext& context) : context_(context) {}

  /// The kernel tells of changes; progress and what it forgets to tell need no hurry.
  std::chrono::seconds pause() const override {
    return std::chrono::seconds(waiting_ ? 5 : rebuilding_ ? 15 : 60);
  }
  void stop() override { watched_.clear(); }

  Task<std::optional<std::vector<Finding>>> look() override {
    const mcu::Files files;
    // Watched before they are read, so that no change falls between.
    watch(files);
    const auto arrays = read_arrays(files, context_.root);
    rebuilding_ = std::any_of(arrays.begin(), arrays.end(),
                              [](const MdArray& array) { return array.done.has_value(); });
    const std::vector<PresentDisk> disks = present();
    std::vector<Finding> findings = judge_arrays(arrays, [&disks](const std::string& name) {
      for (const PresentDisk& disk : disks)
        if (disk.name == name) return DiskOf{disk.bay, disk.serial};
      return DiskOf{};
    });
    context_.roster.note(arrays, disks);
    for (Finding& one : context_.roster.lost(arrays, disks)) findings.push_back(std::move(one));
    wait_and_see(findings);
    co_return findings;
  }

private:
  std::vector<PresentDisk> present() const {
    std::vector<PresentDisk> disks;
    const std::string_view folder = "/dev/";
    for (const DiskState& state : context_.disks.states({}))
      if (state.seen.node.starts_with(folder))
        disks.push_back({state.seen.node.substr(folder.size()), state.seen.bay, state.serial});
    return disks;
  }

  /// An array that is just being put together is down for a moment: that counts when it is still so
  /// at the next look.
  void wait_and_see(std::vector<Finding>& findings) {
    std::set<std::string> down;
    for (const Finding& finding : findings)
      if (finding.id.ends_with(".down")) down.insert(finding.id);
    std::erase_if(findings, [this, &down](const Finding& finding) {
      return down.contains(finding.id) && !down_.contains(finding.id);
    });
    waiting_ = !std::includes(down_.begin(), down_.end(), down.begin(), down.end());
    down_ = std::move(down);
  }

  void watch(const mcu::Files& files) {
    watched_.clear();
    if (!context_.root.empty()) return; // ordinary files announce nothing
    for (const std::string& name : files.list("/sys/block")) {
      const std::string md = "/sys/block/" + name + "/md";
      if (!name.starts_with("md") || !files.exists(md)) continue;
      for (const char* file : {"/array_state", "/degraded", "/sync_action"}) watch(md + file);
      for (const std::string& member : files.list(md))
        if (member.starts_with("dev-")) watch(md + "/" + member + "/state");
    }
  }
  void watch(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    try {
      watched_.push_back(std::make_unique<Watched>(context_.executor, fd, [this] {
        if (hurry) hurry();
      }));
    } catch (const boost::system::system_error&) {
      ::close(fd); // a file that cannot be polled; it is looked at all the same
    }
  }

  SourceContext context_;
  std::vector<std::unique_ptr<Watched>> watched_;
  std::set<std::string> down_; ///< arrays that were down at the last look
  bool waiting_ = false;       ///< ... and whether that was news
  bool rebuilding_ = false;
};

} // namespace

const SourceMaker md_source = {"md", [](const SourceContext& context) -> std::unique_ptr<Source> {
                                 return std::make_unique<MdSource>(context);
                               }};

} // namespace nasmcu::alertd
