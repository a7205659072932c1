// SPDX-License-Identifier: MIT
// MCU -> host: any bytes as the answer to any command of any protocol.
//   input: protocol, command with its values, then what is received
#include "codecs.hpp"

#include <tests/protocol/one_try.hpp>
#include <tests/vectors/vectors.hpp>

#include <cmath>

namespace fuzz {
namespace {

using mcu::Command;
using mcu::describe;
using mcu::Exchange;
using mcu::Protocol;
using mcu::Taken;

/// Safety rule 1: what is no believable reading is never a number.
void check_value(const Command& command, const mcu::Reply& reply, ByteView rx) {
  if (const auto* celsius = std::get_if<mcu::Celsius>(&reply)) {
    require(std::isfinite(celsius->value), "a temperature is a number", shown(rx));
    require(celsius->value >= -40 && celsius->value <= 120, "a temperature is believable",
            shown(rx));
  }
  if (const auto* duty = std::get_if<mcu::Duty>(&reply))
    require(mcu::in_range(*duty), "a duty is 0 to 100 percent", shown(rx));
  if (const auto* time = std::get_if<mcu::CivilTime>(&reply))
    require(mcu::check(*time).ok(), "a clock shows a moment that exists", shown(rx));
  if (const auto* bytes = std::get_if<Bytes>(&reply))
    if (const auto* read = std::get_if<mcu::cmd::ReadEeprom>(&command))
      require(bytes->size() == read->length, "as many bytes as were asked for", shown(rx));
}

/// The promises of take(), on whatever comes.
void check_take(const Protocol& protocol, const Exchange& exchange, ByteView rx) {
  std::size_t frames = 0;
  while (!rx.empty()) {
    const bool done = frames >= exchange.replies.size();
    const mcu::Awaiting awaiting{exchange, frames};
    const Taken taken = protocol.take(rx, done ? nullptr : &awaiting);
    require(taken.size <= rx.size(), "a piece lies within what was received", shown(rx));
    if (taken.kind == Taken::Kind::need_more) {
      require(taken.size == 0, "need_more takes nothing", shown(rx));
      require(rx.size() <= protocol.max_pending(), "progress beyond max_pending", shown(rx));
      return;
    }
    require(taken.size > 0, "a piece is not empty", shown(rx));
    require(!done || taken.kind != Taken::Kind::reply, "no reply when none is awaited", shown(rx));
    if (taken.kind == Taken::Kind::reply) ++frames;
    rx = rx.subspan(taken.size);
  }
}

/// What a request encodes to is what it reads back as, and never a power frame by accident.
void check_request(const Protocol& protocol, const Command& command, const Exchange& exchange) {
  const auto back = protocol.parse_request(exchange.tx);
  require(back.has_value(), "what is encoded is a known request", describe(command));
  const auto again = protocol.encode(*back);
  require(again && again->tx == exchange.tx, "encode(parse_request(tx)) is tx", describe(command));
  require(std::holds_alternative<mcu::cmd::PowerOff>(command) ==
              std::holds_alternative<mcu::cmd::PowerOff>(*back),
          "nothing but power off is power off", describe(command));
}

struct Heard {
  std::optional<mcu::Result<mcu::Reply>> result;
  std::vector<Bytes> frames;
};

Heard hear(const Protocol& protocol, const Command& command, const Exchange& exchange, ByteView rx,
           bool singly) {
  mcu::testing::OneTry one(protocol, command, exchange);
  if (singly)
    one.receive_singly(rx);
  else
    one.receive(rx);
  const std::size_t whole = one.result ? exchange.replies.size() : one.frames().size();
  require(one.pending() <= protocol.max_pending(), "no more than max_pending is kept", shown(rx));
  one.deadline();
  require(one.frames().size() >= whole, "a frame that was taken stays", shown(rx));
  return {one.result, one.frames()};
}

/// An answer that tells its command must not do for another one.
void check_others(const Protocol& protocol, const Exchange& exchange,
                  const std::vector<Bytes>& frames) {
  if (exchange.ambiguous || exchange.replies.empty()) return;
  const std::vector<Command> others = {mcu::cmd::Identify{},      mcu::cmd::ReadTemperature{},
                                       mcu::cmd::ReadFanSpeed{},  mcu::cmd::ReadFanDuty{},
                                       mcu::cmd::ReadButton{},    mcu::cmd::ReadClock{},
                                       mcu::cmd::ReadAlarm{},     mcu::cmd::ReadPowerRecovery{},
                                       mcu::cmd::ReadWakeOnLan{}, mcu::cmd::ReadAlarmFlag{}};
  for (const Command& other : others) {
    const auto own = protocol.encode(other);
    if (!own || own->tx == exchange.tx || own->ambiguous || own->replies.empty()) continue;
    Bytes all;
    for (const Bytes& frame : frames) all.insert(all.end(), frame.begin(), frame.end());
    const Heard heard = hear(protocol, other, *own, all, false);
    require(!heard.result || !heard.result->ok(), "a reply never answers another command",
            describe(other) + " took " + shown(all));
  }
}

} // namespace

void run(ByteView bytes) {
  Input input(bytes);
  const Protocol& protocol = protocol_from(input);
  const Command command = command_from(input);
  const ByteView rx = input.rest();
  const auto exchange = protocol.encode(command);
  (void)protocol.parse_request(rx);
  check_take(protocol, exchange ? *exchange : Exchange{}, rx);
  if (!exchange) {
    require(!exchange.error().what.empty(), "an error has words", describe(command));
    return;
  }
  check_request(protocol, command, *exchange);
  const Heard whole = hear(protocol, command, *exchange, rx, false);
  const Heard singly = hear(protocol, command, *exchange, rx, true);
  require(whole.result->ok() == singly.result->ok() && whole.frames == singly.frames,
          "how the bytes come in pieces makes no difference", describe(command) + " " + shown(rx));
  if (!whole.result->ok()) {
    require(!whole.result->error().what.empty(), "an error has words", shown(rx));
    return;
  }
  check_value(command, whole.result->value(), rx);
  check_others(protocol, *exchange, whole.frames);
}

/// Every recorded answer, as that to the first command in each protocol's words.
std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (const auto& one : mcu::vectors::load_all(NASMCU_SOURCE_DIR "/tests/vectors")) {
    if (!one.command) continue;
    Bytes seed;
    const auto& list = protocols();
    for (std::size_t i = 0; i < list.size(); ++i)
      if (list[i]->name() == one.protocol) seed.push_back(static_cast<std::uint8_t>(i));
    // Commands stand in the variant in the order of command_from(), values are then found by
    // chance.
    seed.push_back(static_cast<std::uint8_t>(one.command->index()));
    const Bytes reply = one.reply_bytes();
    seed.insert(seed.end(), reply.begin(), reply.end());
    all.push_back(std::move(seed));
  }
  return all;
}

} // namespace fuzz
