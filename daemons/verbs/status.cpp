// SPDX-License-Identifier: MIT
#include <verbs/groups.hpp>
#include <verbs/render.hpp>

namespace nasmcu {

Task<Outcome> run_status(Session session, Arguments arguments) {
  if (!arguments.empty()) co_return wrong_arguments("status");
  Result<Snapshot> snapshot = co_await session.box->snapshot();
  if (!snapshot) co_return fail(snapshot.error());
  co_return say(session, text(*snapshot, session.color), json(*snapshot));
}

} // namespace nasmcu
