// SPDX-License-Identifier: MIT
#include <bus/property_value.hpp>

#include <utility>

namespace nasmcu {

template <class T>
void PropertyValue::take(sdbus::Message& message, const std::string& contents) {
  T value{};
  message.enterVariant(contents.c_str());
  message >> value;
  message.exitVariant();
  value_ = std::move(value);
}

sdbus::Message& operator>>(sdbus::Message& message, PropertyValue& value) {
  const std::string contents = compat::next_contents(message);
  switch (contents.size() == 1 ? contents[0] : '\0') {
  case 'b': value.take<bool>(message, contents); break;
  case 'u': value.take<std::uint32_t>(message, contents); break;
  case 'x': value.take<std::int64_t>(message, contents); break;
  case 't': value.take<std::uint64_t>(message, contents); break;
  case 'd': value.take<double>(message, contents); break;
  case 's': value.take<std::string>(message, contents); break;
  default: {
    sdbus::Variant other;
    message >> other;
    value.value_ = std::move(other);
  }
  }
  return message;
}

} // namespace nasmcu
