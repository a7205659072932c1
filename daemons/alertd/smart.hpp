// SPDX-License-Identifier: MIT
// What `smartctl -j` says of one disk, and what to think of it. Pure: text, memory and time in,
// findings out.
#pragma once

#include <alertd/alert.hpp>

#include <libmcu/model/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::alertd {

/// smartctl(8), EXIT STATUS; and how the child ended otherwise.
struct ChildEnd {
  enum class How : unsigned char {
    exited,
    timed_out,
    too_much_output,
    not_started
  } how = How::exited;
  int status = 0;  ///< exit status, only when exited
  std::string why; ///< words for the others
};

struct SmartReport {
  enum class Outcome : unsigned char {
    read,     ///< there is SMART data below
    asleep,   ///< smartctl found it in standby and left it alone
    no_smart, ///< the disk, or the bridge before it, has no SMART
    denied,   ///< smartctl may not open it
    gone,     ///< no such device
    unclear,  ///< hung, cut short, no JSON: nothing is known
  } outcome = Outcome::unclear;
  std::string why; ///< for all but `read`

  std::string model, serial, firmware;
  std::string protocol;       ///< "ATA", "SCSI", "NVMe"; empty: not told
  std::optional<bool> passed; ///< the disk's own verdict
  std::optional<std::uint64_t> reallocated, pending, uncorrectable, crc_errors, media_errors;
  std::optional<std::uint64_t> power_on_hours;
  std::optional<double> wear;                   ///< percent of its life that is used, 0 to 255
  std::optional<double> spare, spare_threshold; ///< NVMe, percent
  std::optional<double> celsius;                ///< only believable ones, -40 to 120
  std::uint64_t critical_warning = 0;           ///< NVMe's bits
  std::vector<std::string> failing;       ///< names of attributes at or below their threshold now
  std::vector<std::string> failed_before; ///< ... and in the past
  std::optional<bool> self_test_failed;   ///< the newest entry of the log
};

/// Foreign text as we show and keep it: printable ASCII in one line of at most `most` characters,
/// '?' for anything else, no blanks at its ends.
std::string printable(std::string_view text, std::size_t most = 64);

/// Whether `smartctl -t` has begun a self-test, or why not, in smartctl's words.
mcu::Status parse_test_start(std::string_view json, const ChildEnd& end);

/// Any bytes: at most 1 MiB is looked at, an answer that is no JSON object, or of the wrong types
/// in places, is `unclear` or lacks those fields.
SmartReport parse_smart(std::string_view json, const ChildEnd& end);

/// What is kept of a disk from one reading to the next, by serial number, over reboots and bays.
struct SmartMemory {
  std::string serial, model;
  WallTime first{}, last{}; ///< readings
  /// Values at the first and the last reading.
  struct Counter {
    std::uint64_t first = 0, last = 0;
    WallTime grown{}; ///< when it grew last; zero: never
    bool operator==(const Counter&) const = default;
  };
  std::optional<Counter> reallocated, pending, uncorrectable, crc_errors, media_errors;
  std::optional<bool> passed;
  std::vector<Finding> verdict;      ///< of the last reading: a sleeping disk keeps it
  std::optional<Finding> unreadable; ///< the last reading could not be made, and why
  std::string bay;                   ///< where it was last
  bool operator==(const SmartMemory&) const = default;
};

/// Where the disk is now.
struct DiskPlace {
  std::string node;  ///< "/dev/sda"
  std::string bay;   ///< empty: in none
  std::string label; ///< as printed on the box; empty: the bay's name
};

/// A disk in words: "disk 2 (WDC WD40EFRX, serial WD-X)", "/dev/sdc (no serial number)".
std::string disk_words(const DiskPlace& place, const std::string& model, const std::string& serial);

/// "disk.SERIAL.WHAT"; without a serial, "disk.bay-2.WHAT" or "disk.sdc.WHAT".
std::string disk_finding_id(const std::string& serial, const DiskPlace& place,
                            std::string_view what);

/// What stands without a new reading: what the last one found, in words of where the disk is now,
/// and that it could not be made (denied, unclear), by the memory or, for a disk that has none, by
/// `last`.
std::vector<Finding> standing(const std::optional<SmartReport>& last, const SmartMemory& memory,
                              const DiskPlace& place);

/// What is wrong with it, with growth since last seen; brings `memory` up to date. `failed`: the
/// verdict, attributes failing now, NVMe critical warning (but for temperature alone: warning),
/// spare below threshold. `warning`: reallocated, pending, uncorrectable or media errors other than
/// 0; CRC errors only when they grew in the last week (a cable: old ones stay in the count for
/// ever); wear at or above 90 %; a failed self-test; failed in the past. Not `read`: denied and
/// unclear are a warning of their own, and what was found before stands; asleep and no_smart: what
/// was found before stands.
std::vector<Finding> judge(const SmartReport& report, SmartMemory& memory, const DiskPlace& place,
                           WallTime now);

/// What smartd said of it, as a part of its verdict; the same thing said again replaces it.
void take_message(SmartMemory& memory, Finding finding, const DiskPlace& place, WallTime now);

/// One record of /var/lib/nasmcu/disks (common/records.hpp), JSON on one line; nothing for one that
/// cannot be read.
std::string to_record(const SmartMemory& memory);
std::optional<SmartMemory> memory_from_record(std::string_view record);

} // namespace nasmcu::alertd
