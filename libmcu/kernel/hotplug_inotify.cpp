// SPDX-License-Identifier: MIT
// Devices of another root: files and folders that come and go in the places where sysfs and /dev
// would have them.
#include <libmcu/kernel/hotplug_source.hpp>

#include <libmcu/kernel/files.hpp>

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <string_view>

namespace mcu {
namespace {

/// A device is an entry of one of these.
constexpr std::array<std::string_view, 12> homes = {
    "/sys/class/hwmon",
    "/sys/class/leds",
    "/sys/class/thermal",
    "/sys/class/input",
    "/sys/class/rtc",
    "/sys/class/watchdog",
    "/sys/class/ata_port",
    "/sys/class/gpio",
    "/sys/block",
    "/sys/bus/serial/devices",
    "/dev",
    "/dev/input",
};

constexpr std::uint32_t coming = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;

/// The files that say what a device is: one that is written late makes it known late.
bool is_name_file(std::string_view name) {
  return name == "name" || name == "type" || name == "identity";
}

class InotifySource final : public HotPlugSource {
public:
  explicit InotifySource(std::string root)
      : root_(std::move(root)), fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    renew();
  }
  ~InotifySource() override {
    if (fd_ >= 0) ::close(fd_);
  }
  InotifySource(const InotifySource&) = delete;
  InotifySource& operator=(const InotifySource&) = delete;

  int fd() const override { return fd_; }

  bool take() override {
    bool found = false;
    alignas(inotify_event) std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t count = ::read(fd_, buffer.data(), buffer.size());
      if (count <= 0) return found;
      for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
        inotify_event event = {};
        std::memcpy(&event, buffer.data() + at, sizeof event);
        const char* name = event.len > 0 ? buffer.data() + at + sizeof event : "";
        if (matters(event, name)) found = true;
        at += sizeof event + event.len;
      }
    }
  }

  /// Each home, the folders that lead to it (it may come later), and the devices in it.
  void renew() override {
    for (const std::string_view home : homes) {
      for (std::size_t slash = 0; slash != std::string_view::npos;
           slash = home.find('/', slash + 1))
        watch(std::string(home.substr(0, slash)), coming);
      watch(std::string(home), coming);
      if (home.starts_with("/dev")) continue;
      for (const std::string& device : Files().list(root_ + std::string(home)))
        watch(std::string(home) + "/" + device, coming | IN_CLOSE_WRITE);
    }
  }

private:
  void watch(const std::string& folder, std::uint32_t what) {
    const std::string path = root_ + folder;
    const int id = ::inotify_add_watch(fd_, path.empty() ? "/" : path.c_str(), what);
    if (id >= 0) folders_[id] = folder;
  }

  bool matters(const inotify_event& event, std::string_view name) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
    const auto folder = folders_.find(event.wd);
    if (folder == folders_.end()) return false;
    if ((event.mask & IN_IGNORED) != 0) {
      folders_.erase(folder); // it went itself, as its parent tells
      return false;
    }
    if ((event.mask & IN_CLOSE_WRITE) != 0) return is_name_file(name);
    return leads_to_home(folder->second, name);
  }

  /// In a home or a device anything; above only what is on the way to a home.
  static bool leads_to_home(const std::string& folder, std::string_view name) {
    const std::string path = folder + "/" + std::string(name);
    return std::any_of(homes.begin(), homes.end(), [&](std::string_view home) {
      return folder.starts_with(home) || home == path ||
             (home.starts_with(path) && home[path.size()] == '/');
    });
  }

  std::string root_;
  int fd_;
  std::map<int, std::string> folders_; ///< what is watched, without the root
};

} // namespace

std::unique_ptr<HotPlugSource> make_inotify_source(const std::string& root) {
  auto source = std::make_unique<InotifySource>(root);
  if (source->fd() < 0) return nullptr;
  return source;
}

} // namespace mcu
