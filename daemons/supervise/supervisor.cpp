// SPDX-License-Identifier: MIT
#include <supervise/supervisor.hpp>

#include <common/system.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace nasmcu::supervise {
namespace {

using Kind = Action::Kind;
using Clock = std::chrono::steady_clock;

/// A line that never ends is passed on in pieces.
constexpr std::size_t longest_line = 2048;

mcu::Error os_error(const std::string& what) {
  return {mcu::Errc::failed, what + ": " + std::strerror(errno)};
}

/// The kernel chooses the name; it is in no folder and gone with us. The sender of each message is
/// told by the kernel.
mcu::Result<int> open_notify_socket() {
  mcu::Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const int on = 1;
  if (socket.get() < 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(sa_family_t)) != 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
    return os_error("no socket to be notified at");
  return socket.release();
}

/// As NOTIFY_SOCKET has it: "@" for the name space without files.
std::string address_of(int socket) {
  sockaddr_un address = {};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  std::string name(address.sun_path, size - offsetof(sockaddr_un, sun_path));
  if (!name.empty()) name[0] = '@';
  return name;
}

/// The next message and its sender; false when there is none.
bool receive(int socket, std::string& text, pid_t& sender) {
  std::array<char, 4096> buffer{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
  iovec part = {buffer.data(), buffer.size()};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return false;
  text.assign(buffer.data(), static_cast<std::size_t>(got));
  sender = 0;
  for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_CREDENTIALS) continue;
    ucred credentials = {};
    std::memcpy(&credentials, CMSG_DATA(one), sizeof credentials);
    sender = credentials.pid;
  }
  return true;
}

End end_of(int status) {
  return WIFSIGNALED(status) ? End{0, WTERMSIG(status)} : End{WEXITSTATUS(status), 0};
}

} // namespace

Supervisor::Supervisor(Settings settings, Log& log)
    : settings_(std::move(settings)), log_(log), policy_(settings_.rules) {}

mcu::Status Supervisor::prepare() {
  sigset_t ours;
  ::sigemptyset(&ours);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&ours, number);
  ::sigprocmask(SIG_BLOCK, &ours, nullptr);
  const int signals = ::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) return os_error("signalfd");
  signals_.emplace(signals);
  const auto notify = open_notify_socket();
  if (!notify) return notify.error();
  notify_.emplace(*notify);
  std::vector<std::string>& variables = settings_.daemon.environment;
  variables.push_back("NOTIFY_SOCKET=" + address_of(*notify));
  if (settings_.may_power_off) variables.emplace_back("NASMCU_SUPERVISOR=power-off");
  if (!settings_.collects_words) return mcu::Done{};
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return os_error("pipe");
  words_.emplace(ends[0]);
  words_end_.emplace(ends[1]);
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  settings_.daemon.output = ends[1];
  struct stat info = {};
  // So a daemon of ours writes its priorities in front, as for systemd's journal.
  if (::fstat(ends[1], &info) == 0)
    variables.push_back("JOURNAL_STREAM=" + std::to_string(info.st_dev) + ":" +
                        std::to_string(info.st_ino));
  return mcu::Done{};
}

int Supervisor::run() {
  act(policy_.begin(Clock::now()));
  while (!over_) {
    std::array<pollfd, 3> all = {{{signals_->get(), POLLIN, 0},
                                  {notify_->get(), POLLIN, 0},
                                  {words_ ? words_->get() : -1, POLLIN, 0}}};
    if (::poll(all.data(), all.size(), time_left()) < 0 && errno != EINTR) return 1;
    // What has arrived counts before the time does: we may be the one who was late.
    hear_daemon();
    hear_words();
    hear_signals();
    if (!over_ && policy_.due() && Clock::now() >= *policy_.due()) act(policy_.tick(Clock::now()));
  }
  hear_words();
  settle(code_);
  return code_;
}

int Supervisor::time_left() const {
  if (!policy_.due()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*policy_.due() - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 3600 * 1000));
}

