// SPDX-License-Identifier: MIT
#include <mcusim/faults.hpp>

#include <catch.hpp>
#include <nlohmann/json.hpp>

#include <bit>

using namespace mcusim;
using namespace std::chrono_literals;

namespace {

const mcu::Bytes data{0xFA, 0x03, 0x08, 0x00, 0x00, 0x53, 0xFB};
const mcu::Bytes ack{0xFA, 0x30, 0x00, 0x00, 0x00, 0x00, 0xFB};

Reply two_frames() { return {{data, 0us, false}, {ack, 1ms, true}}; }

mcu::Bytes bytes_of(const Reply& reply) {
  mcu::Bytes all;
  for (const Outgoing& message : reply) {
    all.insert(all.end(), message.bytes.begin(), message.bytes.end());
  }
  return all;
}

int different_bits(const mcu::Bytes& a, const mcu::Bytes& b) {
  int bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += std::popcount(unsigned(a[i] ^ b[i]));
  return bits;
}

void set(FaultInjector& faults, const std::string& kind, const std::string& rate) {
  REQUIRE(faults.set({kind, rate}).ok());
}

} // namespace

TEST_CASE("without faults a reply passes untouched") {
  FaultInjector faults(1);
  for (int i = 0; i < 100; ++i) CHECK(bytes_of(faults.damage(two_frames())).size() == 14);
  CHECK(faults.judge(true) == Verdict::answer);
  CHECK_FALSE(faults.loses_host_byte(true, 7));
  CHECK(faults.unsolicited().empty());
}

