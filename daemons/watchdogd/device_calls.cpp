// SPDX-License-Identifier: MIT
#include <watchdogd/device_calls.hpp>

#include <libmcu/kernel/fake_socket.hpp>
#include <libmcu/link/descriptor.hpp>
#include <libmcu/model/text.hpp>

#include <linux/watchdog.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace nasmcu::watchdogd {
namespace {

const char* const busy_words =
    ": another process has it, most likely systemd (RuntimeWatchdogSec in "
    "/etc/systemd/system.conf) or the watchdog package. It stays with that one; checks and alerts "
    "go on here, and nothing is reset by nas-watchdogd";

class RealCalls final : public DeviceCalls {
public:
  explicit RealCalls(int fd) : file_(fd) {}

  mcu::Result<Support> support() override {
    watchdog_info info = {};
    if (::ioctl(file_.get(), WDIOC_GETSUPPORT, &info) != 0) return refused();
    const auto* text = reinterpret_cast<const char*>(info.identity);
    return Support{std::string(text, ::strnlen(text, sizeof info.identity)), info.options};
  }
  mcu::Result<int> set_timeout(int time) override { return number(WDIOC_SETTIMEOUT, time); }
  mcu::Result<int> timeout() override { return number(WDIOC_GETTIMEOUT, 0); }
  mcu::Result<int> set_pretimeout(int time) override { return number(WDIOC_SETPRETIMEOUT, time); }
  mcu::Result<int> boot_status() override { return number(WDIOC_GETBOOTSTATUS, 0); }
  bool feed() noexcept override {
    int unused = 0;
    return ::ioctl(file_.get(), WDIOC_KEEPALIVE, &unused) == 0;
  }
  bool allow_stop() noexcept override { return ::write(file_.get(), "V", 1) == 1; }

private:
  static mcu::Error refused() { return {mcu::Errc::failed, std::strerror(errno)}; }
  mcu::Result<int> number(unsigned long request, int value) {
    if (::ioctl(file_.get(), request, &value) != 0) return refused();
    return value;
  }
  mcu::Descriptor file_;
};

class FakeCalls final : public DeviceCalls {
public:
  explicit FakeCalls(mcu::FakeSocket socket) : socket_(std::move(socket)) {}

  mcu::Result<Support> support() override {
    const auto said = ask("support");
    if (!said) return said.error();
    const auto blank = std::min(said->find(' '), said->size());
    Support support;
    support.options = static_cast<unsigned>(mcu::parse_integer(said->substr(0, blank)).value_or(0));
    support.identity = said->substr(std::min(blank + 1, said->size()));
    return support;
  }
  mcu::Result<int> set_timeout(int time) override {
    return number("timeout " + std::to_string(time));
  }
  mcu::Result<int> timeout() override { return number("timeout"); }
  mcu::Result<int> set_pretimeout(int time) override {
    return number("pretimeout " + std::to_string(time));
  }
  mcu::Result<int> boot_status() override { return number("boot-status"); }
  bool feed() noexcept override { return put("feed\n", 5); }
  bool allow_stop() noexcept override { return put("V\n", 2); }

private:
  bool put(const char* text, std::size_t size) noexcept {
    const ssize_t sent = ::send(socket_.fd(), text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == static_cast<ssize_t>(size);
  }
  /// What stands behind the first word of the answer.
  mcu::Result<std::string> ask(const std::string& line) {
    const mcu::Status sent = socket_.send(line);
    if (!sent) return sent.error();
    const auto said = socket_.line();
    if (!said) return said.error();
    const auto blank = std::min(said->find(' '), said->size());
    const std::string rest = said->substr(std::min(blank + 1, said->size()));
    if (said->starts_with("error")) return mcu::Error{mcu::Errc::failed, rest};
    return rest;
  }
  mcu::Result<int> number(const std::string& line) {
    const auto said = ask(line);
    if (!said) return said.error();
    const auto value = mcu::parse_integer(*said);
    if (!value) return mcu::Error{mcu::Errc::protocol, "no number: " + *said};
    return static_cast<int>(*value);
  }
  mcu::FakeSocket socket_;
};

} // namespace

mcu::Result<std::unique_ptr<DeviceCalls>> open_real(const std::string& node,
                                                    const std::string& root) {
  if (!root.empty())
    return mcu::Error{::access(node.c_str(), F_OK) == 0 ? mcu::Errc::denied
                                                        : mcu::Errc::unsupported,
                      node + ": there is no fake, and below another root nothing else is opened"};
  const int fd = ::open(node.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0 && errno == EBUSY) return mcu::Error{mcu::Errc::busy, node + busy_words};
  if (fd < 0) return mcu::os_error(node, "cannot open", errno);
  return std::unique_ptr<DeviceCalls>(std::make_unique<RealCalls>(fd));
}

mcu::Result<std::unique_ptr<DeviceCalls>> open_fake(const std::string& node) {
  auto socket = mcu::FakeSocket::connect(node);
  if (!socket) return socket.error();
  const auto first = socket->line();
  if (!first) return first.error();
  if (*first == "busy") return mcu::Error{mcu::Errc::busy, node + busy_words};
  return std::unique_ptr<DeviceCalls>(std::make_unique<FakeCalls>(std::move(*socket)));
}

} // namespace nasmcu::watchdogd
