// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <libmcu/protocol/power_guard.hpp>
#include <libmcu/protocol/registry.hpp>
#include <tests/protocol/pic_like.hpp>

using namespace mcu;

namespace {

/// A protocol whose power frame has an unknown byte in the middle: 10 ?? 30.
class Patterned final : public Protocol {
public:
  std::string_view name() const override { return "patterned"; }
  LineSettings line() const override { return {}; }
  Result<Exchange> encode(const Command&) const override { return Error{}; }
  Taken take(ByteView, const Awaiting*) const override { return {}; }
  Result<Reply> decode(const Command&, const Exchange&, std::span<const Bytes>) const override {
    return Error{};
  }
  std::optional<Command> parse_request(ByteView) const override { return std::nullopt; }
  std::vector<std::vector<int>> power_frames() const override { return {{}, {0x10, -1, 0x30}}; }
};

bool cuts(const std::string& protocol, const Bytes& bytes) {
  return could_cut_power(**make_protocol(protocol), bytes);
}

} // namespace

TEST_CASE("a power frame is found anywhere in the bytes, with any check byte or delay") {
  CHECK(cuts("wt61p803", {0x40, 0x43, 0x30, 0x33}));
  CHECK(cuts("wt61p803", {0x40, 0x43, 0x30, 0x00}));
  CHECK(cuts("wt61p803", {0x40, 0x54, 0x33, 0x27, 0x40, 0x43, 0x30, 0x33}));
  CHECK(cuts("dns320l", {0xFA, 0x03, 0x03, 0x01, 0x01, 0x14, 0xFB}));
  CHECK(cuts("dns320l", {0x00, 0xFA, 0x03, 0x03}));
  CHECK(cuts("wd-mirror-gen2", {0xFA, 0x03, 0x03, 0x01, 0x01, 0x1E, 0xFB}));
  CHECK(cuts("wd-mirror-gen2", {0xFA, 0x06, 0x01, 0x00, 0x00, 0x00, 0xFB}));
}

TEST_CASE("bytes that end in the beginning of a power frame are held back too") {
  CHECK(cuts("wt61p803", {0x40}));
  CHECK(cuts("wt61p803", {0x40, 0x43}));
  CHECK(cuts("wt61p803", {0x11, 0x22, 0x40, 0x43}));
  CHECK(cuts("dns320l", {0xFA}));
  CHECK(cuts("dns320l", {0xFA, 0x03}));
}

TEST_CASE("harmless bytes pass") {
  CHECK_FALSE(cuts("wt61p803", {}));
  CHECK_FALSE(cuts("wt61p803", {0x40, 0x43, 0x32, 0x31}));
  CHECK_FALSE(cuts("wt61p803", {0x40, 0x54, 0x33, 0x27}));
  CHECK_FALSE(cuts("wt61p803", {0x43, 0x30, 0x33}));
  CHECK_FALSE(cuts("dns320l", {0xFA, 0x03, 0x08, 0x00, 0x00, 0x00, 0xFB}));
  CHECK_FALSE(cuts("dns320l", {0xFA, 0x06, 0x01, 0x00, 0x00, 0x00, 0xFB}));
}

TEST_CASE("a pattern's unknown byte stands for any") {
  const Patterned protocol;
  CHECK(could_cut_power(protocol, Bytes{0x10, 0x99, 0x30}));
  CHECK(could_cut_power(protocol, Bytes{0x05, 0x10, 0x99}));
  CHECK_FALSE(could_cut_power(protocol, Bytes{0x10, 0x99, 0x31}));
  CHECK_FALSE(could_cut_power(protocol, Bytes{0x05}));
  CHECK(could_cut_power(testing::PicLike(), Bytes{0x50, 0x41}));
}

TEST_CASE("every power-off request that a protocol encodes is one that the guard knows") {
  for (const auto name : protocol_names()) {
    const auto protocol = make_protocol(name);
    REQUIRE(protocol.ok());
    for (const auto coding : {DelayCoding::binary, DelayCoding::bcd})
      for (int seconds = 1; seconds < 100; ++seconds) {
        const auto request =
            (*protocol)->encode(cmd::PowerOff{std::chrono::seconds(seconds), coding});
        REQUIRE(request.ok());
        CHECK(could_cut_power(**protocol, request->tx));
        // However it is cut in two, one of the parts is held back: the first.
        for (std::size_t cut = 1; cut < request->tx.size(); ++cut)
          CHECK(could_cut_power(**protocol, ByteView(request->tx).first(cut)));
      }
  }
}
