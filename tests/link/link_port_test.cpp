// SPDX-License-Identifier: MIT
// The port comes, goes and stays away; whoever asks is told at once, and nothing spins.
#include "scripted_transport.hpp"

#include <catch.hpp>

#include <string>

using namespace mcu;
using namespace mcu::testing;

namespace {

struct States {
  std::vector<std::pair<bool, std::string>> seen;
  void watch(Bench& bench) {
    bench.link->on_state = [this, &bench](bool up, const std::string& reason) {
      seen.emplace_back(up, reason);
      bench.changed.notify();
    };
  }
};

/// Lets the link look for its port for a while; returns how often it may have done so at most: at
/// once, after 5 and 10 ms, then every 20 ms.
int look_for_a_while(Bench& bench) {
  const SteadyTime began = std::chrono::steady_clock::now();
  REQUIRE(bench.run([&]() -> Task<void> { co_await bench.pause(300ms); }));
  const SteadyDuration spent = std::chrono::steady_clock::now() - began;
  return static_cast<int>(spent / quick().reopen_last) + 4;
}

Task<void> until_up(Bench& bench, bool up) {
  while (bench.link->up() != up) co_await bench.changed.wait();
}

} // namespace

TEST_CASE("a port that is missing at start fails every ask at once, in words, until it comes") {
  Bench bench(protocol("wt61p803"));
  bench.wire->present = false;
  bench.wire->answer = wt_answer;
  States states;
  states.watch(bench);
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> early = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(early.ok());
    if (!early.ok()) CHECK(early.error() == Error{Errc::link_down, "/dev/test: not there"});
    bench.wire->present = true;
    co_await until_up(bench, true);
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(read.ok());
  }));
  REQUIRE(states.seen.size() == 2);
  CHECK(states.seen[0] == std::pair<bool, std::string>(false, "/dev/test: not there"));
  CHECK(states.seen[1] == std::pair<bool, std::string>(true, ""));
}

TEST_CASE(
    "a vanished port fails what is in flight and what waits, and works again when it is back") {
  Bench bench(protocol("wt61p803"));
  States states;
  states.watch(bench);
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto flying = bench.beside(bench.link->ask(cmd::ReadTemperature{}));
    const auto waiting = bench.beside(bench.link->ask(cmd::Identify{}));
    co_await bench.pause(2ms);
    bench.wire->hang_up();
    const Result<Reply> first = co_await bench.ended(flying);
    const Result<Reply> second = co_await bench.ended(waiting);
    for (const Result<Reply>* reply : {&first, &second}) {
      CHECK_FALSE(reply->ok());
      if (!reply->ok()) CHECK(reply->error() == Error{Errc::link_down, "/dev/test: hung up"});
    }
    bench.wire->present = true;
    bench.wire->answer = wt_answer;
    co_await until_up(bench, true);
    const Result<Reply> read = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK(read.ok());
  }));
  CHECK(states.seen.size() == 3);
  CHECK(bench.link->stats().reopens == 1);
}

TEST_CASE("after the port came back a bare acknowledge is not believed without a probe") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  REQUIRE(bench.run([&]() -> Task<void> {
    bench.wire->hang_up();
    while (bench.link->up()) co_await bench.pause(1ms);
    bench.wire->present = true;
    while (!bench.link->up()) co_await bench.pause(1ms);
    const Result<Reply> beep = co_await bench.link->ask(cmd::Beep{});
    CHECK(beep.ok());
  }));
  CHECK(bench.wire->frames() == std::vector<Bytes>{version_request, beep_request});
}

TEST_CASE("a missing port is looked for with a back-off and never in a busy loop") {
  Bench bench(protocol("wt61p803"));
  bench.wire->present = false;
  const int most = look_for_a_while(bench);
  CHECK(bench.wire->opens >= 3);
  CHECK(bench.wire->opens <= most);
  CHECK(bench.wire->reads == 0);
}

TEST_CASE("a port that opens and vanishes at once is not opened in a busy loop either") {
  Bench bench(protocol("wt61p803"));
  bench.link->on_state = [&](bool up, const std::string&) {
    if (!up) return;
    bench.wire->hang_up();
    bench.wire->present = true;
  };
  const int most = look_for_a_while(bench);
  CHECK(bench.wire->opens >= 3);
  CHECK(bench.wire->opens <= most);
}

