// SPDX-License-Identifier: MIT
#include <common/system.hpp>

#include <common/child.hpp>
#include <common/notify.hpp>

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace nasmcu {
namespace {

using mcu::Errc;
using mcu::Error;
using mcu::Status;

Error os_error(const std::string& what, int error) {
  const bool denied = error == EPERM || error == EACCES;
  return {denied ? Errc::denied : Errc::failed, what + ": " + std::strerror(error)};
}

/// Opens, writes with one call, closes.
Status write_once(const std::string& path, int flags, const std::string& text) {
  const int fd = ::open(path.c_str(), flags | O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return os_error("cannot write " + path, errno);
  const ssize_t put = ::write(fd, text.data(), text.size());
  const int error = put == static_cast<ssize_t>(text.size()) ? 0 : put < 0 ? errno : ENOSPC;
  ::close(fd);
  if (error != 0) return os_error("cannot write " + path, error);
  return {};
}

/// What was written is on the disk, even when the power goes next.
void settle(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

/// A reader sees the old file or the new one, never half of one.
Status replace_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const Status written = write_once(fresh, O_EXCL, text);
  if (!written) return written;
  if (::rename(fresh.c_str(), path.c_str()) != 0) return os_error("cannot write " + path, errno);
  return {};
}

Status make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return os_error("cannot make " + path, error.value());
  return {};
}

/// The words for a child's end, or ok.
Status outcome(const std::string& program, int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFEXITED(status) ? "exit code " + std::to_string(WEXITSTATUS(status))
                                            : "signal " + std::to_string(WTERMSIG(status));
  return Error{Errc::failed, program + " refused: " + how};
}

/// Starts a program without a shell and with a fixed environment.
mcu::Result<pid_t> spawn(std::vector<std::string> words) {
  std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::string language = "LC_ALL=C.UTF-8";
  std::array<char*, 3> environment = {path.data(), language.data(), nullptr};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  // A daemon blocks and ignores signals; its child must not.
  posix_spawnattr_t attributes;
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t child = 0;
  const int error = ::posix_spawn(&child, words[0].c_str(), nullptr, &attributes, arguments.data(),
                                  environment.data());
  ::posix_spawnattr_destroy(&attributes);
  if (error == ENOENT) return Error{Errc::unsupported, "there is no " + words[0]};
  if (error != 0) return os_error("cannot run " + words[0], error);
  return child;
}

/// Waits only long enough to hear a refusal: the caller has a fan to look after while the system
/// goes down.
Status run(const std::vector<std::string>& words) {
  const auto started = spawn(words);
  if (!started) return started.error();
  for (int i = 0; i < 30; ++i) {
    int status = 0;
    if (::waitpid(*started, &status, WNOHANG) == *started) return outcome(words[0], status);
    ::usleep(10000);
  }
  return {};
}

/// Only root may ask systemd where there is no polkit with a rule for us. nasmcu-poweroff.path
/// waits for a file that nobody but root and mcud can make.
Status ask_systemd(const std::string& folder) {
  const Status asked = run({"/usr/bin/systemctl", "poweroff"});
  if (asked || ::geteuid() == 0) return asked;
  const Status helper = run({"/usr/bin/systemctl", "is-active", "--quiet", "nasmcu-poweroff.path"});
  if (!helper)
    return Error{Errc::denied, asked.error().what + "; mcud is not root, and nasmcu-poweroff.path, "
                                                    "which would do it, is not active"};
  return replace_file(folder + "/poweroff-wanted", "");
}

/// shutdown(8) obeys root alone. nasmcu-supervise(8) is root, and says when it does it for us.
Status ask_shutdown() {
  if (::geteuid() == 0) return run({"/sbin/shutdown", "-h", "now"});
  const char* supervisor = std::getenv("NASMCU_SUPERVISOR");
  if (supervisor == nullptr || std::strcmp(supervisor, "power-off") != 0)
    return Error{Errc::denied,
                 "shutdown obeys root alone; mcud is not root, and was not started by "
                 "nasmcu-supervise --power-off, which would do it"};
  notify("NASMCU_POWEROFF=1");
  return {};
}

} // namespace

Status write_file(const std::string& path, const std::string& text) {
  const Status made = make_folder(path.substr(0, path.rfind('/')));
  if (!made) return made;
  const std::string fresh = path + ".new";
  ::unlink(fresh.c_str());
  const Status written = write_once(fresh, O_EXCL, text);
  if (!written) return written;
  settle(fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return os_error("cannot write " + path, errno);
  settle(path.substr(0, path.rfind('/')));
  return {};
}

mcu::Result<std::string> output_of(std::vector<std::string> words,
                                   std::chrono::milliseconds patience, std::size_t most) {
  Program program;
  program.words = std::move(words);
  program.patience = patience;
  program.most = most;
  Ended ended = Children().run(program);
  if (ended.missing) return Error{Errc::unsupported, "there is no " + program.words[0]};
  if (ended.how == Ended::How::not_started) return Error{Errc::failed, ended.why};
  if (ended.how == Ended::How::timed_out) return Error{Errc::timeout, ended.why};
  return std::move(ended.output);
}

System::System(std::string root, std::string by) : root_(std::move(root)), by_(std::move(by)) {}

Status System::set_clock(std::time_t seconds) const {
  if (!real()) return record("set-clock", {std::to_string(seconds)});
  timespec time{};
  time.tv_sec = seconds;
  if (::clock_settime(CLOCK_REALTIME, &time) != 0)
    return os_error("cannot set the system clock", errno);
  return {};
}

bool System::clock_synchronised() const {
  if (!real()) return ::access((root_ + "/run/systemd/timesync/synchronized").c_str(), F_OK) == 0;
  // What timedatectl looks at too: it holds for timesyncd, chrony and ntpd alike.
  timex state{};
  return ::adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

Status System::power_off(int delay) const {
  if (delay < 1 || delay > 99)
    return Error{Errc::invalid_argument,
                 "a delay of " + std::to_string(delay) + " s: 1 to 99 are allowed"};
  const std::string folder = root_ + "/run/nasmcu";
  const Status made = make_folder(folder);
  if (!made) return made;
  const std::string file = folder + "/poweroff-delay";
  const Status left = replace_file(file, std::to_string(delay) + "\n");
  if (!left) return left;
  if (!real()) return record("poweroff", {std::to_string(delay)});
  const bool systemd = ::access("/run/systemd/system", F_OK) == 0;
  const Status asked = systemd ? ask_systemd(folder) : ask_shutdown();
  // A later shutdown for another reason must not find this delay.
  if (!asked) ::unlink(file.c_str());
  return asked;
}

Status System::reboot() const {
  if (!real()) return record("reboot", {});
  const bool systemd = ::access("/run/systemd/system", F_OK) == 0;
  return systemd ? run({"/usr/bin/systemctl", "reboot"}) : run({"/sbin/shutdown", "-r", "now"});
}

Status System::suspend() const {
  if (!real()) return record("suspend", {});
  const bool systemd = ::access("/run/systemd/system", F_OK) == 0;
  return systemd ? run({"/usr/bin/systemctl", "suspend"}) : run({"/usr/sbin/pm-suspend"});
}

Status System::record(const std::string& action, const std::vector<std::string>& args) const {
  if (real()) return Error{Errc::invalid_argument, "actions are recorded under a --root only"};
  const std::string folder = root_ + "/run/nasmcu";
  const Status made = make_folder(folder);
  if (!made) return made;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  nlohmann::ordered_json line;
  line["t_ms"] = static_cast<long long>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
  line["action"] = action;
  line["args"] = args;
  line["by"] = by_;
  // Text that is no UTF-8 must not throw: it is replaced.
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return write_once(folder + "/actions", O_APPEND, text + "\n");
}

} // namespace nasmcu
