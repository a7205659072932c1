// SPDX-License-Identifier: MIT
#include <alertd/alertd.hpp>

#include <alertd/smartctl.hpp>
#include <alertd/watchdog_health.hpp>

#include <bus/watchdogd_client.hpp>
#include <common/beat.hpp>
#include <common/records.hpp>
#include <common/system.hpp>
#include <libmcu/devices/disk_activity.hpp>

#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

namespace nasmcu::alertd {
namespace {

constexpr const char* own_name = "io.nasmcu1.alertd";
constexpr std::chrono::minutes identify_time{10};
constexpr std::chrono::hours longest_mute{24 * 7};

/// Sound, night hours and identified bays change with the time of day.
constexpr std::chrono::seconds tick_time{30};

WallTime now_seconds() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

int minute_of_day(WallTime now) {
  const std::time_t seconds = now.time_since_epoch().count();
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return local.tm_hour * 60 + local.tm_min;
}

DiskWatch::Options disk_options(const AlertConfig& config) {
  DiskWatch::Options options;
  options.gate.interval = config.smart_interval;
  options.grace = config.missing_grace;
  return options;
}

} // namespace

AlertConfigFile load_alert_config(const CommonOptions& options) {
  const ConfigSources sources = read_config_files(options.config, options.root);
  AlertConfigFile result = make_alert_config(sources.files);
  result.diagnostics.insert(result.diagnostics.begin(), sources.unreadable.begin(),
                            sources.unreadable.end());
  return result;
}

Alertd::Alertd(mcu::asio::io_context& io, CommonOptions options, mcu::Board board,
               AlertConfig config)
    : io_(io),
      options_(std::move(options)),
      board_(std::move(board)),
      config_(std::move(config)),
      rules_(light_rules(board_, config_.night_leds, config_.night)),
      children_(std::make_shared<Children>()),
      bus_(io.get_executor(), own_name),
      store_(options_.root),
      disks_(disk_options(config_), store_.memories()),
      roster_(store_.roster()),
      channels_(io.get_executor(), options_.root, children_),
      panel_(io.get_executor(), bus_),
      process_(io),
      tick_(io) {
  channels_.use(config_);
  bus_.on_connected = [this](sdbus::IConnection& connection) { on_connected(connection); };
  bus_.on_lost = [this](const std::string&) { on_lost(); };
  bus_.on_named = [this] {
    process_.ready();
    tell_status();
  };
  bus_.on_name_taken = [this](const std::string& owner) {
    process_.failed(fmt::format("the bus name {} cannot be owned: {}", own_name, owner));
    stop();
  };
}

Alertd::~Alertd() {
  process_.leave();
  bus_.stop();
}

void Alertd::start() {
  ledger_ = store_.ledger(now_seconds());
  process_.start({[this] { stop(); }, [this] { reload(); }, {}});
  bus_.start();
  start_sources();
  mcu::asio::co_spawn(io_, panel_.run(), mcu::asio::detached);
  mcu::asio::co_spawn(io_, tick(), mcu::asio::detached);
}

void Alertd::start_sources() {
  const SourceContext context{io_.get_executor(),
                              options_.root,
                              board_,
                              config_,
                              bus_,
                              disks_,
                              roster_,
                              smartd_,
                              children_,
                              {}};
  for (const SourceMaker* maker : source_makers()) {
    auto running = std::make_shared<Running>(maker->name, maker->make(context), io_.get_executor());
    running->source->hurry = [weak = std::weak_ptr<Running>(running)] {
      if (const auto alive = weak.lock()) {
        alive->hurry = true;
        alive->timer.cancel();
      }
    };
    sources_.push_back(running);
    mcu::asio::co_spawn(io_, run(*this, running), mcu::asio::detached);
  }
}

void Alertd::stop_sources() {
  for (const auto& running : sources_) {
    running->ended = true;
    running->source->stop();
    running->timer.cancel();
  }
  sources_.clear();
}

Task<void> Alertd::run(Alertd& alertd, std::shared_ptr<Running> running) {
  while (!running->ended) {
    running->hurry = false;
    const auto findings = co_await running->source->look();
    if (running->ended) co_return;
    if (findings) alertd.take(running->name, *findings);
    if (running->hurry) continue;
    running->timer.expires_at(
        next_beat(std::chrono::steady_clock::now(), running->source->pause()));
    co_await mcu::expired(running->timer);
  }
}

void Alertd::take(const std::string& source, const std::vector<Finding>& findings) {
  for (const Event& event : ledger_.update(source, findings, now_seconds())) channels_.tell(event);
  render();
}

/// Everything that only shows the ledger.
void Alertd::render() {
  if (process_.stops()) return;
  const WallTime now = now_seconds();
  const int minute = minute_of_day(now);
  const std::vector<Alert> alerts = ledger_.active();
  std::vector<std::string> identified;
  std::erase_if(identified_, [now](const auto& entry) { return entry.second <= now; });
  for (const auto& [bay, until] : identified_) identified.push_back(bay);
  panel_.want(plan_lights(rules_, alerts, identified, minute));
  const Pattern pattern = sound_.next(config_.sound, alerts, now, minute);
  if (!pattern.empty()) panel_.play(pattern);
  if (faces_) {
    faces_->show(alerts);
    faces_->show(disks_.states(now));
    const auto muted = sound_.muted_until(now);
    faces_->show_poller(smartd_polls(config_.poller, smartd_) ? "smartd" : "nas-alertd");
    faces_->show_muted(muted ? static_cast<std::uint64_t>(muted->time_since_epoch().count()) : 0);
  }
  save(false);
  tell_status();
}

/// The disk below /var/lib/nasmcu is at rest, as far as its own books tell.
bool Alertd::root_disk_rests() const {
  struct stat info = {};
  if (::stat((options_.root + "/var/lib").c_str(), &info) != 0) return false;
  const std::string link = options_.root + "/sys/dev/block/" + std::to_string(major(info.st_dev)) +
                           ":" + std::to_string(minor(info.st_dev));
  const std::string device = mcu::Files().resolve(link);
  if (device.empty()) return false;
  for (const DiskState& disk : disks_.states(now_seconds()))
    if (disk.asleep && !disk.seen.path.empty() && device.starts_with(disk.seen.path)) return true;
  return false;
}

/// What was found waits for a root disk that rests; it is written when that is used next, or at the
/// end.
void Alertd::save(bool at_end) {
  const Store::Texts texts = Store::texts(ledger_, disks_, roster_);
  if (store_.has(texts, at_end) || (!at_end && root_disk_rests())) return;
  store_.save(texts);
}

Requests Alertd::requests() {
  Requests all;
  all.acknowledge = [this](const std::string& id) {
    const Status done = ledger_.acknowledge(id);
    if (done && id.starts_with(reset_alert)) know_reset(id);
    if (done) render();
    return done;
  };
  all.mute = [this](std::chrono::seconds length) -> Status {
    if (length > longest_mute)
      return mcu::Error{mcu::Errc::invalid_argument, "a mute lasts a week at most (604800 s)"};
    sound_.mute(now_seconds() + length);
    render();
    return {};
  };
  all.test = [this] { return test(); };
  all.identify = [this](const std::string& bay, bool on) { return identify(bay, on); };
  all.forget = [this](const std::string& bay) {
    const Status done = disks_.forget(bay);
    if (done) hurry(smart_source);
    return done;
  };
  all.tell = [this](SmartdMessage message) { return tell(std::move(message)); };
  all.self_test = [this](std::string bay, std::string kind) {
    return self_test(std::move(bay), std::move(kind));
  };
  return all;
}

/// A reset is over, and need not stand for longer than it is news.
void Alertd::know_reset(const std::string& id) {
  const Status written =
      write_file(known_resets_file(options_.root), encode_records("watchdog-known", {id}));
  if (!written) spdlog::error("{}", written.error().what);
  hurry(watchdog_source);
}

Result<std::string> Alertd::identify(const std::string& bay, bool on) {
  const auto led = rules_.bays.find(bay);
  if (led == rules_.bays.end()) {
    std::string known;
    for (const auto& [name, unused] : rules_.bays) known += (known.empty() ? "" : ", ") + name;
    return mcu::Error{mcu::Errc::unsupported,
                      board_.bay(bay) != nullptr
                          ? "bay " + bay + " has no LED on this board"
                          : "no bay '" + bay + "' on this board; " +
                                (known.empty() ? "it has none with a LED" : "it has: " + known)};
  }
  if (on)
    identified_[bay] = now_seconds() + identify_time;
  else
    identified_.erase(bay);
  render();
  return led->second;
}

std::string Alertd::test() {
  Event event;
  event.alert.finding.id = "test";
  event.alert.finding.subject = "test of the alerts of this box";
  event.alert.finding.text = "Somebody asked for it (mcuctl alerts test). Nothing is wrong.";
  event.alert.finding.state = "test";
  event.alert.since = event.alert.changed = now_seconds();
  channels_.tell(event);
  panel_.play({mcu::BeepLength::brief});
  spdlog::info("test sent: {}", channels_.words());
  return channels_.words() + (board_.buzzer ? ", buzzer" : "");
}

void Alertd::on_connected(sdbus::IConnection& connection) {
  faces_ = std::make_unique<Faces>(bus_, connection, requests());
  mcud_watch_ = bus_.watch_owner(mcud_name, [this](const std::string& owner) {
    if (owner.empty()) return;
    panel_.forget();
    for (const auto& running : sources_) running->source->hurry();
  });
  const auto look = [this] { hurry(watchdog_source); };
  watchdogd_watch_ = bus_.watch_owner(watchdogd_name, [look](const std::string&) { look(); });
  // Not the values: what they mean is the source's.
  const Target watchdog{watchdogd_name, object_path("watchdog", ""),
                        "org.freedesktop.DBus.Properties"};
  watchdog_changes_ =
      bus_.watch_signal(watchdog, "PropertiesChanged", [look](sdbus::Message&) { look(); });
  panel_.forget();
  render();
}

void Alertd::on_lost() {
  mcud_watch_.reset();
  watchdogd_watch_.reset();
  watchdog_changes_.reset();
  faces_.reset();
}

void Alertd::hurry(const SourceMaker& source) {
  for (const auto& running : sources_)
    if (running->name == source.name) running->source->hurry();
}

/// smartd may know a disk by a link, such as /dev/disk/by-id/...
Status Alertd::tell(SmartdMessage message) {
  const auto finding = judge_message(message);
  if (!finding) return finding.error();
  if (!*finding) {
    (void)test();
    return {};
  }
  std::error_code error;
  const std::string real = std::filesystem::canonical(options_.root + message.device, error);
  if (!error && real.starts_with(options_.root)) message.device = real.substr(options_.root.size());
  const Status done =
      disks_.told(message.device, serial_in(message.info), **finding, now_seconds());
  if (!done) {
    spdlog::warn("smartd says of {}: {}: {}", printable(message.device), (*finding)->subject,
                 done.error().what);
    return done;
  }
  hurry(smart_source);
  return {};
}

Task<Result<std::string>> Alertd::self_test(std::string bay, std::string kind) {
  if (kind != "short" && kind != "long")
    co_return mcu::Error{mcu::Errc::invalid_argument, "short or long is allowed"};
  const auto disk = disks_.self_test(bay);
  if (!disk) co_return disk.error();
  render(); // its counters
  const std::string where = disk->bay.empty() ? disk->node : "the disk in bay " + disk->bay;
  spdlog::info("a {} self-test of {} was asked for", kind, where);
  const Program program = smartctl_program(config_, options_.root, {"-t", kind}, disk->node);
  Result<std::string> begun =
      co_await start_self_test(io_.get_executor(), children_, program, kind, where);
  co_return begun;
}

Task<void> Alertd::tick() {
  while (!process_.stops()) {
    tick_.expires_at(next_beat(std::chrono::steady_clock::now(), tick_time));
    const bool time = co_await mcu::expired(tick_);
    if (time) render();
  }
}

void Alertd::reload() {
  if (process_.stops()) return;
  AlertConfigFile file = load_alert_config(options_);
  if (!report(file.diagnostics)) {
    spdlog::error("reload refused: the configuration in force stays");
    return;
  }
  stop_sources();
  config_ = std::move(file.config);
  rules_ = light_rules(board_, config_.night_leds, config_.night);
  channels_.use(config_);
  start_sources();
  spdlog::info("configuration read again");
  render();
}

void Alertd::tell_status() {
  const std::vector<Alert> alerts = ledger_.active();
  std::string status = "no alerts";
  if (!alerts.empty())
    status = std::to_string(alerts.size()) +
             (alerts.size() == 1 ? " alert: " : " alerts, worst: ") +
             alerts.front().finding.subject;
  process_.status(status);
}

void Alertd::stop() {
  if (!process_.begin_stop()) return;
  save(true);
  stop_sources();
  channels_.stop();
  panel_.stop();
  children_->end();
  process_.end();
  tick_.cancel();
  bus_.stop();
}

} // namespace nasmcu::alertd
