// SPDX-License-Identifier: MIT
// The schedule of a link: who asks when, what the wire does to each answer and when it comes, when
// the port vanishes, when everything is stopped. Two worlds:
//
// - An honest one: the simulated MCU answers, in order; answers are lost, late, in pieces, doubled,
//   refused, requests are lost, noise stands between. What the link says is true must be true in
//   the MCU (a reply never answers another command's request).
// - A wild one: the answers are the input's own bytes. Then only the deadlines hold.
//
//   input: protocol and world, tries, then events: kind, value, and for each request what happens
#include "fuzz.hpp"
#include "virtual_time.hpp"

#include <libmcu/link/link.hpp>
#include <libmcu/protocol/registry.hpp>
#include <mcusim/sim_mcu.hpp>
#include <tests/link/scripted_transport.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <deque>

namespace fuzz {
namespace {

using namespace std::chrono_literals;
using mcu::SteadyTime;
using mcu::testing::Wire;
using std::chrono::milliseconds;

constexpr milliseconds timeout{40}, quiet{10}, backoff{2};
/// A run of this many events is long enough; more is only slower.
constexpr int most_events = 60;

/// One ask and what is known of it.
struct Asked {
  SteadyTime at, until; ///< when, and when it has to be over
  bool ended = false;
  std::size_t number = 0;
};

class World {
public:
  explicit World(ByteView bytes) : input_(bytes), wire_(std::make_shared<Wire>(io_)), timer_(io_) {
    static const std::vector<std::string_view> names = mcusim::sim_mcu_names();
    const unsigned first = input_.byte();
    const std::string_view name = names[first % names.size()];
    honest_ = (first & 0x80U) == 0;
    mcusim::McuOptions options;
    options.ack_gap = 0us;
    mcu_ = std::move(mcusim::make_sim_mcu(name, options, now())).value();
    mcu::LinkOptions link;
    link.timeout = timeout;
    link.quiet = quiet;
    link.backoff = backoff;
    link.tries = 1 + input_.below(3);
    link.byte_gap = std::chrono::microseconds(input_.below(3) * 100);
    link.reopen_first = 5ms;
    link.reopen_last = 20ms;
    wire_->one_by_one = input_.below(2) == 1;
    stepped_ = name == "dns320l";
    temperature_ = 30;
    set_temperature();
    link_ = std::make_unique<mcu::Link>(io_.get_executor(),
                                        std::make_unique<mcu::testing::ScriptedTransport>(wire_),
                                        std::move(mcu::make_protocol(name)).value(), link);
    if (std::getenv("FUZZ_TRACE") != nullptr) link_->on_trace = trace;
    wire_->answer = [this](const Bytes& bytes_sent) { return sent(bytes_sent); };
  }

  void run() {
    link_->start();
    mcu::asio::co_spawn(io_, script(), rethrow);
    // Virtual time stands still only when there is nothing left to wait for.
    std::size_t turns = 0;
    while (io_.run_one() > 0) require(++turns < 4'000'000, "the loop comes to an end");
    for (const auto& one : asked_) require(one->ended, "every request ends");
  }

private:
  static SteadyTime now() { return std::chrono::steady_clock::now(); }
  static void rethrow(const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  }

  /// With FUZZ_TRACE set: to find out what an input does.
  static void trace(mcu::Link::Direction direction, ByteView bytes) {
    const bool out = direction == mcu::Link::Direction::sent;
    say((out ? "> " : "< ") + mcu::to_hex(bytes));
  }
  static void say(const std::string& words) {
    if (std::getenv("FUZZ_TRACE") != nullptr)
      std::fprintf(stderr, "%9.3f ms %s\n", static_cast<double>(elapsed().count()) / 1e6,
                   words.c_str());
  }

  mcu::Task<void> pause(milliseconds time) {
    timer_.expires_after(time);
    co_await mcu::expired(timer_);
  }

  /// What happens when, in the order of the input.
  mcu::Task<void> script() {
    for (int n = 0; n < most_events && !input_.empty(); ++n) {
      const unsigned kind = input_.below(16);
      const unsigned value = input_.byte();
      if (kind < 8)
        ask(kind, value);
      else if (kind < 13)
        co_await pause(milliseconds(value));
      else if (kind == 13)
        wire_->say(noise(value), 0ms);
      else if (kind == 14)
        hang_up_or_come_back(value);
      else
        co_await longer(value);
    }
    // Time for what is under way, or not: a stop in the middle ends everything at once.
    const bool patient = input_.below(2) == 0;
    if (patient) co_await pause(5s);
    const SteadyTime stopped = now();
    link_->stop();
    if (input_.below(2) == 1) link_.reset();
    for (const auto& one : asked_)
      if (!one->ended) one->until = std::min<SteadyTime>(one->until, stopped + 1ms);
  }

