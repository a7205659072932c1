// SPDX-License-Identifier: MIT
#include <common/text_file.hpp>

#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <utility>

namespace nasmcu {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
}

} // namespace

std::optional<std::string> read_text_file(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  if (!file) return {};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

FileSign::Stamp FileSign::look() const {
  struct stat info = {};
  if (::stat(path_.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
          nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
}

bool FileSign::changed() {
  const Stamp now = look();
  return std::exchange(seen_, now) != now;
}

} // namespace nasmcu
