// SPDX-License-Identifier: MIT
// Bytes from a client to lines. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nasmcu {

/// CRLF or LF ends a line; telnet's commands (IAC ...) are dropped, also when they come in pieces.
class LineReader {
public:
  /// `limit` is the longest line in bytes, without its end.
  explicit LineReader(std::size_t limit) : limit_(limit) {}

  void feed(std::span<const std::uint8_t> bytes);
  /// The next complete line, without its end.
  std::optional<std::string> next();
  /// A line went over the limit. Nothing is read from then on; complete lines before it remain.
  bool too_long() const { return too_long_; }

  /// What an end of stream makes of the bytes behind the last line end.
  struct Rest {
    enum class Kind {
      none,
      line, ///< as good as a line with its end
      cut,  ///< carries a number, whose last digits may be missing: not to be run
    } kind = Kind::none;
    std::string text;
  };
  Rest finish();

private:
  /// Where in a telnet command the next byte is.
  enum class Telnet { data, iac, option, subnegotiation, subnegotiation_iac };

  /// True when the byte is the client's text and no part of a telnet command.
  bool is_text(std::uint8_t byte);
  void take(char byte);

  std::size_t limit_;
  std::string line_;
  std::deque<std::string> lines_;
  Telnet telnet_ = Telnet::data;
  std::size_t dropped_ = 0; ///< telnet bytes since the last line end
  bool too_long_ = false;
};

/// True for a line with an argument that begins as a number does: the `2` of "DeviceShutdown 2" may
/// be what is left of `20`.
bool carries_number(std::string_view line);

/// True for the first line of an HTTP request: a web page must not be able to give commands.
bool looks_like_http(std::string_view line);

} // namespace nasmcu
