// SPDX-License-Identifier: MIT
// What hosts before us said to their MCUs, from the start to the end: each session is replayed
// against one simulated MCU, which keeps its state from row to row.
#include <vectors/vectors.hpp>

#include <mcusim/sim_mcu.hpp>

#include <catch.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <variant>

using namespace mcusim;
using namespace std::chrono_literals;
using mcu::vectors::Exchange;

namespace {

/// The setting that a command of the host writes; nothing for commands that only ask.
std::string written_by(const mcu::Command& command) {
  if (std::holds_alternative<mcu::cmd::SetFanDuty>(command)) return "pwm";
  if (std::holds_alternative<mcu::cmd::SetClock>(command)) return "clock";
  if (std::holds_alternative<mcu::cmd::SetPowerRecovery>(command)) return "recovery";
  if (std::holds_alternative<mcu::cmd::SetWakeOnLan>(command)) return "wol";
  return "";
}

/// One session. The rows' `@` lines bring in what the world does (temperature, button). What the
/// host has written itself is never set again: there the answer shows that the MCU kept it.
class Session {
public:
  explicit Session(const std::string& file)
      : rows_(mcu::vectors::load_file(NASMCU_SOURCE_DIR "/tests/vectors/" + file)) {
    REQUIRE_FALSE(rows_.empty());
    auto made = make_sim_mcu(rows_.front().protocol, McuOptions{}, now_);
    REQUIRE(made.ok());
    sim_ = std::move(made).value();
  }

  /// Plays the next row; its command, or nothing at the end.
  const Exchange* step() {
    if (next_ == rows_.size()) return nullptr;
    const Exchange& row = rows_[next_++];
    INFO(row.where << " " << row.id << " " << row.title);
    REQUIRE(row.command);
    for (const std::string& line : row.state) arrange(line);
    mcu::Bytes bytes;
    for (const Reply& reply : sim_->receive(row.request, now_))
      for (const Outgoing& message : reply)
        bytes.insert(bytes.end(), message.bytes.begin(), message.bytes.end());
    CHECK(mcu::to_hex(bytes) == mcu::to_hex(row.reply_bytes()));
    CHECK_FALSE(sim_->partial());
    written_.insert(written_by(*row.command));
    return &row;
  }
  std::size_t play_to_the_end() {
    while (step() != nullptr) {
    }
    return next_;
  }
  const Exchange* play_to(const std::string& id) {
    const Exchange* row = step();
    while (row != nullptr && row->id != id) row = step();
    REQUIRE(row != nullptr);
    return row;
  }

  void wait(Duration time) { now_ += time; }
  nlohmann::json state() { return sim_->state(now_); }
  bool powered() { return sim_->powered(now_); }
  mcu::Bytes ask(const mcu::Bytes& request) {
    mcu::Bytes bytes;
    for (const Reply& reply : sim_->receive(request, now_))
      for (const Outgoing& message : reply)
        bytes.insert(bytes.end(), message.bytes.begin(), message.bytes.end());
    return bytes;
  }

private:
  void arrange(const std::string& line) {
    const Words words = split_line(line);
    REQUIRE(words.at(0) == "set");
    if (written_.contains(words.at(1))) return;
    const mcu::Status done = sim_->set(Words(words.begin() + 1, words.end()), now_);
    INFO(line << ": " << (done.ok() ? "" : done.error().what));
    REQUIRE(done.ok());
  }

  std::vector<Exchange> rows_;
  std::size_t next_ = 0;
  Time now_{1h};
  std::unique_ptr<SimMcu> sim_;
  std::set<std::string> written_;
};

} // namespace

TEST_CASE("the old dns320l-daemon's traffic of one boot is answered byte for byte") {
  Session session("dns320l/old-daemon.txt");
  CHECK(session.state()["leds"]["power"] == "blink");
  CHECK(session.state()["ready"] == false);
  session.play_to("D1");
  CHECK(session.state()["leds"]["power"] == "on");
  CHECK(session.state()["ready"] == true);
  session.play_to("D4");
  CHECK(session.state()["fan"]["step"] == "stop");
  session.play_to("D7");
  CHECK(session.state()["fan"]["step"] == "half");
  session.play_to("D9");
  CHECK(session.state()["fan"]["step"] == "full");
  session.play_to("D13");
  CHECK(session.state()["fan"]["step"] == "stop");
  CHECK(session.state()["button"]["line"] == 1);
  CHECK(session.play_to_the_end() == 27);
  CHECK(session.state()["button"]["line"] == 0);
  CHECK(session.state()["recovery"] == false);
  CHECK(session.state()["wol"] == false);
  CHECK(session.state()["leds"]["power"] == "on");
}

TEST_CASE("20 s after the old daemon's shutdown the box is dark and its MCU silent") {
  const mcu::Bytes ready{0xFA, 0x03, 0x01, 0x00, 0x00, 0x00, 0xFB};
  Session session("dns320l/old-daemon.txt");
  session.play_to_the_end();
  session.wait(19s);
  CHECK(session.powered());
  CHECK_FALSE(session.ask(ready).empty());
  session.wait(1s);
  CHECK_FALSE(session.powered());
  CHECK(session.ask(ready).empty());
}

TEST_CASE("the clock that the old daemon left goes on in the MCU") {
  Session session("dns320l/old-daemon.txt");
  const Exchange* const read = session.play_to("D26");
  session.wait(3s);
  mcu::Bytes later = read->reply_bytes();
  later.at(5) = 0x20; // 21:06:17 was written
  CHECK(mcu::to_hex(session.ask(read->request)) == mcu::to_hex(later));
}

TEST_CASE("the start sequence of the kernel's driver is answered byte for byte") {
  Session session("wt61p803/start-sequence.txt");
  CHECK(session.play_to_the_end() == 9);
  const nlohmann::json state = session.state();
  for (const char* disk : {"disk1", "disk2", "disk3", "disk4"}) CHECK(state["leds"][disk] == "off");
  CHECK(state["leds"]["usb"] == "off");
  CHECK(state["fan"]["pwm"] == 255);
}

TEST_CASE("a recorded session of the Linux 7.2 driver is answered byte for byte") {
  Session session("wt61p803/linux-7.2-session.txt");
  session.play_to("K12");
  CHECK(session.state()["leds"]["status-green"] == "off");
  session.play_to("K16");
  CHECK(session.state()["leds"]["status-green"] == "blink");
  session.play_to("K18");
  CHECK(session.state()["leds"]["disk2"] == "blink-fast");
  session.play_to("K24");
  CHECK(session.state()["leds"]["usb"] == "blink");
  CHECK(session.state()["leds"]["disk2"] == "blink-slow");
  CHECK(session.state()["fan"]["pwm"] == 255);
  CHECK(session.state()["rails"] == true);
  CHECK(session.play_to_the_end() == 31);
  CHECK(session.state()["beeps"]["short"] == 1);
  CHECK(session.state()["beeps"]["long"] == 1);
  CHECK(session.state()["rails"] == false);
}
