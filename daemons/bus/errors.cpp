// SPDX-License-Identifier: MIT
#include <bus/errors.hpp>

#include <array>
#include <string_view>

namespace nasmcu {
namespace {

constexpr std::string_view prefix = "io.nasmcu1.Error.";

struct BusError {
  std::string_view name; ///< behind "org.freedesktop.DBus.Error."
  mcu::Errc code;
};

constexpr std::array<BusError, 11> bus_errors = {{
    {"AccessDenied", mcu::Errc::denied},
    {"ServiceUnknown", mcu::Errc::not_running},
    {"NameHasNoOwner", mcu::Errc::not_running},
    {"Disconnected", mcu::Errc::not_running},
    {"NoReply", mcu::Errc::timeout},
    {"Timeout", mcu::Errc::timeout},
    {"TimedOut", mcu::Errc::timeout},
    {"UnknownObject", mcu::Errc::unsupported},
    {"UnknownMethod", mcu::Errc::unsupported},
    {"UnknownInterface", mcu::Errc::unsupported},
    {"InvalidArgs", mcu::Errc::invalid_argument},
}};

} // namespace

sdbus::Error to_dbus(const mcu::Error& error) {
  return compat::make_error(std::string(prefix) + std::string(mcu::name(error.code)), error.what);
}

mcu::Error from_dbus(const sdbus::Error& error) {
  const std::string name = error.getName();
  const std::string text = error.getMessage();
  if (name.starts_with(prefix))
    return {mcu::errc_from_name(std::string_view(name).substr(prefix.size())), text};
  constexpr std::string_view bus_prefix = "org.freedesktop.DBus.Error.";
  if (name.starts_with(bus_prefix)) {
    const std::string_view word = std::string_view(name).substr(bus_prefix.size());
    for (const BusError& known : bus_errors)
      if (known.name == word) return {known.code, text};
  }
  return {mcu::Errc::failed, text.empty() ? name : text};
}

} // namespace nasmcu
