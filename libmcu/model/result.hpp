// SPDX-License-Identifier: MIT
// Errors are values with words: Result<T> holds a T or an Error that says what failed and what to
// do.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace mcu {

/// The kinds of failure that a caller may want to tell apart. They are also the names of the D-Bus
/// errors (io.nasmcu1.Error.Timeout ...) and decide mcuctl's exit code.
enum class Errc {
  timeout,          ///< the MCU, or a service, did not answer within its deadline
  protocol,         ///< an answer came and was wrong: checksum, mirrored bytes, refusal by the MCU
  link_down,        ///< the serial port is not there
  unsupported,      ///< this board, protocol or back end has no such function
  invalid_argument, ///< the caller's value is out of range; the text says what is allowed
  busy,             ///< another holder has it
  denied,           ///< the caller may not
  not_running,      ///< the daemon that owns this is not on the bus
  asleep,           ///< a disk at rest, which a reading would wake: no value, and no failure
  failed,           ///< the operating system refused; the text has its words
};

/// The word for a kind of failure as used in logs and D-Bus error names, e.g. "LinkDown".
std::string_view name(Errc code);

/// Inverse of name(); `failed` for a word that is none of ours.
Errc errc_from_name(std::string_view word);

struct Error {
  Errc code = Errc::failed;
  std::string what; ///< one line, no full stop: what failed, where, and what is allowed
  bool operator==(const Error&) const = default;
};

/// The value of an operation that yields nothing but success.
struct Done {
  bool operator==(const Done&) const = default;
};

template <class T>
class [[nodiscard]] Result {
public:
  Result() : state_(std::in_place_index<0>) {}
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Precondition: ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  T value_or(T other) const { return ok() ? value() : std::move(other); }

  /// Precondition: !ok().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

private:
  std::variant<T, Error> state_;
};

using Status = Result<Done>;

} // namespace mcu
