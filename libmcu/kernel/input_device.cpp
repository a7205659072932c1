// SPDX-License-Identifier: MIT
// Input devices through libevdev; a socket in place of the node is a fake one.
#include <libmcu/kernel/input_device.hpp>

#include <libmcu/kernel/fake_socket.hpp>
#include <libmcu/kernel/files.hpp>
#include <libmcu/kernel/input_fake.hpp>
#include <libmcu/link/descriptor.hpp>
#include <libmcu/model/text.hpp>

#include <libevdev/libevdev.h>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <optional>
#include <utility>

namespace mcu {
namespace {

struct FreeEvdev {
  void operator()(libevdev* device) const { libevdev_free(device); }
};
using Evdev = std::unique_ptr<libevdev, FreeEvdev>;

std::chrono::steady_clock::time_point time_of(const input_event& event) {
  return std::chrono::steady_clock::time_point(std::chrono::seconds(event.input_event_sec) +
                                               std::chrono::microseconds(event.input_event_usec));
}

class RealInput final : public InputDevice {
public:
  RealInput(std::string path, Descriptor fd, Evdev device)
      : path_(std::move(path)), fd_(std::move(fd)), device_(std::move(device)) {}

  int fd() const override { return fd_.get(); }

  bool has(InputCode code) const override {
    return libevdev_has_event_code(device_.get(), code.type, code.code) == 1;
  }

  /// As of the events told so far. Asking the kernel would throw away the ones that wait.
  Result<int> state(InputCode code) override {
    int value = 0;
    if (libevdev_fetch_event_value(device_.get(), code.type, code.code, &value) != 1)
      return Error{Errc::unsupported, path_ + " has no such key or switch"};
    return value;
  }

  Result<std::vector<InputEvent>> events() override {
    std::vector<InputEvent> all;
    unsigned mode = LIBEVDEV_READ_FLAG_NORMAL;
    for (;;) {
      input_event event = {};
      const int result = libevdev_next_event(device_.get(), mode, &event);
      if (result == -EAGAIN && mode == LIBEVDEV_READ_FLAG_NORMAL) return all;
      if (result == -EAGAIN) {
        mode = LIBEVDEV_READ_FLAG_NORMAL; // all that was lost has been made up
      } else if (result < 0) {
        return os_error(path_, "cannot read", -result);
      } else {
        if (result == LIBEVDEV_READ_STATUS_SYNC) mode = LIBEVDEV_READ_FLAG_SYNC;
        keep(event, all);
      }
    }
  }

  Status sound(InputCode code, int value) override {
    std::array<input_event, 2> frame{};
    frame[0].type = static_cast<std::uint16_t>(code.type);
    frame[0].code = static_cast<std::uint16_t>(code.code);
    frame[0].value = value;
    frame[1].type = EV_SYN;
    frame[1].code = SYN_REPORT;
    if (::write(fd_.get(), frame.data(), sizeof frame) != static_cast<ssize_t>(sizeof frame))
      return os_error(path_, "cannot sound", errno);
    return {};
  }

private:
  static void keep(const input_event& event, std::vector<InputEvent>& all) {
    constexpr int repeat = 2;
    const bool ours = event.type == EV_KEY || event.type == EV_SW;
    if (!ours || (event.type == EV_KEY && event.value == repeat)) return;
    all.push_back({{event.type, event.code}, event.value, time_of(event)});
  }

  std::string path_;
  Descriptor fd_;
  Evdev device_;
};

int open_node(const std::string& path) {
  constexpr int flags = O_NONBLOCK | O_CLOEXEC;
  const int fd = ::open(path.c_str(), O_RDWR | flags);
  // Who may only read can have keys, and no sounds.
  if (fd >= 0 || (errno != EACCES && errno != EROFS)) return fd;
  return ::open(path.c_str(), O_RDONLY | flags);
}

Result<std::unique_ptr<InputDevice>> open_real(const std::string& path) {
  Descriptor fd(open_node(path));
  if (fd.get() < 0) return os_error(path, "cannot open", errno);
  libevdev* made = nullptr;
  const int result = libevdev_new_from_fd(fd.get(), &made);
  if (result < 0) return os_error(path, "is no input device", -result);
  Evdev device(made);
  if (const int clock = libevdev_set_clock_id(device.get(), CLOCK_MONOTONIC); clock < 0)
    return os_error(path, "cannot count time from boot", -clock);
  return std::unique_ptr<InputDevice>(
      std::make_unique<RealInput>(path, std::move(fd), std::move(device)));
}

/// EV_KEY and so on by the beginning of a code's name.
std::optional<unsigned> type_of(std::string_view name) {
  if (name.starts_with("KEY_") || name.starts_with("BTN_")) return EV_KEY;
  if (name.starts_with("SW_")) return EV_SW;
  if (name.starts_with("SND_")) return EV_SND;
  return std::nullopt;
}

} // namespace

Result<InputCode> input_code(std::string_view name, bool as_switch) {
  const auto type = type_of(name);
  const int code = type ? libevdev_event_code_from_name(*type, std::string(name).c_str()) : -1;
  if (!type || code < 0)
    return Error{Errc::invalid_argument,
                 in_quotes(name) + " is no key, switch or sound: names are those of the kernel's "
                                   "input-event-codes.h, as KEY_POWER, BTN_0, SW_LID, SND_BELL"};
  if (as_switch && *type == EV_SND)
    return Error{Errc::invalid_argument, in_quotes(name) + " is a sound and cannot be a switch"};
  return InputCode{as_switch ? EV_SW : *type, static_cast<unsigned>(code)};
}

Result<std::unique_ptr<InputDevice>> open_input_device(const std::string& path) {
  return is_fake(path) ? open_fake_input(path) : open_real(path);
}

} // namespace mcu
