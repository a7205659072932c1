// SPDX-License-Identifier: MIT
#include <vectors/vectors.hpp>

#include <mcusim/faults.hpp>
#include <mcusim/sim_mcu.hpp>

#include <catch.hpp>

#include <set>

using namespace mcusim;

namespace {

/// Everything the simulated MCU puts on the wire for one exchange, faults included.
struct Played {
  mcu::Bytes bytes;
  Duration first_pause{0};
};

Played play(const mcu::vectors::Exchange& exchange) {
  Time now{std::chrono::hours(1)};
  auto made = make_sim_mcu(exchange.protocol, McuOptions{}, now);
  REQUIRE(made.ok());
  SimMcu& sim = *made.value();
  FaultInjector faults(7);
  sim.judge = [&] { return faults.judge(sim.can_refuse()); };
  for (const std::string& line : exchange.state) {
    const Words words = split_line(line);
    const Words rest(words.begin() + 1, words.end());
    const mcu::Status status = words[0] == "fault" ? faults.set(rest) : sim.set(rest, now);
    INFO(line << ": " << (status.ok() ? "" : status.error().what));
    REQUIRE(status.ok());
  }
  std::vector<Reply> replies = sim.receive(exchange.request, now);
  // An unknown command ends with the silence of the line.
  if (sim.partial()) replies = sim.idle(now + sim.idle_gap());
  Played played;
  for (Reply& reply : replies) {
    const Reply damaged = faults.damage(std::move(reply));
    if (!damaged.empty()) played.first_pause = damaged.front().pause;
    for (const Outgoing& message : damaged) {
      played.bytes.insert(played.bytes.end(), message.bytes.begin(), message.bytes.end());
    }
  }
  return played;
}

std::vector<mcu::vectors::Exchange> all() {
  return mcu::vectors::load_all(NASMCU_SOURCE_DIR "/tests/vectors");
}

bool is_row(const std::string& id, const std::string& prefix) {
  return id.rfind(prefix, 0) == 0 && id.size() > prefix.size() &&
         id.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
}

} // namespace

TEST_CASE("the simulator answers every recorded exchange byte for byte") {
  std::size_t played = 0;
  std::size_t by_hand = 0;
  const auto names = sim_mcu_names();
  for (const auto& exchange : all()) {
    if (std::find(names.begin(), names.end(), exchange.protocol) == names.end()) continue;
    if (exchange.unsimulated) {
      ++by_hand;
      continue;
    }
    INFO(exchange.where << " " << exchange.id << " " << exchange.title);
    const Played got = play(exchange);
    CHECK(mcu::to_hex(got.bytes) == mcu::to_hex(exchange.reply_bytes()));
    if (!exchange.reply.empty()) CHECK(got.first_pause >= exchange.reply.front().after);
    ++played;
  }
  WARN("played " << played << " exchanges; " << by_hand << " are damaged by hand");
  CHECK(played >= 141);
  CHECK(by_hand <= 8);
}

TEST_CASE("no row of the good exchanges is missing from the files") {
  std::set<std::string> ids;
  for (const auto& exchange : all()) ids.insert(exchange.id);
  const auto count = [&ids](const std::string& prefix) {
    return std::count_if(ids.begin(), ids.end(),
                         [&](const std::string& id) { return is_row(id, prefix); });
  };
  CHECK(count("A") == 50);
  CHECK(count("AE") == 14);
  CHECK(count("B") == 54);
  CHECK(count("BE") == 12);
}
