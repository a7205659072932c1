// SPDX-License-Identifier: MIT
#include <shutdown/ata.hpp>

#include <scsi/sg.h>
#include <sys/ioctl.h>

#include <array>

namespace nasmcu::shutdown {
namespace {

/// A disk that spins down answers when it begins to; one that does not answer is given up by the
/// whole program's clock.
constexpr unsigned patience_ms = 3000;

constexpr std::uint8_t check_condition = 2;
constexpr std::uint8_t check_power_mode = 0xE5;
constexpr std::uint8_t standby_immediate = 0xE0;

struct Answer {
  bool reached = false;    ///< the command went to the disk and came back
  std::uint8_t status = 0; ///< SCSI's
  std::array<std::uint8_t, 32> sense{};
};

template <std::size_t N>
Answer ask(int fd, std::array<std::uint8_t, N> cdb) {
  Answer answer;
  sg_io_hdr_t header{};
  header.interface_id = 'S';
  header.dxfer_direction = SG_DXFER_NONE;
  header.cmd_len = static_cast<unsigned char>(cdb.size());
  header.cmdp = cdb.data();
  header.mx_sb_len = static_cast<unsigned char>(answer.sense.size());
  header.sbp = answer.sense.data();
  header.timeout = patience_ms;
  answer.reached = ::ioctl(fd, SG_IO, &header) == 0 && header.host_status == 0;
  answer.status = header.status;
  return answer;
}

/// ATA PASS-THROUGH (16), a command without data. `registers`: ask for the registers behind it,
/// which come as sense data.
Answer ask_ata(int fd, std::uint8_t command, bool registers) {
  std::array<std::uint8_t, 16> cdb{};
  cdb[0] = 0x85;
  cdb[1] = 3 << 1; // protocol: non-data
  cdb[2] = registers ? 0x20 : 0x00;
  cdb[14] = command;
  return ask(fd, cdb);
}

} // namespace

AtaPower power_mode_in(std::span<const std::uint8_t> sense) {
  if (sense.size() < 22) return AtaPower::unknown;
  const unsigned format = sense[0] & 0x7FU;
  std::uint8_t count = 0;
  if (format == 0x72 && sense[8] == 0x09) // descriptors, the first of them ATA's registers
    count = sense[13];
  else if (format == 0x70 && sense[12] == 0x00 && sense[13] == 0x1D) // fixed: "information follows"
    count = sense[6];
  else
    return AtaPower::unknown;
  if (count == 0x00 || count == 0x01) return AtaPower::standby;
  if (count >= 0x80 && count <= 0x83) return AtaPower::idle;
  return AtaPower::active; // 40h and 41h too: a disk with a cache that is still at work
}

AtaPower ata_power_mode(int fd) {
  const Answer answer = ask_ata(fd, check_power_mode, true);
  if (!answer.reached || answer.status != check_condition) return AtaPower::unknown;
  return power_mode_in(answer.sense);
}

bool ata_standby(int fd) {
  const Answer answer = ask_ata(fd, standby_immediate, false);
  return answer.reached && answer.status == 0;
}

bool scsi_stop(int fd) {
  const Answer answer = ask(fd, std::array<std::uint8_t, 6>{0x1B, 0, 0, 0, 0, 0});
  return answer.reached && answer.status == 0;
}

} // namespace nasmcu::shutdown
