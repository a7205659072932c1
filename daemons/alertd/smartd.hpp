// SPDX-License-Identifier: MIT
// smartd beside us: who of the two reads the disks, and what smartd's messages mean.
//
// A disk that two daemons ask is asked twice as often, and smartd does not know the sleep gate's
// rules. Where its owner has it tell us (50nasmcu in /etc/smartmontools/run.d, or -M exec), it is
// the one that reads; see smartd.conf(5) for what it tells.
#pragma once

#include <alertd/alert.hpp>

#include <common/text_file.hpp>
#include <libmcu/model/result.hpp>

#include <optional>
#include <string>

namespace nasmcu::alertd {

/// [Alert] Poller
enum class PollerRule : unsigned char { automatic, ourselves, smartd };

struct SmartdSigns {
  bool runs = false;  ///< there is a process of that name
  bool tells = false; ///< its configuration has our program called
};

/// Looks at ROOT/proc, ROOT/etc/smartd.conf and ROOT/etc/smartmontools/run.d, again and again; at
/// the two that may lie on a disk that rests only when they changed.
class SmartdSearch {
public:
  explicit SmartdSearch(const std::string& root);
  SmartdSigns look();

private:
  std::string root_;
  FileSign configuration_, folder_;
  bool calls_us_ = false, runs_folder_ = false; ///< smartd.conf
  bool is_in_folder_ = false;
};

/// Whether smartd reads the disks, and we only take its word.
bool smartd_polls(PollerRule rule, const SmartdSigns& signs);

/// What the owner should know of the two; empty: all is clear.
std::string poller_words(PollerRule rule, const SmartdSigns& signs);

/// What smartd gives to a program that it calls.
struct SmartdMessage {
  std::string device;  ///< SMARTD_DEVICE: "/dev/sda", or a link below /dev/disk
  std::string kind;    ///< SMARTD_FAILTYPE: "CurrentPendingSector"
  std::string message; ///< SMARTD_MESSAGE: one sentence
  std::string info;    ///< SMARTD_DEVICEINFO: "WDC WD40EFRX, S/N:WD-X, WWN:..., FW:..., 4.00 TB"
};

/// As a SmartMemory keeps it: the id is only its last part ("smartd-Health"), the subject has no
/// words for the disk. Nothing for smartd's own test message. `invalid_argument` for what smartd
/// would not say: a kind that is no word of 1 to 40 letters.
mcu::Result<std::optional<Finding>> judge_message(const SmartdMessage& message);

/// The serial number in SMARTD_DEVICEINFO; empty: none.
std::string serial_in(const std::string& info);

} // namespace nasmcu::alertd
