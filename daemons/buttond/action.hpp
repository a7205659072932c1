// SPDX-License-Identifier: MIT
// What a gesture does: the words of the configuration.
#pragma once

#include <libmcu/model/result.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::buttond {

struct Action {
  enum class Kind : unsigned char {
    none,
    poweroff,
    reboot,
    suspend,
    unit,        ///< words: the unit's name
    run,         ///< words: program and arguments
    identify,    ///< words: the bay, "off"
    acknowledge, ///< all alerts
    mute,        ///< time
    beep,        ///< words: "short" or "long"
  };
  Kind kind = Kind::none;
  std::vector<std::string> words;
  std::chrono::seconds time{0};
  bool operator==(const Action&) const = default;

  /// The system goes down, or to sleep.
  bool ends_work() const {
    return kind == Kind::poweroff || kind == Kind::reboot || kind == Kind::suspend;
  }
};

/// "run /usr/local/bin/backup --now"; invalid_argument with what is allowed.
mcu::Result<Action> parse_action(std::string_view text);

/// The same words again.
std::string to_text(const Action& action);

} // namespace nasmcu::buttond
