// SPDX-License-Identifier: MIT
#include <mcusim/wire.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace mcusim {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using mcu::Done;
using mcu::Errc;
using mcu::Error;
using mcu::Status;

Error os_error(const std::string& what) {
  return {Errc::failed, what + ": " + std::strerror(errno)};
}

/// Points `link` at `target` without a moment in which it is missing.
Status set_link(const std::string& link, const std::string& target) {
  struct stat found {};
  if (::lstat(link.c_str(), &found) == 0 && !S_ISLNK(found.st_mode)) {
    return Error{Errc::failed, link + " exists and is no symbolic link; give another --link"};
  }
  const std::string fresh = link + "." + std::to_string(::getpid());
  ::unlink(fresh.c_str());
  if (::symlink(target.c_str(), fresh.c_str()) != 0) return os_error("cannot make link " + fresh);
  if (::rename(fresh.c_str(), link.c_str()) == 0) return Done{};
  const Error error = os_error("cannot make link " + link);
  ::unlink(fresh.c_str());
  return error;
}

/// Removes `link` if it still points at `target`.
void remove_link(const std::string& link, const std::string& target) {
  std::array<char, PATH_MAX> now{};
  const ssize_t size = ::readlink(link.c_str(), now.data(), now.size());
  if (size > 0 && target == std::string(now.data(), static_cast<std::size_t>(size))) {
    ::unlink(link.c_str());
  }
}

/// We keep the host's end open ourselves: otherwise our end would read an error for ever, and poll
/// as readable, whenever no host is there. Who opens and closes the port is told by inotify.
class Pty final : public Wire, public std::enable_shared_from_this<Pty> {
public:
  Pty(asio::any_io_executor executor, std::string link)
      : master_(executor), watch_(executor), link_(std::move(link)) {}
  ~Pty() override { close(); }

  Status open() override;
  void close() override;
  bool is_open() const override { return master_.is_open(); }
  bool write(mcu::ByteView bytes) override;
  std::string path() const override { return link_.empty() ? slave_path_ : link_; }

private:
  Status open_pair();
  void open_watch();
  void read_host();
  void read_watch();
  void take_events();
  void host_left();

  asio::posix::stream_descriptor master_;
  asio::posix::stream_descriptor watch_;
  std::string link_;
  std::string slave_path_;
  int slave_ = -1;
  int hosts_ = 0;        ///< descriptors that other programs have on the port
  bool watched_ = false; ///< hosts_ is known
  std::array<std::uint8_t, 512> buffer_{};
};

Status Pty::open_pair() {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0) return os_error("cannot make a pseudo terminal");
  master_.assign(master);
  std::array<char, 64> name{};
  if (::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
      ::ptsname_r(master, name.data(), name.size()) != 0) {
    return os_error("cannot set up the pseudo terminal");
  }
  slave_path_ = name.data();
  slave_ = ::open(slave_path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave_ < 0) return os_error("cannot open " + slave_path_);
  termios modes{};
  if (::tcgetattr(slave_, &modes) != 0) return os_error("cannot read the modes of " + slave_path_);
  ::cfmakeraw(&modes);
  if (::tcsetattr(slave_, TCSANOW, &modes) != 0) {
    return os_error("cannot set the modes of " + slave_path_);
  }
  return Done{};
}

Status Pty::open() {
  close();
  Status status = open_pair();
  if (status.ok()) {
    open_watch();
    if (!link_.empty()) status = set_link(link_, slave_path_);
  }
  if (!status.ok()) {
    close();
    return status;
  }
  read_host();
  return status;
}

void Pty::open_watch() {
  hosts_ = 0;
  watched_ = false;
  const int watch = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (watch < 0) return;
  watch_.assign(watch);
  watched_ = ::inotify_add_watch(watch, slave_path_.c_str(), IN_OPEN | IN_CLOSE) >= 0;
  if (watched_) read_watch();
}

void Pty::close() {
  error_code ignored;
  watch_.close(ignored);
  if (!link_.empty() && !slave_path_.empty()) remove_link(link_, slave_path_);
  slave_path_.clear();
  master_.close(ignored);
  if (slave_ >= 0) ::close(slave_);
  slave_ = -1;
}

void Pty::read_host() {
  master_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](error_code error, std::size_t size) {
                            if (error) return;
                            if (self->on_bytes) self->on_bytes({self->buffer_.data(), size});
                            if (self->is_open()) self->read_host();
                          });
}

void Pty::read_watch() {
  watch_.async_wait(asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](error_code error) {
                      if (error || !self->watch_.is_open()) return;
                      self->take_events();
                      self->read_watch();
                    });
}

void Pty::take_events() {
  alignas(inotify_event) std::array<char, 1024> events{};
  const ssize_t size = ::read(watch_.native_handle(), events.data(), events.size());
  std::size_t at = 0;
  while (size > 0 && at + sizeof(inotify_event) <= static_cast<std::size_t>(size)) {
    inotify_event event{};
    std::memcpy(&event, &events.at(at), sizeof event);
    at += sizeof event + event.len;
    if ((event.mask & IN_OPEN) != 0) ++hosts_;
    if ((event.mask & IN_CLOSE) != 0 && --hosts_ <= 0) host_left();
  }
}

/// What a real port does by itself at the last close, and this one does not because we hold it:
/// exclusive use ends, and what nobody has read is gone.
void Pty::host_left() {
  hosts_ = 0;
  ::ioctl(slave_, TIOCNXCL);
  ::tcflush(slave_, TCIFLUSH);
}

bool Pty::write(mcu::ByteView bytes) {
  if (!is_open()) return false;
  if (watched_ && hosts_ == 0) {
    // The host may have opened the port a moment ago: its event is then waiting.
    take_events();
    if (hosts_ == 0) return false;
  }
  // A full buffer is a host that does not read: like a real UART, lose the bytes and go on.
  const ssize_t written = ::write(master_.native_handle(), bytes.data(), bytes.size());
  return written == static_cast<ssize_t>(bytes.size());
}

} // namespace

std::shared_ptr<Wire> make_pty(asio::any_io_executor executor, std::string link) {
  return std::make_shared<Pty>(std::move(executor), std::move(link));
}

} // namespace mcusim
