// SPDX-License-Identifier: MIT
#include <shutdown/errand.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace nasmcu::shutdown {
namespace {

constexpr std::size_t most_words = 512; ///< fits into a pipe at once

struct Running {
  pid_t pid = -1;
  int fd = -1; ///< the pipe's reading end; -1: it has ended
  std::optional<std::string> words;
};

[[noreturn]] void work(const Errand& errand, int fd) {
  ::mlockall(MCL_CURRENT); // locks are not inherited
  std::string words = errand();
  if (words.size() > most_words) words.resize(most_words);
  // A first byte, so that success is told too.
  const std::string text = "." + words;
  const ssize_t put = ::write(fd, text.data(), text.size());
  ::_exit(put == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

Running begin(const Errand& errand) {
  Running running;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    running.words = std::string("no pipe: ") + std::strerror(errno);
    return running;
  }
  running.pid = ::fork();
  if (running.pid == 0) work(errand, ends[1]);
  const int failure = errno;
  ::close(ends[1]);
  if (running.pid < 0) {
    ::close(ends[0]);
    running.words = std::string("no child: ") + std::strerror(failure);
    return running;
  }
  running.fd = ends[0];
  return running;
}

void hear(Running& running) {
  std::array<char, most_words + 1> text{};
  const ssize_t got = ::read(running.fd, text.data(), text.size());
  if (got < 0 && errno == EINTR) return;
  running.words =
      got > 0 ? std::string(text.data() + 1, static_cast<std::size_t>(got) - 1) : "the child died";
  ::close(running.fd);
  running.fd = -1;
  ::waitpid(running.pid, nullptr, 0); // it has nothing left to do but to exit
}

int milliseconds_to(Time until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<long long>(0, left.count()));
}

} // namespace

std::vector<std::optional<std::string>> run_errands(const std::vector<Errand>& errands,
                                                    Time until) {
  std::vector<Running> all;
  for (const Errand& errand : errands) all.push_back(begin(errand));
  for (;;) {
    std::vector<pollfd> waiting;
    for (const Running& one : all)
      if (one.fd >= 0) waiting.push_back({one.fd, POLLIN, 0});
    const int left = milliseconds_to(until);
    if (waiting.empty() || left == 0) break;
    if (::poll(waiting.data(), waiting.size(), left) <= 0) continue;
    for (const pollfd& ready : waiting)
      for (Running& one : all)
        if (ready.revents != 0 && one.fd == ready.fd) hear(one);
  }
  std::vector<std::optional<std::string>> words;
  for (Running& one : all) {
    if (one.fd >= 0) {
      ::kill(one.pid, SIGKILL);
      ::close(one.fd);
    }
    words.push_back(std::move(one.words));
  }
  return words;
}

} // namespace nasmcu::shutdown
