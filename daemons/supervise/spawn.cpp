// SPDX-License-Identifier: MIT
#include <supervise/spawn.hpp>

#include <libmcu/link/descriptor.hpp>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace nasmcu::supervise {
namespace {

mcu::Error unknown(const std::string& what, const std::string& name) {
  return {mcu::Errc::invalid_argument, "there is no " + what + " '" + name + "'"};
}

/// Nothing can be told from a child but why: the text, or "" when it went well.
const char* become(const Identity& identity, bool may_set_clock) {
  if (may_set_clock && ::prctl(PR_SET_KEEPCAPS, 1) != 0) return "PR_SET_KEEPCAPS";
  if (::setgroups(identity.groups.size(), identity.groups.data()) != 0) return "setgroups";
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) return "setresgid";
  if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) return "setresuid";
  // Not even a program with the set-user-id bit gets more.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "PR_SET_NO_NEW_PRIVS";
  if (!may_set_clock) return "";
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data = {};
  data[0].effective = data[0].permitted = data[0].inheritable = 1U << CAP_SYS_TIME;
  if (::syscall(SYS_capset, &header, data.data()) != 0) return "capset";
  // Without it the capability would end with exec.
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_TIME, 0, 0) != 0)
    return "PR_CAP_AMBIENT";
  return "";
}

void set_signals() {
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  // When we are gone its log has no reader: it shall end in good order all the same.
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void set_environment(const Command& command) {
  for (const std::string& variable : command.environment) {
    const auto equals = variable.find('=');
    if (equals == std::string::npos)
      ::unsetenv(variable.c_str());
    else
      ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  if (command.watchdog_usec.empty()) return;
  ::setenv("WATCHDOG_USEC", command.watchdog_usec.c_str(), 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
}

/// In the child; returns what failed, with errno.
const char* run(const Command& command, pid_t parent) {
  set_signals();
  ::setpgid(0, 0);
  set_oom_score(command.oom_score);
  if (command.identity) {
    const char* wrong = become(*command.identity, command.may_set_clock);
    if (*wrong != '\0') return wrong;
  }
  // Behind the change of user, which takes it away.
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || ::getppid() != parent) return "parent";
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) ::dup2(nothing, STDIN_FILENO);
  if (command.output >= 0) {
    ::dup2(command.output, STDOUT_FILENO);
    ::dup2(command.output, STDERR_FILENO);
  }
  set_environment(command);
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(words[0], words.data());
  return "exec";
}

struct Failure {
  int error = 0;
  std::array<char, 32> what{};
};

} // namespace

void set_oom_score(int score) {
  const std::string text = std::to_string(score);
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  const ssize_t ignored = ::write(file, text.data(), text.size());
  (void)ignored;
  ::close(file);
}

mcu::Result<Identity> find_identity(const std::string& user,
                                    const std::vector<std::string>& groups) {
  const passwd* account = ::getpwnam(user.c_str());
  if (account == nullptr) return unknown("user", user);
  Identity identity{account->pw_uid, account->pw_gid, std::vector<gid_t>(256)};
  int count = static_cast<int>(identity.groups.size());
  if (::getgrouplist(user.c_str(), identity.gid, identity.groups.data(), &count) < 0)
    return mcu::Error{mcu::Errc::failed, "user '" + user + "' is in too many groups"};
  identity.groups.resize(static_cast<std::size_t>(count));
  for (const std::string& name : groups) {
    const group* one = ::getgrnam(name.c_str());
    if (one == nullptr) return unknown("group", name);
    identity.groups.push_back(one->gr_gid);
  }
  return identity;
}

mcu::Result<pid_t> spawn(const Command& command) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return mcu::Error{mcu::Errc::failed, std::string("pipe: ") + std::strerror(errno)};
  const mcu::Descriptor from(ends[0]);
  mcu::Descriptor to(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return mcu::Error{mcu::Errc::failed, std::string("fork: ") + std::strerror(errno)};
  if (child == 0) {
    const char* what = run(command, parent);
    Failure failure;
    failure.error = errno;
    std::strncpy(failure.what.data(), what, failure.what.size() - 1);
    const ssize_t ignored = ::write(to.get(), &failure, sizeof failure);
    (void)ignored;
    ::_exit(127);
  }
  ::close(to.release());
  Failure failure;
  // exec closes the pipe: nothing to read is good news.
  ssize_t got = 0;
  while ((got = ::read(from.get(), &failure, sizeof failure)) < 0 && errno == EINTR) {
  }
  if (got <= 0) return child;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return mcu::Error{mcu::Errc::failed, command.words[0] + ": " + failure.what.data() + ": " +
                                           std::strerror(failure.error)};
}

} // namespace nasmcu::supervise
