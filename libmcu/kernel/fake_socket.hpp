// SPDX-License-Identifier: MIT
// The client of a fake device: lines of text over a Unix stream socket that stands in for a node
// below another root's /dev.
#pragma once

#include <libmcu/model/result.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

/// True for a socket in the place of a device node.
bool is_fake(const std::string& path);

class FakeSocket {
public:
  FakeSocket() = default;
  ~FakeSocket();
  FakeSocket(FakeSocket&& other) noexcept;
  FakeSocket& operator=(FakeSocket&& other) noexcept;

  /// `unsupported` when nobody listens.
  static Result<FakeSocket> connect(const std::string& path);

  int fd() const { return fd_; }
  /// Waits for one line: a second at most, a fake answers at once.
  Result<std::string> line();
  /// The lines that are here already; nothing when the other end has gone and all is read.
  std::optional<std::vector<std::string>> lines();
  /// Sends `line` with its line feed; `unsupported` when the other end went.
  Status send(std::string_view line);

private:
  enum class Got { bytes, nothing, end };
  Got receive();
  std::optional<std::string> take_line();
  bool gone() const;

  int fd_ = -1;
  std::string path_;
  std::string input_;
};

} // namespace mcu
