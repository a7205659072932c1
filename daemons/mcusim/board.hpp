// SPDX-License-Identifier: MIT
#pragma once

#include <mcusim/simulator.hpp>

#include <libmcu/model/board.hpp>

namespace mcusim {

/// Takes from a board file what the MCU has to know: protocol, speed of the line, number of disk
/// LEDs, whether there is a USB LED. `unsupported` for a board without a serial MCU.
mcu::Status play_board(const mcu::Board& board, SimulatorOptions& options);

} // namespace mcusim