TEST_CASE("an idle link sleeps in one read") {
  Bench bench(protocol("wt61p803"));
  REQUIRE(bench.run([&]() -> Task<void> { co_await bench.pause(50ms); }));
  CHECK(bench.wire->reads == 1);
}

TEST_CASE("a write that finds the port gone takes the link down") {
  Bench bench(protocol("wt61p803"));
  bench.link->on_trace = [&](Link::Direction, ByteView) { bench.wire->hang_up(); };
  LinkOptions gap = quick();
  gap.byte_gap = 1ms;
  bench.link->set_options(gap); // vanishes between two bytes of a frame
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(reply.ok());
    if (!reply.ok()) CHECK(reply.error().code == Errc::link_down);
  }));
  CHECK(bench.wire->sent.size() == 1);
}

TEST_CASE("stop() fails everything that waits and lets the loop end") {
  Bench bench(protocol("wt61p803"));
  REQUIRE(bench.run([&]() -> Task<void> {
    const auto flying = bench.beside(bench.link->ask(cmd::ReadTemperature{}));
    const auto waiting = bench.beside(bench.link->ask(cmd::Beep{}, Urgency::urgent));
    co_await bench.pause(2ms);
    bench.link->stop();
    const Result<Reply> first = co_await bench.ended(flying);
    CHECK_FALSE(first.ok());
    const Result<Reply> second = co_await bench.ended(waiting);
    CHECK_FALSE(second.ok());
    const Result<Reply> later = co_await bench.link->ask(cmd::Identify{});
    CHECK_FALSE(later.ok());
    if (!later.ok()) CHECK(later.error().code == Errc::link_down);
  }));
}

TEST_CASE("stop() ends a link whose port is away") {
  Bench bench(protocol("wt61p803"));
  bench.wire->present = false;
  REQUIRE(bench.run([&]() -> Task<void> { co_return; }));
}

TEST_CASE("a link that has not been started is down") {
  Bench bench(protocol("wt61p803"));
  std::optional<Result<Reply>> answer;
  asio::co_spawn(
      bench.io, bench.link->ask(cmd::ReadTemperature{}),
      [&](const std::exception_ptr&, Result<Reply> reply) { answer = std::move(reply); });
  bench.io.run();
  REQUIRE(answer);
  REQUIRE_FALSE(answer->ok());
  CHECK(answer->error().code == Errc::link_down);
}

TEST_CASE("a Link can be destroyed at any time: while it waits, from its own callbacks") {
  Bench bench(protocol("wt61p803"));
  bench.wire->answer = wt_answer;
  const auto destroy = [&] { bench.link.reset(); };
  SECTION("while an exchange waits for its answer") {
    bench.wire->answer = nullptr;
    bench.wire->next.push_back([&](Wire&, const Bytes&) { asio::post(bench.io, destroy); });
  }
  SECTION("from the trace of what is sent") {
    bench.link->on_trace = [&](Link::Direction, ByteView) { destroy(); };
  }
  SECTION("from the trace of what is received") {
    bench.link->on_trace = [&](Link::Direction direction, ByteView) {
      if (direction == Link::Direction::received) destroy();
    };
  }
  SECTION("when the port is lost") {
    bench.link->on_state = [&](bool up, const std::string&) {
      if (!up) destroy();
    };
    bench.wire->next.push_back([](Wire& wire, const Bytes&) { wire.hang_up(); });
  }
  REQUIRE(bench.run([&]() -> Task<void> {
    const Result<Reply> reply = co_await bench.link->ask(cmd::ReadTemperature{});
    CHECK_FALSE(reply.ok());
    if (!reply.ok()) CHECK(reply.error().code == Errc::link_down);
    CHECK(bench.link == nullptr);
  }));
}

TEST_CASE("a loop that never runs again takes its suspended link with it") {
  auto io = std::make_unique<asio::io_context>();
  auto wire = std::make_shared<Wire>(*io);
  auto link = std::make_unique<Link>(io->get_executor(), std::make_unique<ScriptedTransport>(wire),
                                     protocol("wt61p803"), quick());
  link->start();
  asio::co_spawn(*io, link->ask(cmd::ReadTemperature{}),
                 [](const std::exception_ptr&, const Result<Reply>&) {});
  while (wire->sent.empty()) io->run_one_for(1s);
  link.reset();
  const std::weak_ptr<Wire> watched = wire;
  wire.reset();
  io.reset();
  CHECK(watched.expired()); // nothing of it is left behind
}
