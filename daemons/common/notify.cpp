// SPDX-License-Identifier: MIT
#include <common/notify.hpp>

#include <libmcu/model/text.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace nasmcu {

void notify(std::string_view message) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  sockaddr_un address{};
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0'; // the abstract name space
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  // A full or vanished socket is the service manager's trouble: a daemon must not wait for it.
  (void)::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), size);
  ::close(fd);
}

std::optional<std::chrono::microseconds> watchdog_interval() {
  const char* usec = std::getenv("WATCHDOG_USEC");
  if (usec == nullptr) return {};
  // Inherited by a child, the variables speak of its parent.
  const char* pid = std::getenv("WATCHDOG_PID");
  if (pid != nullptr && mcu::parse_integer(pid) != static_cast<long>(::getpid())) return {};
  const auto value = mcu::parse_integer(usec);
  if (!value || *value <= 0) return {};
  return std::chrono::microseconds(*value / 2);
}

} // namespace nasmcu
