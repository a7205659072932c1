// SPDX-License-Identifier: MIT
#include <libmcu/link/inbox.hpp>
#include <libmcu/link/line_state.hpp>
#include <libmcu/protocol/registry.hpp>

#include <catch.hpp>

#include <chrono>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

const Exchange fan{{0x40, 0x46, 0x57}, {3}, true};
const Exchange beep{{0x40, 0x43, 0x32}, {3}, true};
const Exchange temperature{{0x40, 0x54, 0x33}, {5}, false};
const Exchange silent_set{{0x50}, {}, false};
const LineState::Time start = LineState::Time() + 1h;
const auto deadline = LineState::Duration(2s);

} // namespace

TEST_CASE("a line without errors trusts every answer") {
  const LineState line;
  CHECK(line.synced());
  CHECK_FALSE(line.must_sync(fan, start, deadline));
}

TEST_CASE("an owed acknowledge is mistaken for another set's, not for its own or a read's") {
  LineState line;
  line.owe(fan.tx, start);
  CHECK(line.must_sync(beep, start, deadline));
  CHECK_FALSE(line.must_sync(fan, start + 1s, deadline));
  CHECK_FALSE(line.must_sync(temperature, start, deadline));
  CHECK_FALSE(line.must_sync(silent_set, start, deadline));
}

TEST_CASE("a twin older than a deadline is not trusted either, and its first time counts") {
  LineState line;
  line.owe(temperature.tx, start);
  line.owe(temperature.tx, start + 1900ms);
  CHECK_FALSE(line.must_sync(temperature, start + 2s, deadline));
  CHECK(line.must_sync(temperature, start + 2001ms, deadline));
}

TEST_CASE("a clean read of something that was not owed proves the line") {
  LineState line;
  line.owe(fan.tx, start);
  line.surprise();
  line.answered(beep); // a bare acknowledge proves nothing
  CHECK_FALSE(line.synced());
  line.answered(temperature);
  CHECK(line.synced());
}

TEST_CASE("a clean read of something that is owed proves nothing") {
  LineState line;
  line.owe(temperature.tx, start);
  CHECK_FALSE(line.would_prove(temperature));
  line.answered(temperature);
  CHECK_FALSE(line.synced());
}

TEST_CASE("when too much is owed to be listed, nothing proves the line but silence") {
  LineState line;
  for (int i = 0; i < 40; ++i) line.owe({static_cast<std::uint8_t>(i)}, start);
  CHECK_FALSE(line.would_prove(temperature));
  CHECK(line.must_sync(fan, start, deadline));
  line.clear();
  CHECK_FALSE(line.must_sync(fan, start, deadline));
}

namespace {

/// take() that never makes progress by itself: what Link must survive.
class Stubborn final : public Protocol {
public:
  std::string_view name() const override { return "stubborn"; }
  LineSettings line() const override { return {}; }
  Result<Exchange> encode(const Command&) const override { return Exchange{{1}, {2}, false}; }
  Taken take(ByteView rx, const Awaiting*) const override {
    if (rx.front() == 0xEE) return {Taken::Kind::noise, 0};
    if (rx.front() == 0xEF) return {Taken::Kind::reply, 9999};
    return {};
  }
  Result<Reply> decode(const Command&, const Exchange&, std::span<const Bytes>) const override {
    return Reply(Done{});
  }
  std::optional<Command> parse_request(ByteView) const override { return std::nullopt; }
  std::vector<std::vector<int>> power_frames() const override { return {}; }
  std::size_t max_pending() const override { return 8; }
};

} // namespace

TEST_CASE(
    "a protocol that takes nothing, or more than there is, cannot stop or overrun the inbox") {
  const Stubborn protocol;
  Inbox inbox(protocol);
  inbox.feed(Bytes(100, 0x00));
  CHECK(inbox.take_strays() == 92);
  inbox.drop_pending();
  CHECK(inbox.take_strays() == 8);
  inbox.feed(Bytes{0xEE, 0xEE});
  CHECK(inbox.take_strays() == 2);
  const Exchange exchange{{1}, {2}, false};
  inbox.await(exchange);
  inbox.feed(Bytes{0xEF, 1, 2});
  REQUIRE(inbox.complete());
  CHECK(inbox.frames().front() == Bytes{0xEF, 1, 2});
}

TEST_CASE("bytes behind a complete reply are a surprise, noise in front of it is not") {
  const auto protocol = std::move(make_protocol("wt61p803")).value();
  const Exchange read = std::move(protocol->encode(cmd::ReadTemperature{})).value();
  Inbox inbox(*protocol);
  inbox.await(read);
  inbox.feed(Bytes{0x99, 0x40, 0x54, 0x33, 0x2A, 0x0D});
  CHECK(inbox.complete());
  CHECK(inbox.take_strays() == 1);
  CHECK_FALSE(inbox.take_surprise());
  inbox.feed(Bytes{0x40});
  CHECK(inbox.take_strays() == 1);
  CHECK(inbox.take_surprise());
  REQUIRE(inbox.frames().size() == 1);
  CHECK(inbox.frames().front() == Bytes{0x40, 0x54, 0x33, 0x2A, 0x0D});
}

TEST_CASE("a refusal completes a longer answer at once") {
  const auto protocol = std::move(make_protocol("wt61p803")).value();
  const Exchange read = std::move(protocol->encode(cmd::ReadTemperature{})).value();
  Inbox inbox(*protocol);
  inbox.await(read);
  inbox.feed(Bytes{0x40, 0x39});
  CHECK_FALSE(inbox.complete());
  inbox.feed(Bytes{0x79});
  CHECK(inbox.complete());
}