  mcu::Task<void> longer(unsigned value) { co_await pause(milliseconds(value * 10)); }

  void hang_up_or_come_back(unsigned value) {
    say(value % 2 == 0 ? "the port vanishes" : "the port may come back");
    if (value % 2 == 0)
      wire_->hang_up();
    else
      wire_->present = true;
  }

  /// Bytes that begin nothing in these protocols, and so are no answer by chance.
  static Bytes noise(unsigned value) { return Bytes(1 + value % 5, 0x11); }

  void set_temperature() {
    // Further apart than the steps of the D-Link table.
    temperature_ = temperature_ >= 75 ? 30 : temperature_ + 5;
    (void)mcu_->set({"temp", std::to_string(temperature_)}, now());
    temperatures_.push_back({now(), temperature_});
  }

  // --- asking

  void ask(unsigned kind, unsigned value) {
    auto one = std::make_shared<Asked>();
    one->at = now();
    one->number = asked_.size();
    asked_.push_back(one);
    say("ask " + std::to_string(one->number) + ": " + std::to_string(kind) + " with " +
        std::to_string(value));
    ++open_;
    // Those in front may each take a deadline of their own, and urgent ones cut in.
    for (const auto& each : asked_)
      if (!each->ended) each->until = now() + (open_ + 1) * link_->deadline(13) + 10ms;
    // From here it may have ended already: newer versions of Asio begin it at once.
    if (kind < 3)
      mcu::asio::co_spawn(io_, read(one), rethrow);
    else if (kind < 6)
      mcu::asio::co_spawn(io_, set_fan(one, value), rethrow);
    else
      mcu::asio::co_spawn(io_, tell(one, value), rethrow);
  }

  void ended(const std::shared_ptr<Asked>& one, const char* how = "not asked") {
    one->ended = true;
    say("end " + std::to_string(one->number) + ": " + how);
    --open_;
    require(now() <= one->until, "no request outlives its deadline",
            std::to_string((now() - one->until) / 1us) + " us too late");
  }

  mcu::Task<void> read(std::shared_ptr<Asked> one) {
    if (!link_) co_return ended(one);
    set_temperature();
    const mcu::SteadyDuration old = link_->deadline(13);
    mcu::Command command = mcu::cmd::ReadTemperature{};
    const mcu::Result<mcu::Reply> reply = co_await link_->ask(command);
    ended(one, reply ? "answered" : "failed");
    if (!reply || !honest_) co_return;
    const double celsius = std::get<mcu::Celsius>(*reply).value;
    check_temperature(celsius, one->at - old);
  }

  /// True when the MCU had that temperature at `oldest` or later.
  void check_temperature(double celsius, SteadyTime oldest) {
    bool had = false;
    for (std::size_t i = 0; i < temperatures_.size(); ++i) {
      const bool over = i + 1 < temperatures_.size() && temperatures_[i + 1].since < oldest;
      if (!over && std::abs(temperatures_[i].value - celsius) <= 2) had = true;
    }
    require(had, "a temperature is the MCU's own, and at most a deadline old",
            std::to_string(celsius));
  }

  mcu::Task<void> set_fan(std::shared_ptr<Asked> one, unsigned value) {
    const double percent = stepped_ ? 50.0 * (value % 3) : 20 + value % 80;
    mcu::Command command = mcu::cmd::SetFanDuty{mcu::Duty{percent}};
    const mcu::Urgency urgency = value > 200 ? mcu::Urgency::urgent : mcu::Urgency::normal;
    if (!link_) co_return ended(one);
    const std::size_t first = duties_.size();
    const bool new_one = duties_.empty() || std::abs(duties_.back() - percent) > 1;
    const mcu::Result<mcu::Reply> reply = co_await link_->ask(command, urgency);
    ended(one, reply ? "answered" : "failed");
    if (!reply || !honest_ || !new_one) co_return;
    bool done = false;
    for (std::size_t i = first; i < duties_.size(); ++i)
      if (std::abs(duties_[i] - percent) <= 1) done = true;
    require(done, "'done' means that the MCU has done it", std::to_string(percent));
  }

