// SPDX-License-Identifier: MIT
#include <libmcu/link/serial.hpp>

#include <libmcu/link/descriptor.hpp>
#include <libmcu/link/termios2.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace mcu {
namespace {

bool is_socket(const std::string& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode);
}

/// The real port, or the wire of an emulator: a Unix stream socket at the same path.
class Serial final : public Transport {
public:
  Serial(asio::any_io_executor executor, std::string path, LineSettings line)
      : stream_(std::move(executor)), path_(std::move(path)), line_(line) {}
  ~Serial() override { Serial::close(); }

  Status open() override;
  void close() override;
  bool is_open() const override { return stream_.is_open(); }
  Task<Status> write(ByteView bytes) override;
  Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override;
  void cancel() override;
  void discard_input() override;
  std::size_t read_ready(std::span<std::uint8_t> into) override;

private:
  Status open_tty();
  Status open_socket();
  Status adopt(Descriptor fd);
  Status write_now(ByteView bytes);
  Error error(const std::string& what, int number) const;
  Error taken() const;

  asio::posix::stream_descriptor stream_;
  std::string path_;
  LineSettings line_;
  bool socket_ = false;
};

Error Serial::error(const std::string& what, int number) const {
  const Errc code = number == EACCES || number == EPERM ? Errc::failed : Errc::link_down;
  return {code, path_ + ": " + what + ": " + std::strerror(number)};
}

Error Serial::taken() const {
  return {Errc::busy,
          path_ + ": another program holds the port ('fuser " + path_ + "' tells which)"};
}

Status Serial::open() {
  close();
  socket_ = is_socket(path_);
  return socket_ ? open_socket() : open_tty();
}

Status Serial::open_tty() {
  Descriptor fd(::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) return errno == EBUSY ? taken() : error("cannot open", errno);
  if (::isatty(fd.get()) == 0)
    return errno == EIO ? error("hung up", errno)
                        : Error{Errc::failed, path_ + ": neither a serial port nor a socket"};
  // TIOCEXCL does not stop root, flock() does; flock() does not stop strangers, TIOCEXCL does.
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? taken() : error("cannot lock", errno);
  if (::ioctl(fd.get(), TIOCEXCL) != 0) return error("cannot be made exclusive", errno);
  if (Status set = set_raw_line(fd.get(), line_); !set) {
    ::ioctl(fd.get(), TIOCNXCL);
    return Error{set.error().code, path_ + ": " + set.error().what};
  }
  ::tcflush(fd.get(), TCIFLUSH); // an answer to somebody before us
  return adopt(Descriptor(fd.release()));
}

Status Serial::open_socket() {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path)
    return Error{Errc::failed, path_ + ": longer than a socket's name can be"};
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return error("no socket", errno);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(fd.get(), generic, sizeof address) != 0) return error("cannot connect", errno);
  return adopt(Descriptor(fd.release()));
}

Status Serial::adopt(Descriptor fd) {
  boost::system::error_code failed;
  stream_.assign(fd.get(), failed);
  if (failed) return error("cannot be waited for", failed.value());
  fd.release();
  return Done{};
}

void Serial::close() {
  if (!stream_.is_open()) return;
  // A pty stays exclusive as long as its other end is open: its next user could not open it.
  if (!socket_) ::ioctl(stream_.native_handle(), TIOCNXCL);
  boost::system::error_code ignored;
  stream_.close(ignored);
}

Task<Status> Serial::write(ByteView bytes) { co_return write_now(bytes); }

/// A frame fits any tty's buffer. One that does not fit meets a stuck line: waiting would only
/// deliver old commands late.
Status Serial::write_now(ByteView bytes) {
  if (!stream_.is_open()) return Error{Errc::link_down, path_ + ": not open"};
  const int fd = stream_.native_handle();
  ssize_t sent = -1;
  do {
    // A socket whose peer is gone must not raise SIGPIPE.
    sent = socket_ ? ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                   : ::write(fd, bytes.data(), bytes.size());
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN) return error("lost", errno);
  const std::size_t count = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  if (count == bytes.size()) return Done{};
  if (!socket_) ::tcflush(fd, TCOFLUSH);
  return Error{Errc::failed, path_ + ": the line is stuck, " + std::to_string(count) + " of " +
                                 std::to_string(bytes.size()) + " bytes sent"};
}

Task<Result<std::size_t>> Serial::read_some(std::span<std::uint8_t> into) {
  if (!stream_.is_open()) co_return Error{Errc::link_down, path_ + ": not open"};
  boost::system::error_code failed;
  const std::size_t count = co_await stream_.async_read_some(
      asio::buffer(into.data(), into.size()), asio::redirect_error(asio::use_awaitable, failed));
  if (failed == asio::error::operation_aborted)
    co_return Error{Errc::failed, path_ + ": reading was cancelled"};
  // A hung-up tty reads 0 (end of file) or EIO at once, for ever.
  if (failed || count == 0) co_return Error{Errc::link_down, path_ + ": the port hung up"};
  co_return count;
}

void Serial::cancel() {
  boost::system::error_code ignored;
  if (stream_.is_open()) stream_.cancel(ignored);
}

void Serial::discard_input() {
  std::uint8_t bytes[256];
  while (read_ready(bytes) == sizeof bytes) {
  }
}

std::size_t Serial::read_ready(std::span<std::uint8_t> into) {
  if (!stream_.is_open()) return 0;
  const ssize_t count = ::read(stream_.native_handle(), into.data(), into.size());
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

} // namespace

std::unique_ptr<Transport> make_serial(asio::any_io_executor executor, std::string path,
                                       LineSettings line) {
  return std::make_unique<Serial>(std::move(executor), std::move(path), line);
}

} // namespace mcu
