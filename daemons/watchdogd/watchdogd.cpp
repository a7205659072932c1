// SPDX-License-Identifier: MIT
#include <watchdogd/watchdogd.hpp>

#include <common/beat.hpp>
#include <libmcu/model/printable.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace nasmcu::watchdogd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* own_name = "io.nasmcu1.watchdogd";

/// How long the feeding goes on without the loop's word. Longer than the service manager's patience
/// (WatchdogSec=20): a loop that hangs is first started again.
constexpr seconds slack{30};

/// While all is well the checks' own pace is enough; else time itself decides.
constexpr seconds calm_tick{10};
constexpr seconds alert_tick{1};

/// For writing the last note; a hanging disk shall not hold up our end.
constexpr std::chrono::milliseconds farewell_time{700};

constexpr std::uint32_t longest_announcement = 3600;

GuardRules guard_rules(const WatchdogConfig& config,
                       const std::vector<std::shared_ptr<Checking>>& checks) {
  GuardRules rules;
  rules.warning = config.warning;
  rules.most_resets = config.resets;
  rules.no_way_out = config.no_way_out;
  for (const auto& check : checks) {
    const std::string name = check->name();
    CheckRules each;
    each.name = name;
    each.grace = config.grace;
    // Two looks, each as late as a busy box makes it; the owner's test may take its own time.
    each.silence = 2 * check->pace() + seconds(30);
    if (name == "test") each.silence += config.test_timeout;
    each.only_alerts = config.alert_only.contains(name.substr(0, name.find('-')));
    rules.checks.push_back(std::move(each));
  }
  return rules;
}

} // namespace

WatchdogConfigFile load_watchdog_config(const CommonOptions& options) {
  const ConfigSources sources = read_config_files(options.config, options.root);
  WatchdogConfigFile result = make_watchdog_config(sources.files);
  result.diagnostics.insert(result.diagnostics.begin(), sources.unreadable.begin(),
                            sources.unreadable.end());
  return result;
}

Watchdogd::Watchdogd(mcu::asio::io_context& io, CommonOptions options, mcu::Board board,
                     WatchdogConfig config)
    : io_(io),
      options_(std::move(options)),
      board_(std::move(board)),
      config_(std::move(config)),
      system_(options_.root, "nas-watchdogd"),
      children_(std::make_shared<Children>()),
      bus_(io.get_executor(), own_name),
      files_(io.get_executor()),
      boot_(boot_id(options_.root)),
      guard_({}, 0, Clock::now()),
      process_(io),
      tick_(io),
      farewell_(io) {
  bus_.on_connected = [this](sdbus::IConnection& connection) { on_connected(connection); };
  bus_.on_lost = [this](const std::string&) { on_lost(); };
  bus_.on_name_taken = [this](const std::string& owner) {
    process_.failed(fmt::format("the bus name {} cannot be owned: {}", own_name, owner));
    stop();
  };
}

Watchdogd::~Watchdogd() {
  process_.leave();
  stop_checks();
  files_.stop();
  bus_.stop();
}

/// Ready as soon as the device is looked after: a bus that does not come is no reason not to feed.
void Watchdogd::start() {
  process_.start({[this] { stop(); }, [this] { reload(); }, {}});
  open_device();
  read_notes();
  guard_ = Guard(GuardRules{}, notes_.counted(), Clock::now());
  guard_.armed(device_ != nullptr);
  if (config_.keepalive_only) spdlog::warn("KeepaliveOnly: fed without any check");
  start_checks();
  bus_.start();
  process_.ready();
  mcu::asio::co_spawn(io_, tick(), mcu::asio::detached);
}

void Watchdogd::start_checks() {
  const CheckContext context{io_.get_executor(), options_.root, board_, config_, bus_, children_};
  const auto made = make_checks(context);
  guard_.use(guard_rules(config_, made), Clock::now());
  for (const auto& check : made) {
    auto running = std::make_shared<Running>(check, io_.get_executor());
    checks_.push_back(running);
    mcu::asio::co_spawn(io_, run(*this, running), mcu::asio::detached);
  }
  decide();
}

void Watchdogd::stop_checks() {
  for (const auto& running : checks_) {
    running->ended = true;
    running->check->stop();
    running->timer.cancel();
  }
  checks_.clear();
}

Task<void> Watchdogd::run(Watchdogd& daemon, std::shared_ptr<Running> running) {
  while (!running->ended) {
    Sighting sighting = co_await running->check->look();
    if (running->ended) co_return;
    sighting.why = mcu::one_line(sighting.why);
    daemon.guard_.see(running->check->name(), std::move(sighting), Clock::now());
    daemon.decide();
    running->timer.expires_at(next_beat(Clock::now(), running->check->pace()));
    co_await mcu::expired(running->timer);
  }
}

Task<void> Watchdogd::tick() {
  while (!process_.stops()) {
    if (device_ == nullptr && Clock::now() >= look_for_device_) open_device();
    decide();
    settle_notes();
    const bool calm = decision_.phase == Phase::healthy;
    tick_.expires_at(next_beat(Clock::now(), calm ? calm_tick : alert_tick));
    co_await mcu::expired(tick_);
  }
}

void Watchdogd::decide() {
  if (process_.stops()) return;
  act(guard_.decide(Clock::now()));
  // Time decides now: the tick has to be a short one.
  if (decision_.phase != Phase::healthy && tick_.expiry() > Clock::now() + alert_tick)
    tick_.cancel();
}