  mcu::Task<void> tell(std::shared_ptr<Asked> one, unsigned value) {
    if (!link_) co_return ended(one);
    mcu::Command command = mcu::cmd::Identify{};
    if (value % 3 == 1) command = mcu::cmd::Beep{};
    if (value % 3 == 2) command = mcu::cmd::ReadClock{};
    const int beeps = beeps_;
    const mcu::Result<mcu::Reply> reply = co_await link_->ask(command);
    ended(one, reply ? "answered" : "failed");
    if (!reply || !honest_ || value % 3 != 1) co_return;
    require(beeps_ > beeps, "'done' means that the MCU has done it", "beep");
  }

  // --- the other end

  /// Called with what the host writes: a frame, or a byte of one.
  Bytes sent(const Bytes& bytes) {
    if (mcu_->partial() && now() - last_sent_ > mcu_->idle_gap()) (void)mcu_->idle(now());
    last_sent_ = now();
    if (!honest_) return wild();
    const unsigned fate = input_.byte();
    say("its fate: " + std::to_string(fate % 16) + ", " + std::to_string(fate));
    // Lost on the way: the MCU never does it.
    if (fate % 16 == 1) return {};
    mcu_->judge = [fate] {
      return fate % 16 == 2 ? mcusim::Verdict::ignore : mcusim::Verdict::answer;
    };
    const std::vector<mcusim::Reply> replies = mcu_->receive(bytes, now());
    note();
    for (const mcusim::Reply& reply : replies) answer(reply, fate);
    return {};
  }

  /// What the MCU does now, for those who are told that it did.
  void note() {
    const nlohmann::json state = mcu_->state(now());
    duties_.push_back(state.at("fan").at("duty").get<double>());
    beeps_ = state.at("beeps").at("short").get<int>();
  }

  /// What the link gives up is lost here: see Link::Impl::wait_for_silence().
  static constexpr milliseconds latest = 2 * timeout;

  void answer(const mcusim::Reply& reply, unsigned fate) {
    const unsigned kind = fate % 16;
    const milliseconds late(kind < 8 ? 0 : fate % 64);
    free_ = std::max<SteadyTime>(free_, now() + late);      // it answers in order
    if (kind == 3 || free_ + 16ms > now() + latest) return; // lost on the way back
    const auto delay = std::chrono::ceil<milliseconds>(free_ - now());
    Bytes all;
    for (const mcusim::Outgoing& message : reply)
      all.insert(all.end(), message.bytes.begin(), message.bytes.end());
    const auto half = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
    if (kind == 7) wire_->say(noise(fate), delay);
    if (kind != 4 && kind != 5) return say_all(all, kind == 6 ? 2 : 1, delay);
    wire_->say(Bytes(all.begin(), half), delay);
    if (kind == 4) return; // the rest is lost
    free_ += milliseconds(fate / 16);
    wire_->say(Bytes(half, all.end()), delay + milliseconds(fate / 16));
  }

  void say_all(const Bytes& bytes, int times, milliseconds delay) {
    for (int n = 0; n < times; ++n) wire_->say(bytes, delay);
  }

  /// Bytes of the input, at some time.
  Bytes wild() {
    const milliseconds late(input_.byte());
    const ByteView bytes = input_.take(input_.below(24));
    if (!bytes.empty()) wire_->say(Bytes(bytes.begin(), bytes.end()), late);
    return {};
  }

  struct Temperature {
    SteadyTime since;
    int value;
  };

  Input input_;
  mcu::asio::io_context io_;
  std::shared_ptr<Wire> wire_;
  mcu::asio::steady_timer timer_;
  std::unique_ptr<mcusim::SimMcu> mcu_;
  std::unique_ptr<mcu::Link> link_;
  bool honest_ = true, stepped_ = false;
  int temperature_ = 30;
  std::vector<Temperature> temperatures_;
  std::vector<double> duties_; ///< after each frame that reached the MCU
  int beeps_ = 0;
  SteadyTime last_sent_{}, free_{};
  std::vector<std::shared_ptr<Asked>> asked_;
  int open_ = 0;
};

} // namespace

void run(ByteView input) {
  reset_time();
  World(input).run();
}

} // namespace fuzz
