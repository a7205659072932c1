// SPDX-License-Identifier: MIT
#include <common/child.hpp>

#include <common/own_unit.hpp>

#include <libmcu/link/descriptor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>

namespace nasmcu {
namespace {

using How = Ended::How;

/// What posix_spawn(3) is told, freed at the end.
struct SpawnSettings {
  SpawnSettings() {
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&files);
  }
  ~SpawnSettings() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

/// A file without a name that holds `text`: unlike a pipe it takes any amount, and nobody has to
/// feed it.
int input_file(const std::string& text) {
  if (text.empty()) return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  mcu::Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  for (std::size_t put = 0; file.get() >= 0 && put < text.size();) {
    const ssize_t some = ::write(file.get(), text.data() + put, text.size() - put);
    if (some <= 0 && errno != EINTR) return -1;
    put += static_cast<std::size_t>(std::max<ssize_t>(some, 0));
  }
  if (file.get() >= 0 && ::lseek(file.get(), 0, SEEK_SET) != 0) return -1;
  return file.release();
}

/// 0, or the error. `output` is the writing end of a pipe.
int spawn(const Program& program, int input, int output, pid_t& child) {
  std::vector<std::string> words = program.words;
  std::vector<std::string> environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  environment.insert(environment.end(), program.environment.begin(), program.environment.end());
  SpawnSettings settings;
  // A daemon blocks and ignores signals; its child must not.
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setpgroup(&settings.attributes, 0);
  ::posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                       POSIX_SPAWN_SETPGROUP);
  ::posix_spawn_file_actions_adddup2(&settings.files, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&settings.files, output, STDOUT_FILENO);
  if (program.errors)
    ::posix_spawn_file_actions_adddup2(&settings.files, output, STDERR_FILENO);
  else
    ::posix_spawn_file_actions_addopen(&settings.files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  return ::posix_spawn(&child, words[0].c_str(), &settings.files, &settings.attributes,
                       pointers(words).data(), pointers(environment).data());
}

/// Our own protection is not meant for children.
void unprotect(pid_t child) {
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(child), 0);
  const std::string path = "/proc/" + std::to_string(child) + "/oom_score_adj";
  const mcu::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (file.get() >= 0 && ::write(file.get(), "0", 1) < 0) return;
}

using Clock = std::chrono::steady_clock;

/// Reads to the end of the output, or to a limit.
How read_output(int fd, Clock::time_point deadline, std::size_t most, std::string& text) {
  std::array<char, 4096> buffer{};
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ready{fd, POLLIN, 0};
    const int found = left <= 0 ? 0 : ::poll(&ready, 1, static_cast<int>(left));
    if (found < 0 && errno == EINTR) continue;
    if (found <= 0) return How::timed_out;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return How::exited;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() <= most) continue;
    text.resize(most);
    return How::too_much_output;
  }
}

/// Waits for the end of one that has closed its output, which is not the same. It is not reaped
/// yet: until then its process group's number is nobody else's.
bool wait_for(pid_t child, Clock::time_point deadline) {
  for (auto pause = std::chrono::microseconds(200);;
       pause = std::min(pause * 2, std::chrono::microseconds(50000))) {
    siginfo_t info{};
    const int asked = ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT);
    if ((asked == 0 && info.si_pid == child) || (asked < 0 && errno != EINTR)) return true;
    if (Clock::now() >= deadline) return false;
    ::usleep(static_cast<useconds_t>(pause.count()));
  }
}

std::string words_for(const Ended& ended, const Program& program) {
  const std::string& name = program.words[0];
  switch (ended.how) {
  case How::exited:
    return ended.status == 0 ? ""
                             : name + " ended with exit status " + std::to_string(ended.status);
  case How::killed: return name + " was ended by signal " + std::to_string(ended.status);
  case How::timed_out:
    return name + " did not end in " + std::to_string(program.patience.count() / 1000) + " s";
  case How::too_much_output:
    return name + " said more than " + std::to_string(program.most) + " bytes";
  case How::not_started: break;
  }
  return ended.why;
}

Ended not_started(const std::string& why, int error) {
  Ended ended;
  ended.why = why + ": " + std::strerror(error);
  ended.missing = error == ENOENT;
  return ended;
}

} // namespace

bool Children::enter(pid_t child) {
  const std::lock_guard lock(mutex_);
  if (ended_) return false;
  running_.insert(child);
  return true;
}

int Children::leave(pid_t child) {
  const std::lock_guard lock(mutex_);
  running_.erase(child);
  // One that even SIGKILL does not end waits for a device. It is reaped when that lets go of it.
  lingering_.insert(child);
  int its_status = 0;
  for (auto one = lingering_.begin(); one != lingering_.end();) {
    int status = 0;
    const bool reaped = ::waitpid(*one, &status, WNOHANG) != 0;
    if (reaped && *one == child) its_status = status;
    one = reaped ? lingering_.erase(one) : std::next(one);
  }
  return its_status;
}

void Children::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (const pid_t child : running_) ::kill(-child, SIGKILL);
}

Ended Children::run(const Program& program) {
  const auto deadline = Clock::now() + program.patience;
  const std::string& name = program.words.at(0);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_started("cannot make a pipe", errno);
  const mcu::Descriptor from(ends[0]);
  mcu::Descriptor to(ends[1]);
  const mcu::Descriptor input(input_file(program.input));
  if (input.get() < 0) return not_started("no input for " + name, errno);
  pid_t child = 0;
  const char* unit = program.of_owner ? std::getenv(unit_variable) : nullptr;
  const Program started = unit != nullptr ? in_own_unit(program, unit) : program;
  if (const int error = spawn(started, input.get(), to.get(), child); error != 0)
    return not_started("cannot run " + name, error);
  ::close(to.release());
  unprotect(child);

  Ended ended;
  ended.how = How::timed_out;
  bool gone = false;
  if (enter(child)) {
    ended.how = read_output(from.get(), deadline, program.most, ended.output);
    gone = ended.how == How::exited && wait_for(child, deadline);
    if (ended.how == How::exited && !gone) ended.how = How::timed_out;
  }
  // The whole group: what the program started holds our pipe and its own resources.
  ::kill(-child, SIGKILL);
  if (!gone) (void)wait_for(child, Clock::now() + std::chrono::seconds(1));
  const int status = leave(child);
  if (ended.how == How::exited) {
    if (WIFSIGNALED(status)) ended.how = How::killed;
    ended.status = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  }
  ended.why = words_for(ended, program);
  return ended;
}

} // namespace nasmcu
