// SPDX-License-Identifier: MIT
// Whatever comes in, a codec neither crashes nor stops, and believes nothing by chance.
#include <catch.hpp>
#include <libmcu/protocol/registry.hpp>
#include <tests/protocol/pic_like.hpp>
#include <tests/protocol/pmc_like.hpp>

#include <random>

using namespace mcu;

namespace {

std::vector<Command> all_commands() {
  return {cmd::Identify{},
          cmd::Ready{},
          cmd::ReadTemperature{},
          cmd::ReadFanSpeed{},
          cmd::ReadFanDuty{},
          cmd::SetFanDuty{Duty{50}},
          cmd::SetLed{"power", LedState::on, {}},
          cmd::SetLed{"power-red", LedState::on, {}},
          cmd::SetLed{"status-red", LedState::on, {}},
          cmd::Beep{},
          cmd::ReadButton{},
          cmd::ReadClock{},
          cmd::SetClock{},
          cmd::ReadAlarm{},
          cmd::SetAlarm{},
          cmd::EnableAlarm{},
          cmd::ReadAlarmFlag{},
          cmd::SetPowerRecovery{},
          cmd::ReadPowerRecovery{},
          cmd::SetWakeOnLan{},
          cmd::ReadWakeOnLan{},
          cmd::ReadEeprom{0, 32},
          cmd::PowerOff{std::chrono::seconds(20), {}}};
}

std::vector<std::unique_ptr<Protocol>> all_protocols() {
  std::vector<std::unique_ptr<Protocol>> all;
  for (const auto name : protocol_names()) all.push_back(make_protocol(name).value());
  all.push_back(std::make_unique<testing::PicLike>());
  all.push_back(std::make_unique<testing::PmcLike>());
  return all;
}

/// Random bytes that often look like something: marks, and pieces of the request.
class Source {
public:
  explicit Source(unsigned seed) : random_(seed) {}
  unsigned below(unsigned limit) { return random_() % limit; }
  Bytes bytes(const Bytes& request) {
    Bytes all;
    const std::size_t length = below(60);
    while (all.size() < length) {
      const unsigned kind = below(4);
      if (kind == 0 && !request.empty()) {
        const auto end = request.begin() + static_cast<std::ptrdiff_t>(below(request.size()) + 1);
        all.insert(all.end(), request.begin(), end);
      } else if (kind == 1) {
        static constexpr std::uint8_t marks[] = {0x40, 0x30, 0x38, 0x70, 0xFA, 0xFB, 0xF7, 0x0D};
        all.push_back(marks[below(sizeof marks)]);
      } else {
        all.push_back(static_cast<std::uint8_t>(below(256)));
      }
    }
    return all;
  }

private:
  std::mt19937 random_;
};

/// Takes `rx` apart as a link does; true when every answer of take() kept its promise.
bool consume(const Protocol& protocol, const Command& command, const Exchange& exchange, Bytes rx) {
  std::vector<Bytes> frames;
  while (!rx.empty()) {
    const bool done = frames.size() >= exchange.replies.size();
    const Awaiting awaiting{exchange, frames.size()};
    const Taken taken = protocol.take(rx, done ? nullptr : &awaiting);
    if (taken.size > rx.size()) return false;
    if (taken.kind == Taken::Kind::need_more)
      return taken.size == 0 && rx.size() <= protocol.max_pending();
    if (taken.size == 0) return false;
    if (done && taken.kind == Taken::Kind::reply) return false;
    const auto end = rx.begin() + static_cast<std::ptrdiff_t>(taken.size);
    const Bytes piece(rx.begin(), end);
    if (taken.kind == Taken::Kind::reply) frames.push_back(piece);
    if (taken.kind == Taken::Kind::event) (void)protocol.decode_event(piece);
    rx.erase(rx.begin(), end);
    const auto reply = protocol.decode(command, exchange, frames);
    if (!reply.ok() && reply.error().what.empty()) return false;
  }
  return true;
}

} // namespace

TEST_CASE("random bytes never stop or break a codec") {
  Source source(20240229);
  for (const auto& protocol : all_protocols()) {
    INFO(protocol->name());
    for (const Command& command : all_commands()) {
      const auto exchange = protocol->encode(command);
      if (!exchange.ok()) continue;
      for (int round = 0; round < 1000; ++round) {
        const Bytes rx = source.bytes(exchange->tx);
        if (!consume(*protocol, command, *exchange, rx))
          FAIL("stuck, or a size out of range: " << describe(command) << ": " << to_hex(rx));
        (void)protocol->parse_request(rx);
      }
    }
  }
}

TEST_CASE("frames of odd sizes, and of another command's exchange, are decoded to an error") {
  Source source(7);
  for (const auto& protocol : all_protocols()) {
    for (const Command& asked : all_commands()) {
      const auto exchange = protocol->encode(asked);
      if (!exchange.ok() || exchange->replies.empty()) continue;
      for (const Command& told : all_commands())
        for (int round = 0; round < 20; ++round) {
          const std::vector<Bytes> frames = {source.bytes(exchange->tx), source.bytes({})};
          const std::size_t given = source.below(3);
          (void)protocol->decode(told, *exchange, std::span(frames).first(given));
        }
      (void)protocol->decode(asked, Exchange{}, {});
      (void)protocol->decode(asked, Exchange{{}, {0}, true}, std::vector<Bytes>{{}});
      (void)protocol->take(Bytes{0x40, 0x30, 0x70}, nullptr);
    }
  }
  SUCCEED("nothing crashed");
}

TEST_CASE("a hand-made exchange of any shape cannot stop take()") {
  Source source(99);
  for (const auto& protocol : all_protocols())
    for (int round = 0; round < 5000; ++round) {
      Exchange exchange;
      exchange.tx = source.bytes({});
      exchange.ambiguous = source.below(2) == 0;
      for (unsigned n = source.below(3); n > 0; --n) exchange.replies.push_back(source.below(80));
      const Bytes rx = source.bytes(exchange.tx);
      if (!consume(*protocol, cmd::ReadTemperature{}, exchange, rx))
        FAIL(protocol->name() << " is stuck: " << to_hex(exchange.tx) << " / " << to_hex(rx));
    }
}

TEST_CASE("what a protocol encodes it also reads back, and nothing that is damaged") {
  for (const auto& protocol : all_protocols()) {
    for (const Command& command : all_commands()) {
      const auto exchange = protocol->encode(command);
      if (!exchange.ok()) continue;
      INFO(protocol->name() << " " << describe(command));
      const auto back = protocol->parse_request(exchange->tx);
      REQUIRE(back);
      CHECK(protocol->encode(*back)->tx == exchange->tx);
      Bytes shorter = exchange->tx;
      shorter.pop_back();
      CHECK_FALSE(protocol->parse_request(shorter));
      Bytes longer = exchange->tx;
      longer.push_back(0x55);
      CHECK_FALSE(protocol->parse_request(longer));
    }
  }
}
