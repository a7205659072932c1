// SPDX-License-Identifier: MIT
// Why the watchdog may reset the box, kept over that reset: nas-watchdogd writes it, nas-alertd
// tells it at the next boot, and it is what resets are counted by. Pure; the file is
// /var/lib/nasmcu/watchdog in the form of common/records.hpp.
//
// Nothing here goes by the clock: a box without a battery may have a wrong one. A boot is told by
// the kernel's boot id, and a reset counts until an hour has passed in which nothing failed.
#pragma once

#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

struct ResetNote {
  std::string boot;     ///< in which it was written; "-": nobody could, the device's word alone
  std::string seen;     ///< the boot that found it; empty: none yet
  std::time_t time = 0; ///< by the clock of then
  bool certain = false; ///< the device says too that it has reset the box
  bool counts = true;   ///< no hour in which all was well since
  std::string check;    ///< "fan"
  std::string why;
  bool operator==(const ResetNote&) const = default;
};

class ResetNotes {
public:
  static constexpr std::string_view kind = "watchdog";
  static std::string file(const std::string& root) { return root + "/var/lib/nasmcu/watchdog"; }

  ResetNotes() = default;
  /// From the file's whole text; what cannot be read is left out. `damage`: in words, may be null.
  explicit ResetNotes(std::string_view text, std::string* damage = nullptr);

  /// The watchdog daemon begins in this boot. Notes of earlier ones have become resets; one of this
  /// boot is of a life of ours that ended, and is void. `device_reset`: the device's word on why
  /// the box started; a reset that it tells of and nobody noted is one too.
  void begin(const std::string& boot, std::optional<bool> device_reset, std::time_t now);
  /// The box may be reset soon.
  void write(const std::string& boot, std::time_t now, std::string check, std::string why);
  /// It will not be.
  void withdraw(const std::string& boot);
  /// An hour in which all was well.
  void settle();

  /// Resets that count.
  unsigned counted() const;
  /// The last one that has happened, seen from this boot; null: none.
  const ResetNote* last(const std::string& boot) const;

  std::string text() const;
  bool operator==(const ResetNotes&) const = default;

private:
  std::vector<ResetNote> notes_; ///< oldest first
};

/// ROOT/proc/sys/kernel/random/boot_id; "none" where there is no such file.
std::string boot_id(const std::string& root);

} // namespace nasmcu
