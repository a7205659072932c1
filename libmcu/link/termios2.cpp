// SPDX-License-Identifier: MIT
// The kernel's own termios2 is the only way to a speed that has no Bxxx constant (250000). Its
// header clashes with <termios.h>, hence a file of its own.
#include <libmcu/link/termios2.hpp>

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

namespace mcu {
namespace {

#ifdef TCGETS2
using Settings = struct termios2;
constexpr unsigned long get_settings = TCGETS2;
constexpr unsigned long set_settings = TCSETS2;
#else // PowerPC's only termios is already the new one
using Settings = struct termios;
constexpr unsigned long get_settings = TCGETS;
constexpr unsigned long set_settings = TCSETS;
#endif

Error refused(const std::string& what) {
  return {errno == EIO ? Errc::link_down : Errc::failed, what + ": " + std::strerror(errno)};
}

/// No byte may be changed, swallowed or acted upon: a register 0D must not arrive as 0A, and 03 is
/// no interrupt.
template <class Any>
void make_raw(Any& tty, const LineSettings& line) {
  tty.c_iflag &= ~static_cast<tcflag_t>(IGNBRK | BRKINT | IGNPAR | PARMRK | INPCK | ISTRIP | INLCR |
                                        IGNCR | ICRNL | IUCLC | IXON | IXANY | IXOFF | IMAXBEL);
  tty.c_oflag &= ~static_cast<tcflag_t>(OPOST);
  tty.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL | ICANON | ISIG | IEXTEN);
  tty.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS | HUPCL);
  tty.c_cflag |= CS8 | CLOCAL | CREAD;
  if (line.parity == LineSettings::Parity::even) tty.c_cflag |= PARENB;
  if (line.stop_bits == 2) tty.c_cflag |= CSTOPB;
  // The input speed bits at zero mean: as the output speed.
  tty.c_cflag &= ~static_cast<tcflag_t>(CBAUD | (CBAUD << IBSHIFT));
  tty.c_cc[VMIN] = 1;
  tty.c_cc[VTIME] = 0;
}

struct Speed {
  unsigned baud;
  tcflag_t bits;
};
constexpr Speed old_speeds[] = {{1200, B1200},     {2400, B2400},     {4800, B4800},
                                {9600, B9600},     {19200, B19200},   {38400, B38400},
                                {57600, B57600},   {115200, B115200}, {230400, B230400},
                                {460800, B460800}, {921600, B921600}};

} // namespace

Status set_raw_line(int fd, const LineSettings& line) {
  const std::string speed = std::to_string(line.baud) + " baud";
  Settings tty{};
  if (::ioctl(fd, get_settings, &tty) != 0) {
    // qemu's user mode, in which programs for another processor are tried, knows no termios2.
    if (errno == ENOSYS) return set_raw_line_at_old_speed(fd, line);
    return refused("not a serial line");
  }
  make_raw(tty, line);
  tty.c_cflag |= BOTHER;
  tty.c_ispeed = line.baud;
  tty.c_ospeed = line.baud;
  if (::ioctl(fd, set_settings, &tty) != 0) return refused("the driver refuses " + speed);
  // A driver that cannot do it sets the nearest it can and reports success.
  if (::ioctl(fd, get_settings, &tty) != 0) return refused("cannot read the speed back");
  const unsigned long got = tty.c_ospeed;
  const unsigned long wanted = line.baud;
  // A UART tolerates about 3 % between its two ends; half of that is ours.
  const unsigned long off = got > wanted ? got - wanted : wanted - got;
  if (off * 200 > wanted * 3)
    return Error{Errc::failed,
                 "the driver cannot do " + speed + " (it would set " + std::to_string(got) + ")"};
  return Done{};
}

Status set_raw_line_at_old_speed(int fd, const LineSettings& line) {
  const auto* speed = std::find_if(std::begin(old_speeds), std::end(old_speeds),
                                   [&](const Speed& each) { return each.baud == line.baud; });
  if (speed == std::end(old_speeds))
    return Error{Errc::unsupported, "without termios2 there is no speed of " +
                                        std::to_string(line.baud) + " baud, only the old ones"};
  struct termios tty {};
  if (::ioctl(fd, TCGETS, &tty) != 0) return refused("not a serial line");
  make_raw(tty, line);
  tty.c_cflag |= speed->bits;
  if (::ioctl(fd, TCSETS, &tty) != 0)
    return refused("the driver refuses " + std::to_string(line.baud) + " baud");
  if (::ioctl(fd, TCGETS, &tty) != 0) return refused("cannot read the speed back");
  if ((tty.c_cflag & CBAUD) != speed->bits)
    return Error{Errc::failed, "the driver cannot do " + std::to_string(line.baud) + " baud"};
  return Done{};
}

} // namespace mcu
