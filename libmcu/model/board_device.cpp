// SPDX-License-Identifier: MIT
#include <libmcu/model/board_parse.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>

namespace mcu {
namespace {

constexpr unsigned kinds(std::initializer_list<DeviceKind> list) {
  unsigned bits = 0;
  for (const DeviceKind kind : list) bits |= static_cast<unsigned>(kind);
  return bits;
}

struct Scheme {
  std::string_view name;
  std::string_view example; ///< an address with a '/' where it has two parts
  unsigned kinds;
};

using enum DeviceKind;
constexpr std::array<Scheme, 9> schemes = {{
    {"mcu", "mcu", kinds({fan, tach, sensor, led, button, buzzer, clock, power})},
    {"hwmon", "hwmon:qnapmcu/pwm1", kinds({fan, tach, sensor, alarm})},
    {"disk", "disk:1", kinds({sensor})},
    {"thermal", "thermal:cpu-thermal", kinds({sensor})},
    {"led", "led:hdd1:green:disk", kinds({led})},
    {"gpio", "gpio:gpio0/14,active-low", kinds({led, button, buzzer, alarm})},
    {"input", "input:gpio-keys/KEY_POWER", kinds({button, buzzer})},
    {"rtc", "rtc:rtc0", kinds({clock})},
    {"watchdog", "watchdog:orion_wdt", kinds({watchdog})},
}};

/// What is wrong with the address of a known scheme; empty when nothing is.
std::string address_fault(const DeviceUri& uri, const Scheme& scheme, DeviceKind kind) {
  const std::string like = ", such as " + std::string(scheme.example);
  if (uri.scheme == "mcu") {
    const bool named = kind == led || kind == button;
    if (named && uri.address.empty())
      return "the MCU has several of them: say which, such as mcu:power";
    if (!named && !uri.address.empty()) return "the MCU has one only: write mcu";
    return {};
  }
  if (uri.address.empty()) return "a name is missing" + like;
  const bool two_parts = scheme.example.find('/') != std::string_view::npos;
  if (two_parts != (uri.address.find('/') != std::string::npos))
    return std::string(two_parts ? "two names with a / between are needed" : "one name is needed") +
           like;
  if (uri.scheme == "gpio" && !parse_integer(uri.address.substr(uri.address.rfind('/') + 1)))
    return "the line behind the / is a number" + like;
  return {};
}

std::string known_schemes(DeviceKind kind) {
  std::vector<std::string_view> names;
  for (const Scheme& scheme : schemes)
    if ((scheme.kinds & static_cast<unsigned>(kind)) != 0) names.push_back(scheme.name);
  return join(names);
}

} // namespace

std::optional<DeviceUri> read_device(IniReader& in, std::string_view key, DeviceKind kind) {
  const IniEntry* entry = in.take(key);
  if (entry == nullptr) return {};
  const auto uri = parse_device_uri(entry->value);
  if (!uri) {
    in.error(entry->line, entry->key + ": " + uri.error().what);
    return {};
  }
  const auto scheme = std::find_if(schemes.begin(), schemes.end(),
                                   [&](const Scheme& one) { return one.name == uri->scheme; });
  if (scheme == schemes.end()) {
    in.warning(entry->line, entry->key + " = " + in_quotes(entry->value) +
                                ": unknown kind of device, known here are " + known_schemes(kind) +
                                "; it will be listed as not available");
    return *uri;
  }
  std::string fault = address_fault(*uri, *scheme, kind);
  if ((scheme->kinds & static_cast<unsigned>(kind)) == 0)
    fault = in.title() + " cannot hang on " + uri->scheme + ":, only on " + known_schemes(kind);
  for (const std::string& flag : uri->flags)
    if (!(uri->scheme == "gpio" && flag == "active-low") &&
        !(uri->scheme == "input" && flag == "switch"))
      fault = "unknown option " + in_quotes(flag) +
              "; there are active-low, for gpio, and switch, for input";
  if (fault.empty()) return *uri;
  in.reject(*entry, fault);
  return {};
}

} // namespace mcu
