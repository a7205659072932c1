// SPDX-License-Identifier: MIT
// The three commands that the late shutdown hook sends to a disk by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace nasmcu::shutdown {

enum class AtaPower : unsigned char { unknown, standby, idle, active };

/// The answer to CHECK POWER MODE in the sense data of an ATA pass-through, in either format.
AtaPower power_mode_in(std::span<const std::uint8_t> sense);

/// CHECK POWER MODE: the one command that does not wake a disk. unknown when it is not answered.
AtaPower ata_power_mode(int fd);
/// STANDBY IMMEDIATE; false when the disk knows no such thing.
bool ata_standby(int fd);
/// SCSI's START STOP UNIT.
bool scsi_stop(int fd);

} // namespace nasmcu::shutdown
