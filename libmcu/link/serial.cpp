// SPDX-License-Identifier: MIT
#include <libmcu/link/serial.hpp>

#include <libmcu/link/descriptor.hpp>
#include <libmcu/link/termios2.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
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
///
/// Asio is told of every byte that comes in, whether anybody reads or not. So it does not wait for
/// the port itself but for a gate, an epoll instance with the port in it: where that does not ask
/// for input, none is told.
class Serial final : public Transport {
public:
  Serial(asio::any_io_executor executor, std::string path, LineSettings line)
      : gate_(std::move(executor)), path_(std::move(path)), line_(line) {}
  ~Serial() override { Serial::close(); }

  Status open() override;
  void close() override;
  bool is_open() const override { return gate_.is_open(); }
  Task<Status> write(ByteView bytes) override;
  Task<Result<std::size_t>> read_some(std::span<std::uint8_t> into) override;
  void hold_input(bool on) override;
  void spin_until(SteadyTime time) override;
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

  asio::posix::stream_descriptor gate_;
  Descriptor port_{-1};
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
  Descriptor gate(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event input = {};
  input.events = EPOLLIN;
  if (gate.get() < 0 || ::epoll_ctl(gate.get(), EPOLL_CTL_ADD, fd.get(), &input) != 0)
    return error("cannot be waited for", errno);
  boost::system::error_code failed;
  gate_.assign(gate.get(), failed);
  if (failed) return error("cannot be waited for", failed.value());
  gate.release();
  port_ = std::move(fd);
  return Done{};
}

void Serial::close() {
  if (!gate_.is_open()) return;
  // A pty stays exclusive as long as its other end is open: its next user could not open it.
  if (!socket_) ::ioctl(port_.get(), TIOCNXCL);
  boost::system::error_code ignored;
  gate_.close(ignored);
  port_.reset();
}

void Serial::hold_input(bool on) {
  if (!gate_.is_open()) return;
  epoll_event input = {};
  input.events = on ? 0U : static_cast<std::uint32_t>(EPOLLIN); // a hang-up is always told
  ::epoll_ctl(gate_.native_handle(), EPOLL_CTL_MOD, port_.get(), &input);
}

/// To sleep for the 13 µs between two bytes of 87 costs more time than it is, on the processor too:
/// setting a timer, going to sleep and waking up.
void Serial::spin_until(SteadyTime time) {
  constexpr std::chrono::microseconds brief{150};
  if (time - std::chrono::steady_clock::now() > brief) return;
  // Who has work may go first: a pty's bytes are carried over by a thread of the kernel.
  while (std::chrono::steady_clock::now() < time) ::sched_yield();
}

Task<Status> Serial::write(ByteView bytes) { co_return write_now(bytes); }

/// A frame fits any tty's buffer. One that does not fit meets a stuck line: waiting would only
/// deliver old commands late.
Status Serial::write_now(ByteView bytes) {
  if (!gate_.is_open()) return Error{Errc::link_down, path_ + ": not open"};
  const int fd = port_.get();
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
  while (gate_.is_open()) {
    boost::system::error_code failed;
    co_await gate_.async_wait(asio::posix::descriptor_base::wait_read,
                              asio::redirect_error(asio::use_awaitable, failed));
    if (failed == asio::error::operation_aborted)
      co_return Error{Errc::failed, path_ + ": reading was cancelled"};
    if (!gate_.is_open()) break;
    const ssize_t count = ::read(port_.get(), into.data(), into.size());
    if (count > 0) co_return static_cast<std::size_t>(count);
    // read_ready() was there first.
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    // A hung-up tty reads 0 (end of file) or EIO at once, for ever.
    co_return Error{Errc::link_down, path_ + ": the port hung up"};
  }
  co_return Error{Errc::link_down, path_ + ": not open"};
}

void Serial::cancel() {
  boost::system::error_code ignored;
  if (gate_.is_open()) gate_.cancel(ignored);
}

void Serial::discard_input() {
  std::uint8_t bytes[256];
  while (read_ready(bytes) == sizeof bytes) {
  }
}

std::size_t Serial::read_ready(std::span<std::uint8_t> into) {
  if (!gate_.is_open()) return 0;
  const ssize_t count = ::read(port_.get(), into.data(), into.size());
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

} // namespace

std::unique_ptr<Transport> make_serial(asio::any_io_executor executor, std::string path,
                                       LineSettings line) {
  return std::make_unique<Serial>(std::move(executor), std::move(path), line);
}

} // namespace mcu
