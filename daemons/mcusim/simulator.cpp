// SPDX-License-Identifier: MIT
#include <mcusim/simulator.hpp>

#include <mcusim/wire.hpp>

#include <boost/asio/steady_timer.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace mcusim {

namespace asio = boost::asio;
using boost::system::error_code;
using mcu::Status;
using nlohmann::json;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// How often unasked bytes may come while nothing else happens.
static constexpr milliseconds unsolicited_tick{250};
/// Pause before the wire is opened again when that failed.
static constexpr milliseconds reopen_pause{1000};

struct Simulator::Impl : std::enable_shared_from_this<Impl> {
  Impl(Simulator& simulator, const asio::any_io_executor& executor, SimulatorOptions given)
      : owner(&simulator),
        options(std::move(given)),
        // Another stream of chance than the MCU's own.
        faults(options.mcu.seed + 0x6661756C74U),
        send_timer(executor),
        idle_timer(executor),
        unsolicited_timer(executor),
        reopen_timer(executor) {
    wire = options.listen.empty() ? make_pty(executor, options.link)
                                  : make_socket_wire(executor, options.listen);
  }

  Status start();
  void stop();
  void host_bytes(mcu::ByteView bytes);
  void feed(mcu::ByteView bytes, Time now);
  void answer(std::vector<Reply> replies, Time now);
  void send();
  void wait_to_send(Time due);
  void watch_idle(Time now);
  void watch_unsolicited();
  void show(Direction direction, mcu::ByteView bytes, Time at);
  void disconnect(milliseconds pause);
  void reopen_in(milliseconds pause);

  json run(const Words& words);
  json state();
  json help() const;
  Status apply(const Words& words);
  Status apply_fault(const Words& words);
  Status apply_late(const Words& words);
  Status apply_send(const Words& words);
  Status apply_disconnect(const Words& words);

  Simulator* owner; ///< null once it is gone
  SimulatorOptions options;
  FaultInjector faults;
  std::unique_ptr<SimMcu> sim;
  std::shared_ptr<Wire> wire;
  Trace trace;
  Duration per_byte{0};
  Arrivals arrivals{Duration{0}};
  Departures departures{Duration{0}};
  asio::steady_timer send_timer;
  asio::steady_timer idle_timer;
  asio::steady_timer unsolicited_timer;
  asio::steady_timer reopen_timer;
  std::optional<Time> send_due;
  Time idle_at{};
  bool idle_pending = false;
  bool unsolicited_pending = false;
  bool exchanged = false; ///< since the last unsolicited tick
  std::uint64_t lost_bytes = 0;
};

// ---- life -------------------------------------------------------------------------------------

Status Simulator::Impl::start() {
  mcu::Result<std::unique_ptr<SimMcu>> made =
      make_sim_mcu(options.protocol, options.mcu, Clock::now());
  if (!made.ok()) return made.error();
  sim = std::move(made).value();
  for (const std::string& list : options.faults) {
    const Status status = faults.set_list(list);
    if (!status.ok()) return status;
  }
  if (!options.trace.empty()) {
    const Status status = trace.open(options.trace);
    if (!status.ok()) return status;
  }
  sim->judge = [this] { return faults.judge(sim->can_refuse()); };
  if (options.pace) per_byte = byte_time(options.baud != 0 ? options.baud : sim->baud());
  arrivals = Arrivals(per_byte);
  departures = Departures(per_byte);
  wire->on_bytes = [weak = weak_from_this()](mcu::ByteView bytes) {
    if (const auto self = weak.lock()) self->host_bytes(bytes);
  };
  const Status status = wire->open();
  if (status.ok()) watch_unsolicited();
  return status;
}

void Simulator::Impl::stop() {
  owner = nullptr;
  wire->on_bytes = nullptr;
  wire->close();
  send_timer.cancel();
  idle_timer.cancel();
  unsolicited_timer.cancel();
  reopen_timer.cancel();
}

// ---- host to MCU ------------------------------------------------------------------------------

