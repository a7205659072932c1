// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/protocol/registry.hpp>
#include <verbs/raw_rules.hpp>

using namespace nasmcu;
using mcu::Bytes;

namespace {

mcu::Result<PreparedRaw> prepare(const char* protocol, Bytes bytes, bool force = false,
                                 bool root = true) {
  const auto made = mcu::make_protocol(protocol);
  return prepare_raw(**made, std::move(bytes), force, root);
}

Bytes sent(const char* protocol, Bytes bytes, bool force = false) {
  const auto raw = prepare(protocol, std::move(bytes), force);
  return raw ? raw->frame : Bytes{};
}

bool refused(const char* protocol, Bytes bytes, bool force = true, bool root = true) {
  return !prepare(protocol, std::move(bytes), force, root);
}

} // namespace

TEST_CASE("the check byte is added when it is missing and kept when it is there") {
  CHECK(sent("wt61p803", {0x40, 0x54, 0x33}) == Bytes{0x40, 0x54, 0x33, 0x27});
  CHECK(sent("wt61p803", {0x40, 0x54, 0x33, 0x27}) == Bytes{0x40, 0x54, 0x33, 0x27});
  const Bytes temperature = {0xFA, 0x03, 0x08, 0x00, 0x00, 0x00, 0xFB};
  CHECK(sent("dns320l", temperature) == temperature);
}

TEST_CASE("without force only one complete reading frame passes, for everybody") {
  CHECK(prepare("wt61p803", {0x40, 0x54, 0x33}, false, false).ok());
  CHECK(refused("wt61p803", {0x40, 0x43, 0x32}, false)); // beep
  CHECK(refused("wt61p803", {0x40, 0x54}, false));       // half a frame
  CHECK(refused("wt61p803", {0x40, 0x54, 0x33, 0x27, 0x40, 0x54, 0x33, 0x27}, false)); // two
  CHECK(refused("wt61p803", {0x40, 0x54, 0x33, 0x00}, false));                  // wrong check byte
  CHECK(refused("dns320l", {0xFA, 0x02, 0x00, 0x00, 0x00, 0x00, 0xFB}, false)); // fan stop
  CHECK(refused("dns320l", {0xFA, 0x03, 0x08}, false));
}

TEST_CASE("force is for root alone") {
  CHECK(prepare("wt61p803", {0x40, 0x43, 0x32}, true, true).ok());
  CHECK(refused("wt61p803", {0x40, 0x43, 0x32}, true, false));
  CHECK(prepare("wt61p803", {0x40, 0x54, 0x33}, true, false).ok()); // a reading needs no force
}

TEST_CASE("power bytes never pass, alone, hidden or with force") {
  CHECK(refused("wt61p803", {0x40, 0x43, 0x30}));
  CHECK(refused("wt61p803", {0x40, 0x43, 0x30, 0x33}));
  CHECK(refused("wt61p803", {0x01, 0x40, 0x43, 0x30, 0x33}));
  CHECK(refused("dns320l", {0xFA, 0x03, 0x03, 0x01, 0x01, 0x14, 0xFB}));
  CHECK(refused("dns320l", {0x00, 0xFA, 0x03, 0x03, 0x01, 0x01, 0x00, 0xFB}));
}

TEST_CASE("no two raw calls join into a power frame") {
  const std::vector<std::pair<const char*, Bytes>> frames = {
      {"wt61p803", {0x40, 0x43, 0x30, 0x33}},
      {"dns320l", {0xFA, 0x03, 0x03, 0x01, 0x01, 0x14, 0xFB}}};
  for (const auto& [protocol, frame] : frames)
    for (std::size_t cut = 1; cut < frame.size(); ++cut) {
      const auto at = frame.begin() + static_cast<std::ptrdiff_t>(cut);
      Bytes wire = sent(protocol, Bytes(frame.begin(), at), true);
      const Bytes second = sent(protocol, Bytes(at, frame.end()), true);
      wire.insert(wire.end(), second.begin(), second.end());
      CAPTURE(protocol, cut);
      CHECK(std::search(wire.begin(), wire.end(), frame.begin(), frame.end()) == wire.end());
    }
}

TEST_CASE("the end of a power frame is refused even alone") {
  // A fan duty of 0x21 ends in 0x40: 40 46 57 30 21 40, and `43 30 33` would follow it.
  CHECK(refused("wt61p803", {0x43, 0x30, 0x33}));
  CHECK(refused("dns320l", {0x03, 0x03, 0x01, 0x01, 0x05, 0xFB}));
}

TEST_CASE("empty and endless frames are refused with the limit") {
  CHECK(refused("wt61p803", {}));
  CHECK(refused("wt61p803", Bytes(raw_limit + 1, 0x55)));
  CHECK(prepare("wt61p803", {}).error().what == "raw takes 1 to 64 bytes");
}
