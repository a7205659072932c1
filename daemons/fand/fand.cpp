// SPDX-License-Identifier: MIT
#include <fand/fand.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>

namespace nasmcu::fand {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* own_name = "io.nasmcu1.fand";

/// Between two questions to an mcud that does not answer.
constexpr milliseconds retry_first{200};
constexpr milliseconds retry_last{10000};

/// For giving back all leases. A frozen mcud shall not hold up our end; when it wakes up it sees
/// that we left the bus, and puts the fans in failsafe by itself.
constexpr milliseconds farewell{400};

} // namespace

Fand::Fand(mcu::asio::io_context& io, CommonOptions options, Config config)
    : io_(io),
      options_(std::move(options)),
      config_(std::move(config)),
      process_(io),
      retry_(io),
      bus_(io.get_executor(), own_name) {
  bus_.on_connected = [this](sdbus::IConnection& connection) { on_connected(connection); };
  bus_.on_lost = [this](const std::string& reason) { on_lost(reason); };
  bus_.on_named = [this] {
    // Ready to be asked. Without mcud the answer is "waiting", which is no reason to fail a start.
    process_.ready();
    tell_status();
  };
  bus_.on_name_taken = [this](const std::string& owner) {
    process_.failed(fmt::format("the bus name {} cannot be owned: {}", own_name, owner));
    stop();
  };
}

Fand::~Fand() {
  process_.leave();
  bus_.stop();
}

void Fand::start() {
  process_.start({[this] { stop(); }, [this] { reload(); }, [this] { return loops_turn(); }});
  bus_.start();
  tell_status();
}

void Fand::reload() {
  if (process_.stops()) return;
  ConfigFile file = load_config(options_.config, options_.root);
  if (!report(file.diagnostics)) {
    spdlog::error("reload refused: the configuration in force stays");
    return;
  }
  config_ = std::move(file.config);
  spdlog::info("configuration read again");
  adopt(inventory_);
}

void Fand::on_connected(sdbus::IConnection& connection) {
  connection_ = &connection;
  root_ = std::make_unique<RootObject>(connection);
  for (const auto& [name, controller] : controllers_) controller->publish(connection);
  owner_watch_ = bus_.watch_owner(mcud_name, [this](const std::string& owner) { on_owner(owner); });
  mcu::asio::co_spawn(io_, look_for_mcud(), mcu::asio::detached);
}

void Fand::on_lost(const std::string& reason) {
  ++life_;
  mcud_.clear();
  connection_ = nullptr;
  owner_watch_.reset();
  retry_.cancel();
  for (const auto& [name, controller] : controllers_) {
    controller->unpublish();
    if (!process_.stops()) controller->detach("no connection to the system bus: " + reason);
  }
  root_.reset();
  if (!process_.stops()) tell_status();
}

/// The watch only tells of changes; this asks for the state at the beginning.
Task<void> Fand::look_for_mcud() {
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

void Fand::on_owner(const std::string& owner) {
  if (process_.stops() || owner == mcud_) return;
  ++life_;
  mcud_ = owner;
  retry_.cancel();
  for (const auto& [name, controller] : controllers_) controller->detach("mcud is not running");
  if (!mcud_.empty()) mcu::asio::co_spawn(io_, attach(), mcu::asio::detached);
  tell_status();
}

/// Learns what mcud has, however often it must ask, and sets the controllers going.
Task<void> Fand::attach() {
  const std::uint64_t life = life_;
  milliseconds pause = retry_first;
  while (life == life_) {
    Result<Inventory> found = co_await discover(bus_, mcud_);
    if (life != life_ || process_.stops()) co_return;
    if (found) {
      adopt(std::move(found).value());
      for (const auto& [name, controller] : controllers_) controller->attach();
      co_return;
    }
    if (pause == retry_first) spdlog::warn("mcud does not say what it has: {}", found.error().what);
    retry_.expires_after(pause);
    pause = std::min(pause * 2, retry_last);
    co_await mcu::expired(retry_);
  }
}

/// Makes the controllers fit the inventory and the configuration.
void Fand::adopt(Inventory inventory) {
  inventory_ = std::move(inventory);
  complain();
  auto old = std::exchange(controllers_, {});
  for (const auto& fan : inventory_.fans) {
    Plan plan = make_plan(config_, fan, inventory_.sensors);
    auto& controller = controllers_[fan.name];
    if (const auto known = old.extract(fan.name)) {
      controller = known.mapped();
      controller->use(std::move(plan));
      continue;
    }
    controller = std::make_shared<Controller>(io_.get_executor(), bus_, std::move(plan));
    controller->on_change = [this] { tell_status(); };
    if (connection_ != nullptr) controller->publish(*connection_);
    controller->start();
  }
  for (const auto& [name, controller] : old) {
    spdlog::info("fan {}: gone from the board", name);
    controller->stop();
  }
  tell_status();
}

void Fand::complain() const {
  if (mcud_.empty()) return;
  if (inventory_.fans.empty()) spdlog::warn("mcud has no fan: nothing to control");
  for (const auto& line : complaints(config_, inventory_)) spdlog::warn("{}", line);
}

void Fand::tell_status() {
  std::string status;
  for (const auto& [name, controller] : controllers_)
    status += (status.empty() ? "" : "; ") + controller->summary();
  if (status.empty()) status = mcud_.empty() ? "waiting for mcud" : "mcud has no fan";
  process_.status(status);
}

/// Each control loop keeps its own deadline: no sign of life for a daemon that only answers.
bool Fand::loops_turn() const {
  const auto now = Clock::now();
  return std::none_of(controllers_.begin(), controllers_.end(),
                      [now](const auto& entry) { return entry.second->overdue(now); });
}

void Fand::stop() {
  if (!process_.begin_stop()) return;
  ++life_;
  mcu::asio::co_spawn(io_, finish(), mcu::asio::detached);
}

Task<void> Fand::finish() {
  const auto deadline = Clock::now() + farewell;
  for (const auto& [name, controller] : controllers_) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    if (left > milliseconds::zero()) co_await controller->release(left);
    controller->stop();
  }
  process_.end();
  retry_.cancel();
  bus_.stop();
  controllers_.clear();
}

} // namespace nasmcu::fand