void Simulator::Impl::host_bytes(mcu::ByteView bytes) {
  const Time now = Clock::now();
  exchanged = true;
  if (per_byte == Duration::zero() && !faults.active(Fault::host_drop)) {
    show(Direction::rx, bytes, now);
    feed(bytes, now);
  } else {
    // The arrival of each byte is known now, and nothing else reaches the MCU before it: it may as
    // well be told at once, with the time that will then be.
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const mcu::ByteView byte = bytes.subspan(i, 1);
      const Time there = arrivals.next(now);
      show(Direction::rx, byte, there);
      if (!faults.loses_host_byte(!sim->partial(), sim->shortest_frame())) feed(byte, there);
    }
  }
  send();
}

void Simulator::Impl::feed(mcu::ByteView bytes, Time now) {
  answer(sim->receive(bytes, now), now);
  if (sim->partial()) {
    idle_at = now + sim->idle_gap();
    if (!idle_pending) watch_idle(idle_at);
  }
}

/// A timer and not a comparison of arrival times: after a stall of this process the bytes that wait
/// in the kernel are read first, so that a busy machine is not taken for a pause of the host.
void Simulator::Impl::watch_idle(Time until) {
  idle_pending = true;
  idle_timer.expires_at(until);
  idle_timer.async_wait([self = shared_from_this()](error_code error) {
    self->idle_pending = false;
    if (error || !self->sim->partial()) return;
    const Time now = Clock::now();
    if (now < self->idle_at) {
      self->watch_idle(self->idle_at);
      return;
    }
    self->answer(self->sim->idle(now), now);
    self->send();
  });
}

// ---- MCU to host ------------------------------------------------------------------------------

void Simulator::Impl::answer(std::vector<Reply> replies, Time now) {
  for (Reply& reply : replies) {
    for (Outgoing& message : faults.damage(std::move(reply))) {
      departures.push(std::move(message.bytes), now, message.pause);
    }
  }
}

void Simulator::Impl::send() {
  if (!departures.empty()) {
    const Time now = Clock::now();
    if (!sim->powered(now)) departures.clear();
    const mcu::Bytes due = departures.take(now);
    if (!due.empty()) {
      if (!wire->write(due)) lost_bytes += due.size();
      show(Direction::tx, due, now);
    }
  }
  const std::optional<Time> next = departures.next();
  if (next && send_due != next) wait_to_send(*next);
}

void Simulator::Impl::wait_to_send(Time due) {
  send_due = due;
  send_timer.expires_at(due);
  send_timer.async_wait([self = shared_from_this(), due](error_code error) {
    if (error || self->send_due != due) return;
    self->send_due.reset();
    self->send();
  });
}

void Simulator::Impl::watch_unsolicited() {
  if (unsolicited_pending || !faults.active(Fault::unsolicited)) return;
  unsolicited_pending = true;
  unsolicited_timer.expires_after(unsolicited_tick);
  unsolicited_timer.async_wait([self = shared_from_this()](error_code error) {
    self->unsolicited_pending = false;
    if (error) return;
    if (!std::exchange(self->exchanged, false) && self->departures.empty()) {
      self->departures.push(self->faults.unsolicited(), Clock::now(), Duration{0});
      self->send();
    }
    self->watch_unsolicited();
  });
}

void Simulator::Impl::show(Direction direction, mcu::ByteView bytes, Time at) {
  trace.write(direction, bytes, at);
  if (owner != nullptr && owner->on_wire) owner->on_wire(direction, bytes, at);
}

// ---- the plug ---------------------------------------------------------------------------------

void Simulator::Impl::disconnect(milliseconds pause) {
  wire->close();
  departures.clear();
  arrivals.reset();
  reopen_in(pause);
}

void Simulator::Impl::reopen_in(milliseconds pause) {
  reopen_timer.expires_after(pause);
  reopen_timer.async_wait([self = shared_from_this()](error_code error) {
    if (error || self->owner == nullptr) return;
    const Status status = self->wire->open();
    if (status.ok()) return;
    spdlog::error("the wire cannot be opened again: {}", status.error().what);
    self->reopen_in(reopen_pause);
  });
}

// ---- control ----------------------------------------------------------------------------------

