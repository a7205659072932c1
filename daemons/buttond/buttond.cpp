// SPDX-License-Identifier: MIT
#include <buttond/buttond.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace nasmcu::buttond {
namespace {

using Clock = std::chrono::steady_clock;

/// Between two questions to an mcud that does not answer.
constexpr milliseconds retry_first{200};
constexpr milliseconds retry_last{10000};

/// For each of the two questions that give a LED back at the end.
constexpr milliseconds farewell{300};

/// "long-press: poweroff"; empty when nothing does anything.
std::string actions_text(const Rules& rules) {
  constexpr std::array<Gesture, 4> all = {Gesture::press, Gesture::long_press, Gesture::on,
                                          Gesture::off};
  std::string text;
  for (const Gesture gesture : all) {
    const bool of_switch = gesture == Gesture::on || gesture == Gesture::off;
    const Action& action = rules.action(gesture);
    if (of_switch != rules.timing.is_switch || action.kind == Action::Kind::none) continue;
    text += (text.empty() ? "" : ", ") + std::string(name(gesture)) + ": " + to_text(action);
  }
  return text;
}

} // namespace

Settings load_settings(const CommonOptions& options) {
  const ConfigSources sources = read_config_files(options.config, options.root);
  ConfigFile file = make_button_config(sources.files);
  Settings settings;
  settings.config = std::move(file.config);
  settings.diagnostics = sources.unreadable;
  settings.diagnostics.insert(settings.diagnostics.end(), file.diagnostics.begin(),
                              file.diagnostics.end());
  settings.shutdown_delay =
      make_config(sources.files)
          .config.daemon.device_shutdown_delay.value_or(settings.shutdown_delay);
  return settings;
}

Buttond::Buttond(mcu::asio::io_context& io, CommonOptions options, Settings settings)
    : io_(io),
      options_(std::move(options)),
      watch_(std::move(settings.config)),
      process_(io),
      timer_(io),
      retry_(io),
      bus_(io.get_executor(), buttond_name),
      logind_(bus_),
      performer_(bus_, logind_, System(options_.root, "nas-buttond")),
      feedback_(bus_) {
  performer_.use_delay(settings.shutdown_delay);
  logind_.on_shutdown = [this](bool going) {
    watch_.system_goes_down(going);
    show();
  };
  logind_.on_sleep = [this](bool going) { on_sleep(going); };
  logind_.on_held = [this] { show(); };
  bus_.on_connected = [this](sdbus::IConnection& connection) { on_connected(connection); };
  bus_.on_lost = [this](const std::string& reason) { on_lost(reason); };
  bus_.on_named = [this] {
    // Ready to be asked. Without mcud there is nothing to do yet, which is no failed start.
    process_.ready();
    show();
  };
  bus_.on_name_taken = [this](const std::string& owner) {
    process_.failed(fmt::format("the bus name {} cannot be owned: {}", buttond_name, owner));
    stop();
  };
}

Buttond::~Buttond() {
  process_.leave();
  bus_.stop();
}

void Buttond::start() {
  process_.start({[this] { stop(); }, [this] { reload(); }, {}});
  bus_.start();
}

void Buttond::reload() {
  if (process_.stops()) return;
  Settings settings = load_settings(options_);
  if (!report(settings.diagnostics)) {
    spdlog::error("reload refused: the configuration in force stays");
    return;
  }
  performer_.use_delay(settings.shutdown_delay);
  carry_out(watch_.use(std::move(settings.config), Clock::now()));
  spdlog::info("configuration read again");
  complain();
}

void Buttond::on_connected(sdbus::IConnection& connection) {
  face_ = std::make_unique<Face>(bus_, connection, view_);
  logind_.connected();
  owner_watch_ = bus_.watch_owner(mcud_name, [this](const std::string& owner) { on_owner(owner); });
  mcu::asio::co_spawn(io_, look_for_mcud(), mcu::asio::detached);
}