TEST_CASE("a rate of 5 percent strikes 5 percent of the replies, and each strike is counted") {
  FaultInjector faults(42);
  set(faults, "drop", "0.05");
  std::uint64_t dropped = 0;
  for (int i = 0; i < 10'000; ++i) dropped += faults.damage(two_frames()).empty() ? 1 : 0;
  CHECK(dropped == faults.count(Fault::drop));
  CHECK(dropped > 420);
  CHECK(dropped < 580);
}

TEST_CASE("the same seed damages the same way, another one does not") {
  const auto run = [](std::uint64_t seed) {
    FaultInjector faults(seed);
    REQUIRE(faults.set_list("flip=0.3,drop-byte=0.3,noise=0.3").ok());
    mcu::Bytes all;
    for (int i = 0; i < 50; ++i) {
      const mcu::Bytes bytes = bytes_of(faults.damage(two_frames()));
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
    return all;
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}

TEST_CASE("a flip changes exactly one bit, anywhere in the reply") {
  FaultInjector faults(3);
  set(faults, "flip", "on");
  const mcu::Bytes good = bytes_of(two_frames());
  std::vector<bool> hit(good.size(), false);
  for (int i = 0; i < 500; ++i) {
    const mcu::Bytes bad = bytes_of(faults.damage(two_frames()));
    REQUIRE(bad.size() == good.size());
    REQUIRE(different_bits(bad, good) == 1);
    for (std::size_t at = 0; at < good.size(); ++at) {
      if (bad[at] != good[at]) hit[at] = true;
    }
  }
  CHECK(std::count(hit.begin(), hit.end(), true) == 14);
}

TEST_CASE("splitting keeps every byte in order and pauses between chunks") {
  FaultInjector faults(3);
  set(faults, "split", "on");
  for (int i = 0; i < 500; ++i) {
    const Reply reply = faults.damage(two_frames());
    REQUIRE(reply.size() >= 4);
    REQUIRE(bytes_of(reply) == bytes_of(two_frames()));
    REQUIRE(reply[1].pause >= 1ms);
    for (const Outgoing& chunk : reply) REQUIRE_FALSE(chunk.bytes.empty());
  }
}

TEST_CASE("each kind does what its name says") {
  FaultInjector faults(9);
  const mcu::Bytes good = bytes_of(two_frames());
  const auto once = [&faults](const std::string& kind) {
    set(faults, kind, "once");
    return faults.damage(two_frames());
  };
  CHECK(once("drop").empty());
  CHECK(bytes_of(once("drop-byte")).size() == good.size() - 1);
  CHECK(bytes_of(once("drop-ack")) == data);
  CHECK(bytes_of(once("drop-data")) == ack);
  CHECK(bytes_of(once("dup")).size() == 2 * good.size());
  CHECK(once("late").front().pause >= 600ms);
  const mcu::Bytes noisy = bytes_of(once("noise"));
  REQUIRE(noisy.size() > good.size());
  CHECK(std::equal(good.rbegin(), good.rend(), noisy.rbegin()));
  mcu::Bytes more = good;
  more.insert(more.end(), {0, 0});
  CHECK(bytes_of(once("surplus")) == more);
  const Reply swapped = once("ack-first");
  CHECK(swapped[0].bytes == ack);
  CHECK(swapped[1].bytes == data);
  CHECK(swapped[1].pause == 1ms);
  // All of them were meant once.
  CHECK(bytes_of(faults.damage(two_frames())) == good);
  for (const char* kind : {"drop", "drop-byte", "dup", "late", "noise", "surplus", "ack-first"}) {
    CHECK(faults.counts()[kind] == 1);
  }
}

TEST_CASE("a fault of two frames waits for a reply that has two") {
  FaultInjector faults(9);
  set(faults, "ack-first", "once");
  CHECK(bytes_of(faults.damage({{ack, 0us, true}})) == ack);
  CHECK(faults.count(Fault::ack_first) == 0);
  CHECK(faults.damage(two_frames())[0].ack);
  CHECK(faults.count(Fault::ack_first) == 1);
}

TEST_CASE("silent and refuse are decided before the MCU does anything") {
  FaultInjector faults(9);
  set(faults, "silent", "on");
  CHECK(faults.judge(true) == Verdict::ignore);
  set(faults, "silent", "off");
  set(faults, "refuse", "on");
  CHECK(faults.judge(false) == Verdict::answer);
  CHECK(faults.count(Fault::refuse) == 0);
  bool checksum = false;
  bool other = false;
  for (int i = 0; i < 50; ++i) {
    const Verdict verdict = faults.judge(true);
    checksum = checksum || verdict == Verdict::refuse_checksum;
    other = other || verdict == Verdict::refuse_other;
  }
  CHECK(checksum);
  CHECK(other);
}

TEST_CASE("exactly one byte of a chosen host frame is lost") {
  FaultInjector faults(11);
  for (int frame = 0; frame < 200; ++frame) {
    set(faults, "host-drop", "once");
    int lost = 0;
    for (int byte = 0; byte < 7; ++byte) {
      // Every byte looks like a start: the worst case, after the first one was lost.
      if (faults.loses_host_byte(true, 7)) ++lost;
    }
    REQUIRE(lost == 1);
  }
  CHECK(faults.count(Fault::host_drop) == 200);
}

TEST_CASE("a wrong fault is refused in words and changes nothing") {
  FaultInjector faults(1);
  for (const Words& words : std::vector<Words>{
           {}, {"dropp"}, {"drop", "2"}, {"drop", "-1"}, {"drop", "x"}, {"drop", "0.1", "y"}}) {
    const mcu::Status status = faults.set(words);
    REQUIRE_FALSE(status.ok());
    CHECK_FALSE(status.error().what.empty());
  }
  CHECK(faults.set({"dropp"}).error().what.find("unsolicited") != std::string::npos);
  CHECK_FALSE(faults.set_list("drop=0.1,flop=1").ok());
  CHECK(faults.settings().empty());
}

TEST_CASE("off ends every fault and keeps the counts") {
  FaultInjector faults(1);
  REQUIRE(faults.set_list("drop,flip=0.5").ok());
  CHECK(faults.damage(two_frames()).empty());
  REQUIRE(faults.set({"off"}).ok());
  CHECK(bytes_of(faults.damage(two_frames())) == bytes_of(two_frames()));
  CHECK(faults.count(Fault::drop) == 1);
}
