// SPDX-License-Identifier: MIT
// What every fuzz target gives and gets. A target is one file NAME_fuzz.cpp, which is built twice:
// as a libFuzzer program (preset fuzz, .ci/full.d/fuzz) and, by the normal compiler, as one that
// runs its corpus and is a test of `make test`.
#pragma once

#include <libmcu/model/bytes.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz {

using mcu::Bytes;
using mcu::ByteView;

/// The target: looks at one input, and ends by require() where a promise is broken.
void run(ByteView input);

/// Inputs made of what the tree has already (recorded exchanges, boards); most targets have none.
[[gnu::weak]] std::vector<Bytes> seeds();

/// A broken promise ends the program, in every build. (clang 14 has no std::source_location.)
inline void require(bool holds, std::string_view promise, const std::string& seen = {},
                    const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: broken: %.*s\n%s\n", file, line, static_cast<int>(promise.size()),
               promise.data(), seen.c_str());
  std::abort();
}

/// Takes decisions from the front of an input; zeros behind its end.
class Input {
public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  /// 0 to limit - 1; `limit` is 1 to 256.
  unsigned below(unsigned limit) { return byte() % limit; }
  unsigned word() { // one after the other, whatever the order of evaluation
    const unsigned high = byte();
    return high * 256 + byte();
  }
  ByteView take(std::size_t most) {
    const ByteView front = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(front.size());
    return front;
  }
  ByteView rest() { return take(rest_.size()); }

private:
  ByteView rest_;
};

inline std::string text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// A foreign text for a message: hex and, where it is text, as that.
inline std::string shown(ByteView bytes) { return mcu::to_hex(bytes) + "\n" + text_of(bytes); }

} // namespace fuzz
