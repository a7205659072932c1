// SPDX-License-Identifier: MIT
// mcud's buttons: one GetManagedObjects, and changes, read with suspicion.
#pragma once

#include <buttond/button_config.hpp>

#include <bus/objects.hpp>

#include <functional>
#include <string>
#include <vector>

namespace nasmcu::buttond {

/// Asks `mcud` for its buttons, in the order of their paths.
Task<Result<std::vector<ButtonFacts>>> discover(Bus& bus, std::string mcud);

/// One PropertiesChanged of a button.
struct Change {
  bool present = true;
  bool known = false;
  bool pressed = false;
  Instant since;
};

/// Tells of changes of the button at `path`.
sdbus::Slot follow_button(Bus& bus, const std::string& path,
                          std::function<void(const Change&)> on_change);

/// Asks the hardware itself; nothing: it did not answer in time.
Task<std::optional<bool>> read_button(Bus& bus, std::string path);

} // namespace nasmcu::buttond
