// SPDX-License-Identifier: MIT
#include <libmcu/model/board.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>

namespace mcu {
namespace {

bool is_word(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

/// The address becomes part of a path below /sys or /dev: it must stay there.
bool is_address(std::string_view text) {
  const auto bad = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (text.empty() || text.front() == '/' || text.back() == '/') return false;
  if (std::any_of(text.begin(), text.end(), bad)) return false;
  return text != ".." && !text.starts_with("../") && !text.ends_with("/..") &&
         text.find("/../") == std::string_view::npos && text.find("//") == std::string_view::npos;
}

Error bad_uri(std::string_view text, const std::string& why) {
  return {Errc::invalid_argument, in_quotes(text) + " is no device: " + why +
                                      "; a device looks like mcu, mcu:disk1, hwmon:CHIP/pwm1, "
                                      "led:NAME or gpio:LABEL/14,active-low"};
}

} // namespace

Result<DeviceUri> parse_device_uri(std::string_view text) {
  text = trim(text);
  DeviceUri uri;
  const auto colon = text.find(':');
  uri.scheme = std::string(text.substr(0, colon));
  if (!is_word(uri.scheme)) return bad_uri(text, "it must begin with a word of a-z, 0-9 and -");
  if (colon == std::string_view::npos) return uri;
  std::string_view rest = text.substr(colon + 1);
  const auto comma = rest.find(',');
  uri.address = std::string(trim(rest.substr(0, comma)));
  if (!is_address(uri.address)) return bad_uri(text, "a name must stand behind the colon");
  while (rest.find(',') != std::string_view::npos) {
    rest.remove_prefix(rest.find(',') + 1);
    const std::string_view flag = trim(rest.substr(0, rest.find(',')));
    if (!is_word(flag)) return bad_uri(text, "an option behind a comma is a word");
    uri.flags.emplace_back(flag);
  }
  return uri;
}

std::string to_string(const DeviceUri& uri) {
  std::string text = uri.scheme;
  if (!uri.address.empty()) text += ":" + uri.address;
  for (const std::string& flag : uri.flags) text += "," + flag;
  return text;
}

} // namespace mcu
