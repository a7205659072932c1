// SPDX-License-Identifier: MIT
// The value of a property, as it came with others.
#pragma once

#include <bus/sdbus.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>

namespace nasmcu {

/// An sdbus::Variant is a D-Bus message of its own, half a kilobyte; a tree of objects has
/// hundreds, and what a daemon has once needed it keeps. The plain types are themselves here.
class PropertyValue {
public:
  /// Throws sdbus::Error when it is of another type than the XML says.
  template <class T>
  T get() const {
    if constexpr (is_plain<T>) {
      if (const T* value = std::get_if<T>(&value_)) return *value;
    } else if (const auto* value = std::get_if<sdbus::Variant>(&value_)) {
      return value->get<T>();
    }
    throw compat::make_error("io.nasmcu1.Error.Protocol", "a property has another type");
  }

  friend sdbus::Message& operator>>(sdbus::Message& message, PropertyValue& value);

private:
  template <class T>
  static constexpr bool is_plain =
      std::is_same_v<T, bool> || std::is_same_v<T, std::uint32_t> ||
      std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> ||
      std::is_same_v<T, double> || std::is_same_v<T, std::string>;

  template <class T>
  void take(sdbus::Message& message, const std::string& contents);

  std::variant<bool, std::uint32_t, std::int64_t, std::uint64_t, double, std::string,
               sdbus::Variant>
      value_;
};

} // namespace nasmcu

template <>
struct sdbus::signature_of<nasmcu::PropertyValue> : sdbus::signature_of<sdbus::Variant> {};