void Buttond::on_lost(const std::string&) {
  ++life_;
  mcud_.clear();
  owner_watch_.reset();
  button_watches_.clear();
  retry_.cancel();
  if (!process_.stops()) carry_out(watch_.lost(Clock::now()));
  logind_.lost();
  face_.reset();
}

/// The watch only tells of changes; this asks for the state at the beginning.
Task<void> Buttond::look_for_mcud() {
  const std::uint64_t life = life_;
  const std::string name = mcud_name;
  const auto owner =
      co_await bus_.call<std::string>(bus_driver, "GetNameOwner", call_timeout, name);
  if (life != life_ || process_.stops()) co_return;
  if (owner)
    on_owner(std::get<0>(*owner));
  else
    spdlog::info("waiting for mcud");
}

void Buttond::on_owner(const std::string& owner) {
  if (process_.stops() || owner == mcud_) return;
  ++life_;
  mcud_ = owner;
  retry_.cancel();
  carry_out(watch_.lost(Clock::now()));
  if (!mcud_.empty()) mcu::asio::co_spawn(io_, attach(), mcu::asio::detached);
}

/// Learns what mcud has, however often it must ask. Asked a second time once its changes are
/// followed, so that none is missed.
Task<void> Buttond::attach() {
  const std::uint64_t life = life_;
  milliseconds pause = retry_first;
  bool followed = false;
  while (life == life_) {
    const auto found = co_await discover(bus_, mcud_);
    if (life != life_ || process_.stops()) co_return;
    if (found && followed) {
      adopt(*found);
      co_return;
    }
    if (found) {
      follow(*found);
      followed = true;
      continue;
    }
    if (pause == retry_first) spdlog::warn("mcud does not say what it has: {}", found.error().what);
    retry_.expires_after(pause);
    pause = std::min(pause * 2, retry_last);
    co_await mcu::expired(retry_);
  }
}

void Buttond::follow(const std::vector<ButtonFacts>& buttons) {
  button_watches_.clear();
  early_.clear();
  adopted_ = false;
  for (const ButtonFacts& button : buttons)
    button_watches_[button.path] =
        follow_button(bus_, button.path, [this, name = button.name](const Change& change) {
          if (adopted_)
            take(name, change);
          else
            early_[name] = change;
        });
}

void Buttond::take(const std::string& name, const Change& change) {
  watch_.note_presence(name, change.present);
  const std::optional<bool> pressed = change.known ? std::optional(change.pressed) : std::nullopt;
  carry_out(watch_.hear(name, pressed, change.since, Clock::now()));
}

/// A change may be heard between mcud's answer and our turn to look at it: it is the newer one.
void Buttond::adopt(const std::vector<ButtonFacts>& buttons) {
  carry_out(watch_.adopt(buttons, Clock::now()));
  adopted_ = true;
  for (const auto& [name, change] : std::exchange(early_, {})) take(name, change);
  complain();
  if (buttons.empty()) spdlog::info("mcud has no button: nothing to do");
}

void Buttond::complain() const {
  if (mcud_.empty()) return;
  for (const std::string& line : complaints(watch_.config(), watch_.facts()))
    spdlog::warn("{}", line);
}

/// After sleep it is learnt afresh what is pressed.
void Buttond::on_sleep(bool going) {
  if (process_.stops()) return;
  carry_out(watch_.sleeps(going, Clock::now()));
  if (going || mcud_.empty()) return;
  ++life_;
  mcu::asio::co_spawn(io_, attach(), mcu::asio::detached);
}

void Buttond::carry_out(const std::vector<Order>& orders) {
  for (const Order& order : orders) switch (order.what) {
    case Order::What::tell: spdlog::info("button {}: {}", order.button, order.words); break;
    case Order::What::warn: spdlog::warn("button {}: {}", order.button, order.words); break;
    case Order::What::ask:
      mcu::asio::co_spawn(io_, ask(order.button, order.question), mcu::asio::detached);
      break;
    case Order::What::act:
      mcu::asio::co_spawn(io_, act(order, watch_.rules(order.button)), mcu::asio::detached);
      break;
    }
  show();
  arm();
}

