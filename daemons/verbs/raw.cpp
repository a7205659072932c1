// SPDX-License-Identifier: MIT
#include <verbs/groups.hpp>
#include <verbs/outcome.hpp>
#include <verbs/parse.hpp>
#include <verbs/raw_rules.hpp>

namespace nasmcu {

Task<Outcome> run_raw(Session session, Arguments arguments) {
  if (arguments.empty()) co_return wrong_arguments("raw");
  const Result<mcu::Bytes> frame = parse_hex(arguments, raw_limit);
  if (!frame) co_return usage(frame.error().what);
  Result<std::vector<mcu::Bytes>> replies = co_await session.box->raw(*frame, session.force);
  if (!replies) co_return fail(replies.error());
  std::string text;
  Json list = Json::array();
  for (const mcu::Bytes& reply : *replies) {
    text += mcu::to_hex(reply) + "\n";
    list.push_back(mcu::to_hex(reply));
  }
  co_return say(session, text, {{"replies", list}});
}

} // namespace nasmcu
