// SPDX-License-Identifier: MIT
// One exchange and what can go wrong with it: errors, noise, deadlines, the byte gap, power.
#include "scripted_transport.hpp"

#include <catch.hpp>

using namespace mcu;
using namespace mcu::testing;

TEST_CASE("a healthy exchange puts its bytes and nothing else on the wire") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  Bytes heard;
  bench.link->on_trace = [&](Link::Direction direction, ByteView bytes) {
    if (direction == Link::Direction::received)
      heard.insert(heard.end(), bytes.begin(), bytes.end());
  };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> reply = co_await bench.link->ask(cmd::Beep{BeepLength::brief});
    CHECK(reply.ok());
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>{beep_request});
  CHECK(heard == accepted);
  const LinkStats& stats = bench.link->stats();
  CHECK(stats.exchanges == 1);
  CHECK(stats.tries == 1);
  CHECK(stats.stray_bytes == 0);
  CHECK(stats.rtt_total_us == stats.rtt_last_us);
}

TEST_CASE("the frames as received are in a raw answer") {
  Bench bench(protocol("wt61p803"));
  const std::vector<Bytes> expected{temperature_reply(42)};
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<RawAnswer> answer = co_await bench.link->ask_raw(cmd::ReadTemperature{});
    CHECK(answer.ok());
    if (answer.ok()) CHECK(answer.value().frames == expected);
  }));
}

TEST_CASE("an answer in single bytes is the same answer") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  bench.wire->one_by_one = true;
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(reply) == 42);
  }));
}

TEST_CASE("a wrong checksum is tried again after silence") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(reply_with({0x40, 0x54, 0x33, 0x11, 0x0D}));
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(reply) == 42);
  }));
  CHECK(bench.link->stats().bad_replies == 1);
  CHECK(bench.link->stats().retries == 1);
  CHECK(bench.link->stats().refusals == 0);
  REQUIRE(bench.wire->sent.size() == 2);
  CHECK(bench.wire->sent[1].at - bench.wire->sent[0].at >= quick().quiet);
}

TEST_CASE("a dropped answer is tried again") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  bench.wire->next.push_back(drop);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(reply) == 42);
  }));
  CHECK(bench.link->stats().timeouts == 1);
}

TEST_CASE("an echoing line never yields an answer") {
  Bench bench(protocol("wt61p803"), quick(2));
  bench.wire->answer = [](const Bytes& request) { return request; };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
  }));
  CHECK(bench.link->stats().exchanges == 0);
}

TEST_CASE("a refusal ends a try at once and is counted as the MCU's own no") {
  Bench bench(protocol("wt61p803"), quick(1));
  bench.wire->answer = [](const Bytes&) { return Bytes{0x40, 0x39, 0x79}; };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
    if (!read.ok()) CHECK(read.error().code == Errc::protocol);
    const Result<Reply> beep = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(beep.ok());
  }));
  CHECK(bench.link->stats().refusals == 2);
  CHECK(bench.link->stats().timeouts == 0);
}

TEST_CASE("an endless stream of noise keeps no exchange beyond its deadline") {
  Bench bench(protocol("wt61p803"), quick(2));
  bool noisy = true;
  SteadyDuration longest{};
  const auto timed = [&](Command command) -> Task<void> {
    const SteadyTime began = std::chrono::steady_clock::now();
    const Result<Reply> reply = co_await bench.link->ask(std::move(command));
    (void)reply;
    longest = std::max(longest, std::chrono::steady_clock::now() - began);
  };
  const auto babble = [&]() -> Task<Status> {
    while (noisy) {
      bench.wire->say(Bytes(1, 0x55));
      co_await bench.pause(1ms);
    }
    co_return Done{};
  };
  SECTION("of a silent MCU") {}
  SECTION("of one that answers") { bench.wire->answer = wt_answer; }
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto babbling = bench.beside(babble());
    co_await timed(cmd::SetFanDuty{Duty{50}});
    co_await timed(cmd::ReadTemperature{});
    co_await timed(cmd::Beep{});
    noisy = false;
    co_await bench.ended(babbling);
  }));
  CHECK(longest < bench.link->deadline() + 1s); // the second: a busy test machine
  if (bench.wire->answer)
    CHECK(bench.link->stats().exchanges == 3);
  else
    CHECK(bench.link->stats().failures == 3);
}

TEST_CASE("a silent MCU costs the tries and no more than the deadline") {
  Bench bench(protocol("wt61p803"));
  SteadyDuration spent{};
  REQUIRE(bench.run([&]() -> Task<void> {
    const SteadyTime began = std::chrono::steady_clock::now();
    const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
    spent = std::chrono::steady_clock::now() - began;
    CHECK_FALSE(reply.ok());
    if (!reply.ok()) CHECK(reply.error().code == Errc::timeout);
  }));
  CHECK(bench.wire->sent.size() == 3);
  CHECK(spent >= 3 * quick().timeout);
  CHECK(spent < bench.link->deadline() + 1s);
}

TEST_CASE("an acknowledge ahead of its data is not taken for it") {
  Bench bench(protocol("dns320l"));
  bench.wire->answer = [](const Bytes&) {
    return Bytes{0xFA, 0x30, 0, 0, 0, 0, 0xFB, 0xFA, 0x03, 0x08, 0x00, 0x00, 0x5C, 0xFB};
  };
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(read) == 40);
  }));
}

