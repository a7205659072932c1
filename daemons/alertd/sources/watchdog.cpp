// SPDX-License-Identifier: MIT
// The hardware watchdog: what nas-watchdogd noted before the last reset, and what it says now.
#include <alertd/sources/source.hpp>
#include <alertd/watchdog_health.hpp>

#include <bus/watchdogd_client.hpp>
#include <common/records.hpp>

#include <fstream>
#include <iterator>

namespace nasmcu::alertd {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The reason belongs to the check; what will be done about it changes with the seconds.
std::string why_of(const WatchdogView& view) {
  for (const WatchdogCheckView& check : view.checks)
    if (check.name == view.check) return check.why.substr(0, check.why.rfind(" (for "));
  return view.reason;
}

class WatchdogSource : public Source {
public:
  explicit WatchdogSource(const SourceContext& context)
      : root_(context.root), bus_(context.bus), boot_(boot_id(root_)) {}

  /// Less than the shortest usual warning: LED and buzzer come before the reset.
  std::chrono::seconds pause() const override { return std::chrono::seconds(5); }

  Task<std::optional<std::vector<Finding>>> look() override {
    WatchdogdClient watchdogd(bus_);
    const Result<WatchdogView> view = co_await watchdogd.watchdog();
    std::optional<WatchdogSeen> seen;
    if (view) seen = WatchdogSeen{view->state, view->check, view->reason, why_of(*view)};
    const std::string text = file_text(ResetNotes::file(root_));
    const ResetNotes notes = text.empty() ? ResetNotes() : ResetNotes(text);
    const Records known = decode_records("watchdog-known", file_text(known_resets_file(root_)));
    co_return judge_watchdog(seen, notes, boot_, known.good.empty() ? "" : known.good.back());
  }

private:
  std::string root_;
  Bus& bus_;
  std::string boot_;
};

} // namespace

const SourceMaker watchdog_source = {"watchdog",
                                     [](const SourceContext& context) -> std::unique_ptr<Source> {
                                       return std::make_unique<WatchdogSource>(context);
                                     }};

} // namespace nasmcu::alertd