void Supervisor::act(Action action) {
  if (!action.why.empty()) log_.tell(LOG_WARNING, action.why);
  switch (action.kind) {
  case Kind::none: break;
  case Kind::start: start(); break;
  case Kind::reload: signal_daemon(SIGHUP); break;
  case Kind::terminate:
    signal_daemon(SIGTERM);
    signal_daemon(SIGCONT); // one that was stopped ends as well
    break;
  case Kind::kill: signal_daemon(SIGKILL); break;
  case Kind::failsafe: start_failsafe(); break;
  case Kind::kill_failsafe:
    if (failsafe_ > 0) ::kill(-failsafe_, SIGKILL);
    break;
  case Kind::end:
    over_ = true;
    code_ = action.code;
    break;
  }
}

void Supervisor::start() {
  const auto started = spawn(settings_.daemon);
  daemon_ = started ? *started : 0;
  if (!started) act(policy_.not_started(started.error().what, Clock::now()));
}

void Supervisor::start_failsafe() {
  Command command;
  command.words = settings_.failsafe;
  command.output = settings_.daemon.output;
  const auto started = spawn(command);
  failsafe_ = started ? *started : 0;
  if (started) return;
  log_.tell(LOG_ERR, "cannot be started: " + started.error().what);
  act(policy_.failsafe_ended({1, 0}, Clock::now()));
}

void Supervisor::signal_daemon(int number) const {
  if (daemon_ > 0) ::kill(daemon_, number);
}

void Supervisor::hear_signals() {
  signalfd_siginfo info = {};
  while (::read(signals_->get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD)
      reap();
    else if (info.ssi_signo == SIGHUP)
      act(policy_.reload());
    else
      act(policy_.terminate(Clock::now()));
  }
}

void Supervisor::reap() {
  int status = 0;
  pid_t child = 0;
  while ((child = ::waitpid(-1, &status, WNOHANG)) > 0) {
    const End end = end_of(status);
    if (child == daemon_) {
      // Its last words stand before ours, and READY=1 may have come together with its end.
      hear_words();
      hear_daemon();
      daemon_ = 0;
      act(policy_.ended(end, Clock::now()));
    } else if (child == failsafe_) {
      failsafe_ = 0;
      act(policy_.failsafe_ended(end, Clock::now()));
    } else if (child == errand_) {
      errand_ = 0;
      if (!end.good()) log_.tell(LOG_ERR, "the power-off was refused: " + to_string(end));
    }
  }
}

void Supervisor::hear_daemon() {
  std::string message;
  pid_t sender = 0;
  while (receive(notify_->get(), message, sender))
    // Anybody can send there; only the daemon itself is believed.
    if (daemon_ > 0 && sender == daemon_) obey(message);
}

void Supervisor::obey(const std::string& message) {
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    if (line == "READY=1") {
      act(policy_.ready(Clock::now()));
      if (policy_.is_ready()) settle(0);
    } else if (line == "WATCHDOG=1") {
      act(policy_.alive(Clock::now()));
    } else if (line == "NASMCU_POWEROFF=1" && settings_.may_power_off) {
      power_off();
    }
  }
}

/// As root, for a daemon that is none and has seen to it that its client may.
void Supervisor::power_off() {
  if (errand_ > 0) return;
  log_.tell(LOG_NOTICE, "a power-off was asked for");
  const System system(settings_.root, "nasmcu-supervise");
  if (!system.real()) {
    if (const mcu::Status done = system.record("poweroff", {}); !done)
      log_.tell(LOG_ERR, done.error().what);
    return;
  }
  Command command;
  command.words = {"/sbin/shutdown", "-h", "now"};
  command.output = settings_.daemon.output;
  const auto started = spawn(command);
  if (started)
    errand_ = *started;
  else
    log_.tell(LOG_ERR, "cannot be started: " + started.error().what);
}

void Supervisor::hear_words() {
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while (words_ && (got = ::read(words_->get(), buffer.data(), buffer.size())) > 0)
    unfinished_.append(buffer.data(), static_cast<std::size_t>(got));
  while (true) {
    const auto end = unfinished_.find('\n');
    if (end == std::string::npos && unfinished_.size() < longest_line) return;
    const std::size_t size = std::min(end, longest_line);
    log_.pass_on(daemon_, std::string_view(unfinished_).substr(0, size));
    unfinished_.erase(0, size + (size == end ? 1 : 0));
  }
}

void Supervisor::settle(int code) {
  if (!on_settled) return;
  on_settled(code);
  on_settled = nullptr;
}

} // namespace nasmcu::supervise
