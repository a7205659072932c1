// SPDX-License-Identifier: MIT
// The hardware watchdog: what nas-watchdogd noted before the last reset, and what it says now.
#include <alertd/sources/source.hpp>
#include <alertd/watchdog_health.hpp>

#include <bus/watchdogd_client.hpp>
#include <common/records.hpp>
#include <common/text_file.hpp>

namespace nasmcu::alertd {
namespace {

/// The reason belongs to the check; what will be done about it changes with the seconds.
std::string why_of(const WatchdogView& view) {
  for (const WatchdogCheckView& check : view.checks)
    if (check.name == view.check) return check.why.substr(0, check.why.rfind(" (for "));
  return view.reason;
}

class WatchdogSource : public Source {
public:
  explicit WatchdogSource(const SourceContext& context)
      : bus_(context.bus),
        boot_(boot_id(context.root)),
        notes_sign_(ResetNotes::file(context.root)),
        known_sign_(known_resets_file(context.root)) {}

  /// What nas-watchdogd says of itself hurries us (LED and buzzer come before the reset); the notes
  /// of before the start are there from the first look on.
  std::chrono::seconds pause() const override { return std::chrono::seconds(60); }

  Task<std::optional<std::vector<Finding>>> look() override {
    WatchdogdClient watchdogd(bus_);
    const Result<WatchdogView> view = co_await watchdogd.watchdog();
    std::optional<WatchdogSeen> seen;
    if (view) seen = WatchdogSeen{view->state, view->check, view->reason, why_of(*view)};
    read_files();
    co_return judge_watchdog(seen, notes_, boot_, known_);
  }

private:
  /// They lie on the root disk, which may rest.
  void read_files() {
    if (notes_sign_.changed()) {
      const std::string text = read_text_file(notes_sign_.path()).value_or("");
      notes_ = text.empty() ? ResetNotes() : ResetNotes(text);
    }
    if (known_sign_.changed()) {
      const std::string text = read_text_file(known_sign_.path()).value_or("");
      const Records known = decode_records("watchdog-known", text);
      known_ = known.good.empty() ? "" : known.good.back();
    }
  }

  Bus& bus_;
  std::string boot_;
  FileSign notes_sign_, known_sign_;
  ResetNotes notes_;
  std::string known_; ///< id of the reset that a person knows of
};

} // namespace

const SourceMaker watchdog_source = {"watchdog",
                                     [](const SourceContext& context) -> std::unique_ptr<Source> {
                                       return std::make_unique<WatchdogSource>(context);
                                     }};

} // namespace nasmcu::alertd
