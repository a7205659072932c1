// SPDX-License-Identifier: MIT
#include <libmcu/kernel/files.hpp>

#include <libmcu/model/text.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace mcu {
namespace {

Errc code_of(int number) {
  switch (number) {
  case ENOENT:
  case ENOTDIR:
  case ENODEV:
  case ENXIO: return Errc::unsupported;
  case EIO:
  case EREMOTEIO:
  case EPROTO:
  case EBADMSG: return Errc::protocol;
  case ETIMEDOUT: return Errc::timeout;
  case EBUSY: return Errc::busy;
  default: return Errc::failed;
  }
}

/// Opened for one call.
class Opened {
public:
  Opened(const std::string& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY)) {}
  ~Opened() {
    if (fd_ >= 0) ::close(fd_);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  int get() const { return fd_; }

private:
  int fd_;
};

/// "hwmon9" before "hwmon10": runs of digits by their value.
bool in_order(const std::string& a, const std::string& b) {
  return ::strverscmp(a.c_str(), b.c_str()) < 0;
}

} // namespace

Error os_error(const std::string& path, const std::string& what, int number) {
  return {code_of(number), path + ": " + what + ": " + std::strerror(number)};
}

Result<std::string> Files::read(const std::string& path) const {
  const Opened file(path, O_RDONLY);
  if (file.get() < 0) return os_error(path, "cannot open", errno);
  std::array<char, 4096> buffer{};
  std::size_t length = 0;
  while (length < buffer.size()) {
    const ssize_t got = ::read(file.get(), buffer.data() + length, buffer.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error(path, "cannot read", errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  std::string text(buffer.data(), length);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Status Files::write(const std::string& path, const std::string& text) const {
  // A file of sysfs has no rest to cut off; a fake one may have been longer.
  const Opened file(path, O_WRONLY | O_TRUNC);
  if (file.get() < 0) return os_error(path, "cannot open for writing", errno);
  ssize_t put = 0;
  do {
    put = ::write(file.get(), text.data(), text.size());
  } while (put < 0 && errno == EINTR);
  if (put < 0) return os_error(path, "cannot write " + in_quotes(text), errno);
  if (put != static_cast<ssize_t>(text.size()))
    return Error{Errc::failed, path + ": took only a part of " + in_quotes(text)};
  return {};
}

std::vector<std::string> Files::list(const std::string& folder) const {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), &::closedir);
  if (!open) return names;
  while (const dirent* entry = ::readdir(open.get()))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end(), in_order);
  return names;
}

std::string Files::resolve(const std::string& path) const {
  std::array<char, PATH_MAX> buffer{};
  return ::realpath(path.c_str(), buffer.data()) == nullptr ? std::string() : buffer.data();
}

bool Files::exists(const std::string& path) const { return ::access(path.c_str(), F_OK) == 0; }

Result<long long> Files::number(const std::string& path) const {
  const auto text = read(path);
  if (!text) return text.error();
  // Not parse_integer(): a long of a 32-bit box ends in 2038.
  const std::string_view digits = trim(*text);
  long long value = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (wrong != std::errc() || end != digits.data() + digits.size() || digits.empty())
    return Error{Errc::protocol, path + " says " + in_quotes(*text) + ", which is no number"};
  return value;
}

} // namespace mcu
