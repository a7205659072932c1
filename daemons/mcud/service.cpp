// SPDX-License-Identifier: MIT
#include <mcud/service.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace nasmcu {
namespace {

/// SIGTERM to exit must stay under a second: one MCU deadline for failsafe, the rest for the bus.
constexpr std::chrono::milliseconds failsafe_limit{700};

/// The clock is set at start as soon as the MCU answers; after this the guess is that it won't.
constexpr int clock_tries = 30;
constexpr std::chrono::seconds clock_pause{1};

/// How often it is looked whether NTP has set the system's clock.
constexpr std::chrono::seconds ntp_first_pause{4};
constexpr std::chrono::seconds ntp_last_pause{512};

} // namespace

Service::Service(mcu::asio::io_context& io, CommonOptions options, Config config,
                 std::unique_ptr<mcu::Inventory> inventory)
    : io_(io),
      options_(std::move(options)),
      config_(std::move(config)),
      system_(options_.root, "mcud"),
      inventory_(std::move(inventory)),
      core_(io.get_executor(), *inventory_, system_, config_),
      bus_(io.get_executor(), "io.nasmcu1.mcud"),
      fan_daemon_(bus_),
      alert_daemon_(bus_),
      watchdog_daemon_(bus_),
      sleep_watch_(bus_),
      port_(io.get_executor(), core_, options_),
      process_(io),
      clock_timer_(io),
      ntp_timer_(io) {}

void Service::start() {
  process_.start({[this] { end(); }, [this] { reload(); }, [this] { return polls_turn(); }});
  core_.fan_daemon = &fan_daemon_;
  core_.alert_daemon = &alert_daemon_;
  core_.watchdog_daemon = &watchdog_daemon_;
  core_.on_change = [this](Core::Kind kind, const std::string& name) {
    if (objects_) objects_->changed(kind, name);
    say_status();
  };
  sleep_watch_.on_sleep = [this](bool going) { return core_.sleeping(going); };
  if (const Status owned = core_.start(); !owned) {
    process_.failed("cannot take the hardware: " + owned.error().what);
    process_.end();
    return;
  }
  open_bus();
  open_port();
  mcu::asio::co_spawn(io_, set_clocks_at_start(), mcu::asio::detached);
  mcu::asio::co_spawn(io_, set_clock_after_ntp(), mcu::asio::detached);
  process_.ready();
  say_status();
}

void Service::open_bus() {
  bus_.on_connected = [this](sdbus::IConnection& connection) {
    objects_ = std::make_unique<Objects>(bus_, core_, connection);
    fan_daemon_.connected();
    sleep_watch_.connected();
  };
  bus_.on_named = [] { spdlog::info("on the system bus as io.nasmcu1.mcud"); };
  bus_.on_lost = [this](const std::string&) {
    objects_.reset();
    fan_daemon_.lost();
    sleep_watch_.lost();
    if (!process_.stops()) core_.bus_lost();
  };
  bus_.on_name_taken = [this](const std::string& why) {
    process_.failed("cannot own io.nasmcu1.mcud: " + why);
    end();
  };
  bus_.start();
}

/// A port that cannot be opened is a pity, not a reason to leave the fan alone.
void Service::open_port() {
  port_.on_shutdown = [this] { end(); };
  const Status local = port_.open_unix_socket();
  if (!local) spdlog::error("command socket: {}", local.error().what);
  const Status tcp = port_.configure(config_.daemon);
  if (!tcp) spdlog::error("command port: {}", tcp.error().what);
}

/// The configuration in force stays when the new one has a mistake.
void Service::reload() {
  const ConfigFile fresh = load_config(options_.config, options_.root);
  if (!report(fresh.diagnostics)) {
    spdlog::error("the configuration has errors; the one in force stays");
    return;
  }
  if (fresh.config.serial.port != config_.serial.port)
    spdlog::warn("[Serial] Port changed; restart mcud to use it");
  config_ = fresh.config;
  core_.reload(config_);
  const Status tcp = port_.configure(config_.daemon);
  if (!tcp) spdlog::error("command port: {}; the old one stays", tcp.error().what);
  spdlog::info("configuration loaded again");
}

void Service::end() {
  if (process_.begin_stop()) mcu::asio::co_spawn(io_, shut_down(), mcu::asio::detached);
}

Task<void> Service::shut_down() {
  process_.end();
  clock_timer_.cancel();
  ntp_timer_.cancel();
  port_.stop();
  if (config_.daemon.sync_time_on_shutdown && exit_code() == exit_done) {
    const Result<std::time_t> written = co_await core_.system_to_clock();
    if (!written) spdlog::warn("systohc at the end: {}", written.error().what);
  }
  co_await core_.stop(failsafe_limit);
  bus_.stop();
}

Task<void> Service::set_clocks_at_start() {
  if (!config_.daemon.sync_time_on_startup) co_return;
  for (int i = 0; i < clock_tries && !process_.stops(); ++i) {
    const Result<ClockPair> pair = co_await core_.clock_to_system();
    if (pair) {
      spdlog::info("system time set from the clock, off by {} s", pair->system - pair->clock);
      co_return;
    }
    const mcu::Errc code = pair.error().code;
    // Neither gets better by asking again: no clock, and one that tells nonsense.
    if (i + 1 == clock_tries || code == mcu::Errc::unsupported || code == mcu::Errc::failed) {
      spdlog::warn("hctosys at start: {}", pair.error().what);
      co_return;
    }
    clock_timer_.expires_after(clock_pause);
    co_await mcu::expired(clock_timer_);
  }
}

/// Once: then the clock is right for the next start, even if this one ends without a shutdown. The
/// pauses grow, so that a box without a network is not woken for it.
Task<void> Service::set_clock_after_ntp() {
  if (inventory_->clock() == nullptr) co_return;
  std::chrono::seconds pause = ntp_first_pause;
  while (!process_.stops()) {
    ntp_timer_.expires_after(pause);
    const bool in_time = co_await mcu::expired(ntp_timer_);
    if (!in_time || process_.stops()) co_return;
    pause = std::min(2 * pause, ntp_last_pause);
    if (!config_.clock_after_ntp || !system_.clock_synchronised()) continue;
    const Result<std::time_t> written = co_await core_.system_to_clock();
    if (written) {
      spdlog::info("the battery clock is set: the system's time comes from NTP now");
      co_return;
    }
    spdlog::debug("systohc behind NTP: {}", written.error().what);
    if (written.error().code == mcu::Errc::unsupported) co_return;
  }
}

/// Asked before each sign of life. A whole round of a silent MCU's time-outs fits in one poll
/// beyond the regular one.
bool Service::polls_turn() {
  const auto now = std::chrono::steady_clock::now();
  const std::uint64_t beat = core_.monitor().heartbeat();
  if (std::exchange(last_beat_, beat) != beat) moved_ = now;
  return now - moved_ < 2 * config_.fan_poll + std::chrono::seconds(30);
}

void Service::say_status() {
  std::string text = inventory_->board().name;
  if (inventory_->link() != nullptr) text += inventory_->link()->up() ? ": link up" : ": link down";
  if (inventory_->backend() == "kernel") text += ": MCU behind the kernel's driver";
  for (const auto& driver : core_.drivers())
    text += driver->claim().theirs()
                ? fmt::format(", fan {} {}", driver->fan().name(), driver->claim().words())
                : fmt::format(", fan {} {:.0f} %{}", driver->fan().name(),
                              driver->decision().duty.percent,
                              driver->decision().failsafe ? " (failsafe)" : "");
  process_.status(text);
}

} // namespace nasmcu
