// SPDX-License-Identifier: MIT
#include <port/unix_socket.hpp>

#include <port/access.hpp>

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace nasmcu {
namespace {

mcu::Error system_error(const std::string& what) {
  return {mcu::Errc::failed, what + ": " + std::strerror(errno)};
}

/// Owner and control group may connect; whoever else is local has the TCP port for reading.
constexpr mode_t socket_mode = 0660;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

int open_socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

/// With the C API's cast in one place.
template <class Call>
int with_address(Call call, int socket, const std::string& path) {
  const sockaddr_un address = address_of(path);
  return call(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

} // namespace

mcu::Status UnixSocketFile::clear_stale() const {
  struct stat found {};
  if (::lstat(path_.c_str(), &found) != 0) return mcu::Done{};
  if (!S_ISSOCK(found.st_mode))
    return mcu::Error{mcu::Errc::failed, path_ + " is in the way: it is no socket; remove it"};
  const int probe = open_socket();
  if (probe < 0) return system_error(path_);
  const bool answered = with_address(::connect, probe, path_) == 0 || errno == EAGAIN;
  ::close(probe);
  if (answered) return mcu::Error{mcu::Errc::busy, path_ + ": another daemon answers there"};
  if (::unlink(path_.c_str()) != 0) return system_error("cannot replace " + path_);
  return mcu::Done{};
}

mcu::Result<int> UnixSocketFile::listen(const std::string& root) {
  if (path_.size() >= sizeof(sockaddr_un::sun_path))
    return mcu::Error{mcu::Errc::invalid_argument,
                      path_ + ": too long for a Unix socket (107 bytes at most)"};
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  const mcu::Status clear = clear_stale();
  if (!clear) return clear.error();
  const int socket = open_socket();
  if (socket < 0) return system_error(path_);
  // Nobody may connect between bind and chmod who may not afterwards.
  const mode_t before = ::umask(0777 & ~socket_mode);
  const int bound = with_address(::bind, socket, path_);
  ::umask(before);
  if (bound != 0 || ::listen(socket, SOMAXCONN) != 0) {
    const mcu::Error failed = system_error("cannot listen on " + path_);
    ::close(socket);
    return failed;
  }
  struct stat made {};
  if (::lstat(path_.c_str(), &made) == 0) {
    made_ = true;
    device_ = made.st_dev;
    inode_ = made.st_ino;
  }
  const std::optional<gid_t> gid = control_group_id(root);
  if (gid && ::chown(path_.c_str(), static_cast<uid_t>(-1), *gid) != 0)
    spdlog::warn("cannot give {} to group {}: {}", path_, control_group, std::strerror(errno));
  return socket;
}

void UnixSocketFile::remove() {
  if (!made_) return;
  made_ = false;
  struct stat now {};
  if (::lstat(path_.c_str(), &now) == 0 && now.st_dev == device_ && now.st_ino == inode_)
    ::unlink(path_.c_str());
}

} // namespace nasmcu
