// SPDX-License-Identifier: MIT
#include <mcusim/trace.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mcusim {

mcu::Status Trace::open(const std::string& path) {
  file_.reset(std::fopen(path.c_str(), "we"));
  if (file_) return mcu::Done{};
  return mcu::Error{mcu::Errc::failed,
                    "cannot write the trace " + path + ": " + std::strerror(errno)};
}

void Trace::write(Direction direction, mcu::ByteView bytes, Time at) {
  if (!file_) return;
  static constexpr char digits[] = "0123456789ABCDEF";
  static constexpr std::size_t most = 64; // bytes a line
  const double t_ms = std::chrono::duration<double, std::milli>(at.time_since_epoch()).count();
  std::array<char, most * 3 + 96> line;
  while (!bytes.empty()) {
    const mcu::ByteView part = bytes.first(std::min(bytes.size(), most));
    bytes = bytes.subspan(part.size());
    auto size = static_cast<std::size_t>(std::snprintf(line.data(), line.size(),
                                                       R"({"t_ms":%.3f,"dir":"%s","hex":")", t_ms,
                                                       direction == Direction::rx ? "rx" : "tx"));
    for (const std::uint8_t byte : part) {
      line.at(size++) = digits[byte >> 4U];
      line.at(size++) = digits[byte & 0x0FU];
      line.at(size++) = ' ';
    }
    std::memcpy(&line.at(size - 1), "\"}\n", 3);
    std::fwrite(line.data(), 1, size + 2, file_.get());
  }
  std::fflush(file_.get());
}

} // namespace mcusim