void Watchdogd::act(const Decision& decision) {
  if (decision.phase != decision_.phase || decision.check != decision_.check) tell(decision);
  take_notes(decision);
  decision_ = decision;
  if (feeder_ && decision.feed)
    feeder_->allow_until(Clock::now() + slack);
  else if (feeder_)
    feeder_->withhold();
  const bool feeds = feeder_ && decision.feed;
  if (feeds != fed_) record(feeds ? "feed" : "withhold", decision.why);
  fed_ = feeds;
  if (feeder_ && feeder_->refused() != refused_) {
    refused_ = feeder_->refused();
    if (refused_) spdlog::error("the watchdog device takes no feeding");
  }
  show();
}

void Watchdogd::tell(const Decision& decision) const {
  spdlog::level::level_enum level = spdlog::level::info;
  if (decision.phase == Phase::failing) level = spdlog::level::warn;
  if (decision.phase >= Phase::alerting && decision.phase != Phase::stopped)
    level = spdlog::level::err;
  spdlog::log(level, "{}: {}", watchdogd::name(decision.phase), decision.why);
}

void Watchdogd::show() {
  WatchdogShown shown;
  shown.state = watchdogd::name(decision_.phase);
  shown.reason = decision_.why;
  shown.check = decision_.check;
  shown.armed = device_ != nullptr;
  shown.armed_reason = no_device_;
  shown.feeding = fed_ && !refused_;
  if (device_) {
    const DeviceTold& told = device_->told();
    shown.device = told.node;
    shown.identity = mcu::one_line(told.identity);
    shown.timeout = static_cast<std::uint32_t>(told.timeout.count());
    shown.pretimeout = static_cast<std::uint32_t>(told.pretimeout.count());
    shown.remarks = told.remarks;
  }
  shown.no_way_out = config_.no_way_out;
  shown.keepalive_only = config_.keepalive_only;
  shown.resets = guard_.resets();
  shown.most_resets = config_.resets;
  if (const ResetNote* last = notes_.last(boot_)) {
    shown.last_reset = last->time;
    shown.last_reason = mcu::one_line((last->check.empty() ? "" : last->check + ": ") + last->why);
  }
  if (face_) face_->show(shown);
  const std::string status = shown.armed ? shown.state : "no device: " + shown.armed_reason;
  // The reason belongs to it; what changes in it every second does not.
  if (std::exchange(status_, status) != status)
    process_.status(status + (shown.armed ? "; " + decision_.why : ""));
}

void Watchdogd::on_connected(sdbus::IConnection& connection) {
  root_object_ = std::make_unique<RootObject>(connection);
  WatchdogRequests requests;
  requests.announce = [this](const std::string& why, std::uint32_t time) {
    return announce(why, time);
  };
  requests.checks = [this] { return guard_.views(Clock::now()); };
  face_ = std::make_unique<WatchdogFace>(bus_, connection, WatchdogShown{}, std::move(requests));
  const Target logind{"org.freedesktop.login1", "/org/freedesktop/login1",
                      "org.freedesktop.login1.Manager"};
  shutdown_watch_ =
      bus_.watch_signal(logind, "PrepareForShutdown", [this](sdbus::Message& message) {
        bool begins = false;
        message >> begins;
        guard_.shutting_down(begins);
        spdlog::info(begins
                         ? "the system goes down: what fails from here on is no reason for a reset"
                         : "the system stays up");
        decide();
      });
  show();
}

void Watchdogd::on_lost() {
  shutdown_watch_.reset();
  face_.reset();
  root_object_.reset();
}

Status Watchdogd::announce(const std::string& why, std::uint32_t time) {
  if (time > longest_announcement)
    return mcu::Error{mcu::Errc::invalid_argument,
                      "0 to " + std::to_string(longest_announcement) + " seconds are allowed"};
  const std::string words = why.empty() ? "something" : mcu::one_line(why.substr(0, 100));
  guard_.announce(words, Clock::now() + seconds(time));
  if (time == 0)
    spdlog::info("nothing is announced any more");
  else
    spdlog::info("{} was announced: no reset for {} s", words, time);
  decide();
  return {};
}

void Watchdogd::reload() {
  if (process_.stops()) return;
  WatchdogConfigFile file = load_watchdog_config(options_);
  if (!report(file.diagnostics)) {
    spdlog::error("reload refused: the configuration in force stays");
    return;
  }
  stop_checks();
  const bool other_device = file.config.device != config_.device;
  config_ = std::move(file.config);
  std::unique_ptr<Device> same;
  feeder_.reset();
  if (other_device && device_)
    leave_device(true);
  else
    same = std::move(device_);
  if (same) {
    same->use({config_.timeout, config_.pretimeout});
    use_device(std::move(same));
  } else {
    open_device();
  }
  spdlog::info("configuration read again");
  start_checks();
}

void Watchdogd::stop() {
  if (!process_.begin_stop()) return;
  stop_checks();
  guard_.stop();
  act(guard_.decide(Clock::now()));
  feeder_.reset();
  leave_device(decision_.disarm);
  children_->end();
  mcu::asio::co_spawn(io_, finish(), mcu::asio::detached);
}

Task<void> Watchdogd::finish() {
  farewell_.expires_after(farewell_time);
  farewell_.async_wait([this](const boost::system::error_code& error) {
    if (!error) files_.stop();
  });
  co_await save_notes(false);
  farewell_.cancel();
  files_.stop();
  process_.end();
  tick_.cancel();
  bus_.stop();
}

} // namespace nasmcu::watchdogd
