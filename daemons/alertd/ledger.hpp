// SPDX-License-Identifier: MIT
// Which alerts stand, which of them a person knows of, and what has to be told. Pure: findings and
// time in, events out; its text survives reboots.
#pragma once

#include <alertd/alert.hpp>

#include <libmcu/model/result.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu::alertd {

class Ledger {
public:
  /// All that `source` finds wrong now. What it found before and no longer does is cleared; a
  /// source that cannot tell at the moment is not asked to say anything. Alerts of a source that
  /// has not spoken since the start stand as they were.
  ///
  /// An id stands once: of two findings with the same one the worse counts, and a source that finds
  /// what stands from another one takes it over. Texts are made printable (D-Bus and files take
  /// nothing else), and ids fit.
  std::vector<Event> update(std::string_view source, const std::vector<Finding>& findings,
                            WallTime now);

  /// Kept until severity or state changes; an acknowledged "state.alerts" is gone. `unsupported`
  /// for an id that does not stand, with those that do.
  mcu::Status acknowledge(std::string_view id);

  /// Worst first, then oldest first.
  std::vector<Alert> active() const;

  /// Those with standing alerts, so that the alerts of one that was switched off can be ended by
  /// update(source, {}, now).
  std::vector<std::string> sources() const;

  /// The file below /var/lib/nasmcu (common/records.hpp).
  std::string to_text() const;
  struct Restored;
  /// Never fails. Damage makes a standing alert of its own ("state.alerts", a warning, until
  /// acknowledged): an acknowledged failed disk is never forgotten without saying so. An empty text
  /// is damage too, since that is what a power cut leaves behind: where there is no file yet, begin
  /// with an empty Ledger instead.
  static Restored from_text(std::string_view text, WallTime now);

private:
  Alert* find(std::string_view id);
  std::optional<Alert> take(std::string_view id); ///< out of the ledger

  std::map<std::string, std::vector<Alert>, std::less<>> by_source_; ///< no empty ones
};

struct Ledger::Restored {
  Ledger ledger;
  std::string damage;        ///< empty: all was read
  std::vector<Event> events; ///< to be told: the damage
};

} // namespace nasmcu::alertd
