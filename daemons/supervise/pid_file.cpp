// SPDX-License-Identifier: MIT
#include <supervise/pid_file.hpp>

#include <libmcu/link/descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace nasmcu::supervise {
namespace {

struct flock whole_file(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

} // namespace

PidFile::~PidFile() {
  if (fd_ >= 0) ::close(fd_);
}

mcu::Status PidFile::take() {
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd_ < 0)
    return mcu::Error{mcu::Errc::failed, "cannot write " + path_ + ": " + std::strerror(errno)};
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(fd_, F_SETLK, &lock) != 0)
    return mcu::Error{mcu::Errc::busy, path_ + ": process " + std::to_string(holder(path_)) +
                                           " has it: it runs already"};
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_, 0) != 0 || ::write(fd_, text.data(), text.size()) < 0)
    return mcu::Error{mcu::Errc::failed, "cannot write " + path_ + ": " + std::strerror(errno)};
  return mcu::Done{};
}

void PidFile::remove() { ::unlink(path_.c_str()); }

/// Asked with a lock for reading, which anybody may who can read the file.
pid_t PidFile::holder(const std::string& path) {
  const mcu::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct flock lock = whole_file(F_RDLCK);
  if (file.get() < 0 || ::fcntl(file.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
    return 0;
  return lock.l_pid;
}

} // namespace nasmcu::supervise