TEST_CASE("bytes are sent one by one, on the byte gap's schedule") {
  LinkOptions options = quick();
  options.byte_gap = 2ms;
  Bench bench(protocol("wt61p803"), options);
  Bytes heard;
  bench.wire->answer = [&](const Bytes& byte) {
    heard.push_back(byte.at(0));
    return heard == temperature_request ? temperature_reply(42) : Bytes{};
  };
  SteadyTime asked{};
  REQUIRE(bench.run([&]() -> Task<void> {
    asked = std::chrono::steady_clock::now();
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(degrees(read) == 42);
  }));
  REQUIRE(bench.wire->sent.size() == 4);
  CHECK(bench.wire->sent[3].at - asked >= 6ms);
}

TEST_CASE("what comes before the last byte is sent cannot be the answer") {
  LinkOptions options = quick(1);
  options.byte_gap = 1ms;
  Bench bench(protocol("wt61p803"), options);
  bench.wire->next.push_back(drop);
  bench.wire->next.push_back(reply_with(temperature_reply(99)));
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
  }));
  CHECK(bench.link->stats().stray_bytes == 5);
}

TEST_CASE("a stuck line is an error of the try and not of the port") {
  Bench bench(protocol("wt61p803"), quick(2));
  bench.wire->stuck = true;
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(read.ok());
    if (!read.ok()) CHECK(read.error().code == Errc::failed);
    CHECK(bench.link->up());
  }));
}

TEST_CASE("a power-off command is refused in words, and sent where it is allowed") {
  LinkOptions options = quick();
  SECTION("refused") {
    Bench bench(protocol("wt61p803"), options);
    REQUIRE(bench.run([&]() -> Task<void> {
      const Result<Reply> off = co_await bench.link->ask(cmd::PowerOff{});
      CHECK_FALSE(off.ok());
      if (!off.ok()) CHECK(off.error().code == Errc::denied);
      const Result<RawAnswer> raw = co_await bench.link->ask_raw(cmd::PowerOff{});
      CHECK_FALSE(raw.ok());
    }));
    CHECK(bench.wire->sent.empty());
  }
  SECTION("allowed") {
    options.power_off_allowed = true;
    Bench bench(protocol("wt61p803"), options);
    bench.wire->answer = wt_answer;
    REQUIRE(bench.run([&]() -> Task<void> {
      const Result<Reply> off = co_await bench.link->ask(cmd::PowerOff{});
      CHECK(off.ok());
    }));
    CHECK(bench.wire->frames() == std::vector<Bytes>{{0x40, 0x43, 0x30, 0x33}});
  }
}

TEST_CASE("unknown bytes are sent unless they could cut the power, and what comes is returned") {
  LinkOptions options = quick();
  options.power_off_allowed = true; // allows the command, never the bytes
  Bench bench(protocol("wt61p803"), options);
  const std::vector<Bytes> forbidden{{0x40, 0x43, 0x30, 0x33}, {0x11, 0x40, 0x43}, {0x40}};
  const Bytes unknown{0x41, 0x42, 0x03};
  const Bytes refusal{0x40, 0x39, 0x79};
  bench.wire->next.push_back([](Wire& wire, const Bytes&) {
    wire.say({0x40, 0x39});
    wire.say({0x79}, 2ms);
  });
  REQUIRE(bench.run([&]() -> Task<void> {
    for (const Bytes& bytes : forbidden) {
      const Result<Bytes> refused = co_await bench.link->send_unknown(bytes);
      CHECK_FALSE(refused.ok());
      if (!refused.ok()) CHECK(refused.error().code == Errc::denied);
    }
    const Result<Bytes> answer = co_await bench.link->send_unknown(unknown);
    CHECK(answer.ok());
    if (answer.ok()) CHECK(answer.value() == refusal);
    const Result<Bytes> silence = co_await bench.link->send_unknown(unknown);
    CHECK_FALSE(silence.ok());
    bench.wire->answer = wt_answer;
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK(beep.ok());
  }));
  const std::vector<Bytes> frames = bench.wire->frames();
  REQUIRE(frames.size() == 4);
  CHECK(frames[2] == version_request); // nobody knows what unknown bytes still bring
  CHECK(frames[3] == beep_request);
}

TEST_CASE("what the MCU cannot do is said at once and sends nothing") {
  Bench bench(protocol("wt61p803"));
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> clock = co_await bench.link->ask(cmd::ReadClock{});
    CHECK_FALSE(clock.ok());
    if (!clock.ok()) CHECK(clock.error().code == Errc::unsupported);
  }));
  CHECK(bench.wire->sent.empty());
}

namespace {

/// Its beep is, by a mistake, the byte that cuts the power.
class Treacherous final : public Protocol {
public:
  std::string_view name() const override { return "treacherous"; }
  LineSettings line() const override { return {}; }
  Result<Exchange> encode(const Command&) const override {
    return Exchange{{0x41, 0x00}, {}, false};
  }
  Taken take(ByteView, const Awaiting*) const override { return {}; }
  Result<Reply> decode(const Command&, const Exchange&, std::span<const Bytes>) const override {
    return Reply(Done{});
  }
  std::optional<Command> parse_request(ByteView) const override { return std::nullopt; }
  std::vector<std::vector<int>> power_frames() const override { return {{0x41}}; }
};

} // namespace

TEST_CASE("even a codec's mistake does not cut the power") {
  Bench bench(std::make_unique<Treacherous>());
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK_FALSE(beep.ok());
    if (!beep.ok()) CHECK(beep.error().code == Errc::denied);
  }));
  CHECK(bench.wire->sent.empty());
}
