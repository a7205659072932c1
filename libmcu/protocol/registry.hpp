// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/protocol/protocol.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

/// The protocol of that name; invalid_argument with the list of known names otherwise.
Result<std::unique_ptr<Protocol>> make_protocol(std::string_view name);

/// Every registered name, in the table's order.
std::vector<std::string_view> protocol_names();

} // namespace mcu
