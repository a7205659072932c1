// SPDX-License-Identifier: MIT
// Host -> MCU: any bytes, in any pieces, to the simulated MCU and to the codec's reader of
// requests; and what `raw` lets through.
//   input: protocol, then pieces: length, milliseconds of silence behind it, bytes
#include "codecs.hpp"

#include <libmcu/protocol/power_guard.hpp>
#include <mcusim/sim_mcu.hpp>
#include <tests/protocol/one_try.hpp>
#include <verbs/raw_rules.hpp>

#include <nlohmann/json.hpp>

namespace fuzz {
namespace {

using mcu::Protocol;
using std::chrono::milliseconds;

/// Whatever the two think of the bytes, they must agree on what is a request.
void check_parsed(const Protocol& protocol, ByteView frame) {
  const auto command = protocol.parse_request(frame);
  if (!command) return;
  const auto exchange = protocol.encode(*command);
  require(exchange && std::ranges::equal(exchange->tx, frame),
          "a frame that is understood is what would be sent for it", shown(frame));
  if (std::holds_alternative<mcu::cmd::PowerOff>(*command))
    require(could_cut_power(protocol, frame), "the guard knows every power frame", shown(frame));
}

/// The simulator was written from the same documents: it answers what we can ask.
void check_answer(const Protocol& protocol, mcusim::SimMcu& mcu, ByteView frame, mcusim::Time now) {
  const auto command = protocol.parse_request(frame);
  if (!command || std::holds_alternative<mcu::cmd::PowerOff>(*command)) return;
  const auto exchange = protocol.encode(*command);
  mcu::testing::OneTry one(protocol, *command, *exchange);
  for (const mcusim::Reply& reply : mcu.receive(frame, now))
    for (const mcusim::Outgoing& message : reply) one.receive(message.bytes);
  require(!mcu.partial(), "a whole request is not kept back", shown(frame));
  require(one.result.has_value(), "a whole request is answered at once", shown(frame));
}

/// Safety rule 5: bytes that the guard lets pass never cut the power, in whatever pieces.
void talk(const Protocol& protocol, mcusim::SimMcu& mcu, Input input) {
  mcusim::Time now{std::chrono::hours(1)};
  Bytes all;
  while (!input.empty()) {
    const std::size_t size = input.below(24);
    const milliseconds silence(input.byte());
    const ByteView piece = input.take(size);
    for (const auto& reply : mcu.receive(piece, now))
      for (const auto& message : reply)
        require(message.bytes.size() <= protocol.max_pending(), "a reply is of a known length",
                shown(piece));
    all.insert(all.end(), piece.begin(), piece.end());
    now += silence;
    if (mcu.partial() && silence >= mcu.idle_gap()) {
      for (const auto& reply : mcu.idle(now)) (void)reply;
      require(!mcu.partial(), "silence ends a frame", shown(piece));
    }
  }
  (void)mcu.state(now).dump();
  const bool powered = mcu.powered(now + std::chrono::minutes(10));
  require(powered || could_cut_power(protocol, all), "the guard knows what cuts the power",
          shown(all));
}

void check_raw(const Protocol& protocol, ByteView bytes) {
  const Bytes copy(bytes.begin(), bytes.end());
  for (const bool force : {false, true}) {
    const auto prepared = nasmcu::prepare_raw(protocol, copy, force, true);
    if (!prepared) {
      require(!prepared.error().what.empty(), "an error has words", shown(bytes));
      continue;
    }
    require(!could_cut_power(protocol, prepared->frame), "raw never cuts the power", shown(bytes));
    require(force || (prepared->command && nasmcu::is_reading(*prepared->command)),
            "without --force raw only reads", shown(bytes));
    require(prepared->frame.size() <= nasmcu::raw_limit + 1, "raw has its limit", shown(bytes));
  }
}

} // namespace

void run(ByteView bytes) {
  Input input(bytes);
  static const auto names = mcusim::sim_mcu_names();
  const auto name = names[input.below(static_cast<unsigned>(names.size()))];
  const auto protocol = std::move(mcu::make_protocol(name)).value();
  const mcusim::Time start{std::chrono::hours(1)};
  check_parsed(*protocol, bytes.subspan(std::min<std::size_t>(1, bytes.size())));
  check_raw(*protocol, bytes.subspan(std::min<std::size_t>(1, bytes.size())));
  auto idle = std::move(mcusim::make_sim_mcu(name, {}, start)).value();
  check_answer(*protocol, *idle, bytes.subspan(std::min<std::size_t>(1, bytes.size())), start);
  auto mcu = std::move(mcusim::make_sim_mcu(name, {}, start)).value();
  talk(*protocol, *mcu, input);
}

} // namespace fuzz