void Buttond::arm() {
  const auto when = watch_.wake();
  if (!when || process_.stops()) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(*when);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !process_.stops()) carry_out(watch_.tick(Clock::now()));
  });
}

Task<void> Buttond::ask(std::string button, std::uint32_t question) {
  const std::uint64_t life = life_;
  std::string path;
  for (const ButtonFacts& facts : watch_.facts())
    if (facts.name == button) path = facts.path;
  const std::optional<bool> pressed = co_await read_button(bus_, path);
  if (life != life_ || process_.stops()) co_return;
  carry_out(watch_.answer(button, question, pressed, Clock::now()));
}

Task<void> Buttond::act(Order order, Rules rules) {
  const std::string gesture(name(order.gesture));
  spdlog::info("button {}: {}", order.button, order.words);
  view_.last_button = order.button;
  view_.last_gesture = gesture;
  view_.last_time = static_cast<std::uint64_t>(std::time(nullptr));
  view_.last_outcome = order.words;
  show();
  if (face_) face_->tell(order.button, gesture, to_text(order.action));
  if (order.action.kind == Action::Kind::none) co_return;
  if (rules.feedback && order.gesture != Gesture::press)
    mcu::asio::co_spawn(io_, feedback_.give(), mcu::asio::detached);
  Errand errand;
  errand.button = order.button;
  errand.gesture = gesture;
  errand.action = order.action;
  errand.limit = rules.limit;
  const auto done = co_await performer_.perform(std::move(errand));
  view_.last_outcome = order.words + ": " + (done ? *done : "failed: " + done.error().what);
  if (done)
    spdlog::info("button {}: {}", order.button, view_.last_outcome);
  else
    spdlog::error("button {}: {}", order.button, view_.last_outcome);
  if (!done && order.action.ends_work()) watch_.refused();
  show();
}

/// A button that is known from now on says so.
void Buttond::greet(const std::vector<View::Button>& before) const {
  for (const View::Button& one : view_.buttons) {
    const bool was_known = std::any_of(before.begin(), before.end(), [&](const auto& old) {
      return old.name == one.name && old.state != "unknown";
    });
    if (!was_known && one.state != "unknown")
      spdlog::info("button {}: {}, {}", one.name, one.state,
                   one.actions.empty() ? "no action" : one.actions);
  }
}

/// Everything that only shows what is.
void Buttond::show() {
  if (process_.stops()) return;
  const std::vector<ButtonFacts> buttons = watch_.facts();
  if (!buttons.empty()) logind_.want(keys_to_inhibit(watch_.config(), buttons));
  const auto before = std::exchange(view_.buttons, {});
  std::string status;
  for (const ButtonFacts& button : buttons) {
    const std::string actions = actions_text(watch_.rules(button.name));
    view_.buttons.push_back({button.name, std::string(watch_.word(button.name)), actions});
    if (!actions.empty()) status += (status.empty() ? "" : "; ") + button.name + " " + actions;
  }
  greet(before);
  view_.inhibits = logind_.held();
  view_.going_down = watch_.going_down(Clock::now());
  if (face_) face_->show(view_);
  if (mcud_.empty()) status = "waiting for mcud";
  if (status.empty()) status = "no button does anything";
  process_.status(status);
}

void Buttond::stop() {
  if (!process_.begin_stop()) return;
  ++life_;
  mcu::asio::co_spawn(io_, finish(), mcu::asio::detached);
}

Task<void> Buttond::finish() {
  logind_.stop();
  performer_.stop();
  co_await feedback_.restore(farewell);
  feedback_.stop();
  for (mcu::asio::steady_timer* timer : {&timer_, &retry_}) timer->cancel();
  process_.end();
  bus_.stop();
}

} // namespace nasmcu::buttond
