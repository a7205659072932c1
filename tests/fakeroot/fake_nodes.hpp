// SPDX-License-Identifier: MIT
// The GPIO chips and input devices of a fake root, served on Unix sockets by a thread of its own:
// the other side of libmcu's line_fake.cpp and of its fake input device. The protocols are in
// README.md.
#pragma once

#include "fake_root.hpp"

#include <memory>
#include <string>
#include <vector>

namespace fakeroot {

class FakeNodes {
public:
  /// Serves what is there; `root` outlives it. Throws std::runtime_error when it cannot.
  explicit FakeNodes(FakeRoot& root);
  ~FakeNodes();
  FakeNodes(const FakeNodes&) = delete;
  FakeNodes& operator=(const FakeNodes&) = delete;

  /// All of these return when it has happened. Each throws std::runtime_error for a chip, a line,
  /// an input device or a code that is not there.
  /// An input line changes, by the chip's label and the physical level.
  void line(const std::string& label, unsigned number, int value);
  /// The physical level of a line, whoever drives it.
  int line_value(const std::string& label, unsigned number) const;
  /// A key goes down (1) or up (0), or a switch moves.
  void key(const std::string& input, const std::string& code, int value);
  /// Sounds that were asked for, in order: "SND_BELL 1".
  std::vector<std::string> sounds() const;
  /// Programs that are connected to this input device or chip at the moment.
  int listeners(const std::string& name) const;

  /// FakeRoot's, sockets included.
  int add(const std::string& pattern);
  int remove(const std::string& pattern);

  /// One line of the control socket and its answer: "key keys KEY_COPY 1" -> "ok".
  std::string command(const std::string& text);
  /// Answers such lines on a Unix socket, one client after the other, until `stop_fd` is readable.
  void serve(const std::string& socket, int stop_fd);

private:
  class Server;
  std::unique_ptr<Server> server_;
};

} // namespace fakeroot
