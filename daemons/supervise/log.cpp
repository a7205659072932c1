// SPDX-License-Identifier: MIT
#include <supervise/log.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cstring>

namespace nasmcu::supervise {

void Log::to_system(const std::string& socket) { socket_ = socket; }

void Log::tell(int priority, std::string_view words) const {
  send(priority, "nasmcu-supervise[" + std::to_string(::getpid()) + "]",
       name_ + ": " + std::string(words));
}

void Log::pass_on(pid_t daemon, std::string_view line) const {
  int priority = LOG_INFO;
  // "<4>words"
  if (line.size() > 3 && line[0] == '<' && line[1] >= '0' && line[1] <= '7' && line[2] == '>') {
    priority = line[1] - '0';
    line.remove_prefix(3);
  }
  if (!line.empty()) send(priority, name_ + "[" + std::to_string(daemon) + "]", line);
}

void Log::send(int priority, const std::string& tag, std::string_view words) const {
  if (socket_.empty()) {
    const std::string text = tag + ": " + std::string(words) + "\n";
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return; // nobody is there to hear it
    return;
  }
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.c_str(), socket_.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  const std::string text =
      "<" + std::to_string(LOG_DAEMON | priority) + ">" + tag + ": " + std::string(words);
  (void)::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                 reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::close(fd);
}

} // namespace nasmcu::supervise
