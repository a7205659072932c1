// SPDX-License-Identifier: MIT
#include <libmcu/kernel/fake_socket.hpp>

#include <libmcu/kernel/files.hpp>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace mcu {

bool is_fake(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

FakeSocket::~FakeSocket() {
  if (fd_ >= 0) ::close(fd_);
}

FakeSocket::FakeSocket(FakeSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      input_(std::move(other.input_)) {}

FakeSocket& FakeSocket::operator=(FakeSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  std::swap(input_, other.input_);
  return *this;
}

Result<FakeSocket> FakeSocket::connect(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return Error{Errc::failed, path + ": longer than a socket's name can be"};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  FakeSocket made;
  made.path_ = path;
  made.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made.fd_ < 0) return os_error(path, "no socket", errno);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(made.fd_, generic, sizeof address) != 0)
    return os_error(path, "cannot connect", errno == ECONNREFUSED ? ENODEV : errno);
  return made;
}

std::optional<std::string> FakeSocket::take_line() {
  const auto end = input_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = input_.substr(0, end);
  input_.erase(0, end + 1);
  return line;
}

FakeSocket::Got FakeSocket::receive() {
  std::array<char, 512> buffer{};
  ssize_t count = 0;
  do count = ::recv(fd_, buffer.data(), buffer.size(), MSG_DONTWAIT);
  while (count < 0 && errno == EINTR);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Got::nothing;
  if (count <= 0) return Got::end;
  input_.append(buffer.data(), static_cast<std::size_t>(count));
  return Got::bytes;
}

Result<std::string> FakeSocket::line() {
  using namespace std::chrono;
  const auto end = steady_clock::now() + seconds(1);
  for (;;) {
    if (auto one = take_line()) return std::move(*one);
    const Got got = receive();
    if (got == Got::end) return os_error(path_, "hung up", ENODEV);
    if (got == Got::bytes) continue;
    const auto left = duration_cast<milliseconds>(end - steady_clock::now()).count();
    if (left <= 0) return Error{Errc::timeout, path_ + ": says nothing"};
    pollfd one = {fd_, POLLIN, 0};
    ::poll(&one, 1, static_cast<int>(left));
  }
}

std::optional<std::vector<std::string>> FakeSocket::lines() {
  Got got = Got::bytes;
  while (got == Got::bytes) got = receive();
  std::vector<std::string> all;
  while (auto one = take_line()) all.push_back(std::move(*one));
  if (all.empty() && got == Got::end) return std::nullopt;
  return all;
}

bool FakeSocket::gone() const {
  pollfd one = {fd_, POLLIN, 0};
  return ::poll(&one, 1, 0) > 0 && (one.revents & (POLLHUP | POLLERR)) != 0;
}

Status FakeSocket::send(std::string_view line) {
  if (gone()) return os_error(path_, "hung up", ENODEV);
  const std::string text = std::string(line) + "\n";
  const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent == static_cast<ssize_t>(text.size())) return {};
  if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
    return os_error(path_, "hung up", ENODEV);
  return Error{Errc::failed, path_ + ": does not take what is sent"};
}

} // namespace mcu
