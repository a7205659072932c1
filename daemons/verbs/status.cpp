// SPDX-License-Identifier: MIT
#include <verbs/alert_text.hpp>
#include <verbs/groups.hpp>
#include <verbs/render.hpp>
#include <verbs/table.hpp>

namespace nasmcu {
namespace {

/// Nothing to say where all is well, or nas-alertd is left out; one that hangs is no good sign.
std::string alert_section(const Result<AlertList>& list, bool color) {
  if (list)
    return list->alerts.empty() ? "" : heading("Alerts", color) + alert_rows(list->alerts, color);
  if (list.error().code == mcu::Errc::not_running) return "";
  const Row unknown = {{"not known", Tone::warn}, {"(" + list.error().what + ")", Tone::warn}};
  return heading("Alerts", color) + aligned({unknown}, color);
}

} // namespace

Task<Outcome> run_status(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("status");
  Result<Snapshot> snapshot = co_await session.box->snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  Result<AlertList> list = co_await session.box->alerts();
  if (list) list->alerts = worst_first(std::move(list->alerts));
  Json fields = json(*snapshot);
  fields["alerts"] = json(list.value_or({}).alerts);
  fields["alerts_reason"] = list ? "" : list.error().what;
  co_return say(session, text(*snapshot, session.color) + alert_section(list, session.color),
                fields);
}

} // namespace nasmcu
