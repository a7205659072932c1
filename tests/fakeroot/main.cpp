// SPDX-License-Identifier: MIT
// fake-root BOARD FOLDER [--seed N] [--kernel] [--with WORD] [--without PATTERN] [--late PATTERN]
//           [--serve SOCKET]
// With --serve the GPIO chips and input devices are there too, until SIGTERM; see README.md.
#include "fake_nodes.hpp"
#include "fake_root.hpp"

#include <sys/signalfd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace {

struct Arguments {
  std::string board, folder, socket;
  fakeroot::Options options;
};

Arguments parse(int argc, char** argv) {
  Arguments all;
  const auto value = [&](int& i) {
    if (++i >= argc) throw std::runtime_error(std::string(argv[i - 1]) + " needs a value");
    return std::string(argv[i]);
  };
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--seed")
      all.options.seed = static_cast<unsigned>(std::stoul(value(i)));
    else if (word == "--kernel")
      all.options.with.insert("kernel");
    else if (word == "--with")
      all.options.with.insert(value(i));
    else if (word == "--without")
      all.options.without.push_back(value(i));
    else if (word == "--late")
      all.options.late.push_back(value(i));
    else if (word == "--serve")
      all.socket = value(i);
    else if (word.starts_with("-") || !all.folder.empty())
      throw std::runtime_error("unknown: " + word);
    else
      (all.board.empty() ? all.board : all.folder) = word;
  }
  if (all.folder.empty()) throw std::runtime_error("a board and a folder are needed");
  return all;
}

void run(const Arguments& arguments) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  // Before the thread starts, which inherits it.
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  fakeroot::FakeRoot root(arguments.board, arguments.folder, arguments.options);
  if (arguments.socket.empty()) return;
  fakeroot::FakeNodes nodes(root);
  nodes.serve(arguments.socket, ::signalfd(-1, &ends, SFD_CLOEXEC));
}

} // namespace

int main(int argc, char** argv) try {
  run(parse(argc, argv));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fake-root: %s\n", error.what());
  return 2;
}
