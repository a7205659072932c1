// SPDX-License-Identifier: MIT
// The one place that knows which sdbus-c++ this is: 1.x (Debian 12) or 2.x (Debian 13).
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nasmcu::compat {

#if __has_include(<sdbus-c++/VTableItems.h>)
using MaybeError = std::optional<sdbus::Error>;
using ServiceName = sdbus::ServiceName;
inline bool process(sdbus::IConnection& bus) { return bus.processPendingEvent(); }
inline int event_fd(const sdbus::IConnection::PollData& poll) { return poll.eventFd; }
inline std::chrono::microseconds timeout(const sdbus::IConnection::PollData& poll) {
  return poll.timeout;
}
inline sdbus::Error make_error(std::string name, std::string text) {
  return sdbus::Error(sdbus::Error::Name(std::move(name)), std::move(text));
}
template <class Callback>
sdbus::Slot add_match(sdbus::IConnection& bus, const std::string& rule, Callback callback) {
  return bus.addMatch(
      rule, [callback = std::move(callback)](sdbus::Message message) { callback(message); },
      sdbus::return_slot);
}
inline std::string sender(const sdbus::IObject& object) {
  return object.getCurrentlyProcessedMessage().getSender();
}
inline void emit(sdbus::IObject& object, const char* interface,
                 const std::vector<std::string>& names) {
  object.emitPropertiesChangedSignal(interface,
                                     std::vector<sdbus::PropertyName>(names.begin(), names.end()));
}
/// Signature of what is in the variant that comes next.
inline std::string next_contents(const sdbus::Message& message) {
  const char* contents = message.peekType().second;
  return contents != nullptr ? contents : "";
}
#else
using MaybeError = const sdbus::Error*;
using ServiceName = std::string;
inline bool process(sdbus::IConnection& bus) { return bus.processPendingRequest(); }
inline int event_fd(const sdbus::IConnection::PollData&) { return -1; }
/// Absolute, CLOCK_MONOTONIC; max() for none.
inline std::chrono::microseconds timeout(const sdbus::IConnection::PollData& poll) {
  if (poll.timeout_usec == UINT64_MAX) return std::chrono::microseconds::max();
  return std::chrono::microseconds(poll.timeout_usec);
}
inline sdbus::Error make_error(std::string name, std::string text) {
  return {std::move(name), std::move(text)};
}
template <class Callback>
sdbus::Slot add_match(sdbus::IConnection& bus, const std::string& rule, Callback callback) {
  return bus.addMatch(rule, std::move(callback));
}
inline std::string sender(const sdbus::IObject& object) {
  return object.getCurrentlyProcessedMessage()->getSender();
}
inline void emit(sdbus::IObject& object, const char* interface,
                 const std::vector<std::string>& names) {
  object.emitPropertiesChangedSignal(interface, names);
}
inline std::string next_contents(const sdbus::Message& message) {
  std::string type, contents;
  message.peekType(type, contents);
  return contents;
}
#endif

/// PropertiesChanged. Never throws: on a bus that has just died there is nobody to be told, and the
/// one who turns the connection finds out by itself. (It may be called from within the library's
/// own C code, which an exception must not cross.)
inline void emit_changed(sdbus::IObject& object, const char* interface,
                         const std::vector<std::string>& names) {
  try {
    emit(object, interface, names);
  } catch (const sdbus::Error&) {
  }
}

} // namespace nasmcu::compat