json Simulator::Impl::state() {
  json state = sim->state(Clock::now());
  state["ok"] = true;
  state["faults"] = faults.counts();
  state["fault_rates"] = faults.settings();
  state["wire"] = {{"path", wire->path()},
                   {"connected", wire->is_open()},
                   {"paced", options.pace},
                   {"lost_bytes", lost_bytes}};
  return state;
}

json Simulator::Impl::help() const {
  std::vector<std::string> commands = sim->settings();
  commands.insert(commands.end(),
                  {"state", "press power MS", "fault KIND [RATE|on|off|once]", "fault off",
                   "set late MS", "send HEX...", "disconnect MS", "help"});
  return {{"ok", true}, {"commands", commands}, {"faults", fault_names()}};
}

Status Simulator::Impl::apply_fault(const Words& words) {
  const Status status = faults.set({words.begin() + 1, words.end()});
  watch_unsolicited();
  return status;
}

Status Simulator::Impl::apply_late(const Words& words) {
  if (words.size() != 3) return mcu::Error{mcu::Errc::invalid_argument, "usage: set late MS"};
  const mcu::Result<int> ms = whole_number("late", words[2], 1, 60'000);
  if (!ms.ok()) return ms.error();
  faults.set_late(milliseconds(*ms));
  return mcu::Done{};
}

Status Simulator::Impl::apply_send(const Words& words) {
  mcu::Result<mcu::Bytes> bytes = hex_bytes("send", words, 1);
  if (!bytes.ok()) return bytes.error();
  departures.push(std::move(bytes).value(), Clock::now(), Duration{0});
  send();
  return mcu::Done{};
}

Status Simulator::Impl::apply_disconnect(const Words& words) {
  if (words.size() != 2) return mcu::Error{mcu::Errc::invalid_argument, "usage: disconnect MS"};
  const mcu::Result<int> ms = whole_number("disconnect", words[1], 0, 3'600'000);
  if (!ms.ok()) return ms.error();
  disconnect(milliseconds(*ms));
  return mcu::Done{};
}

Status Simulator::Impl::apply(const Words& words) {
  const Words rest(words.begin() + 1, words.end());
  if (words[0] == "set" && !rest.empty() && rest[0] == "late") return apply_late(words);
  if (words[0] == "set") return sim->set(rest, Clock::now());
  if (words[0] == "press") return sim->press(rest, Clock::now());
  if (words[0] == "fault") return apply_fault(words);
  if (words[0] == "send") return apply_send(words);
  if (words[0] == "disconnect") return apply_disconnect(words);
  return invalid("command", words[0], "state, set, press, fault, send, disconnect, help");
}

json Simulator::Impl::run(const Words& words) {
  if (!words.empty() && words[0] == "state") return state();
  if (!words.empty() && words[0] == "help") return help();
  const Status status =
      words.empty() ? Status(invalid("command", "", "help lists them")) : apply(words);
  if (status.ok()) return {{"ok", true}};
  return {{"ok", false}, {"error", status.error().what}};
}

Status check(const SimulatorOptions& options) {
  const auto made = make_sim_mcu(options.protocol, options.mcu, Time{});
  if (!made.ok()) return made.error();
  FaultInjector faults(0);
  for (const std::string& list : options.faults) {
    const Status status = faults.set_list(list);
    if (!status.ok()) return status;
  }
  return mcu::Done{};
}

// ---- Simulator --------------------------------------------------------------------------------

Simulator::Simulator(asio::any_io_executor executor, SimulatorOptions options)
    : impl_(std::make_shared<Impl>(*this, executor, std::move(options))) {}

Simulator::~Simulator() { stop(); }

Status Simulator::start() { return impl_->start(); }
void Simulator::stop() { impl_->stop(); }
std::string Simulator::link_path() const { return impl_->wire->path(); }
SimMcu& Simulator::mcu() { return *impl_->sim; }
FaultInjector& Simulator::faults() { return impl_->faults; }

json Simulator::command(std::string_view line) {
  if (!impl_->sim) return {{"ok", false}, {"error", "the simulator has not started"}};
  return impl_->run(split_line(line));
}

} // namespace mcusim
