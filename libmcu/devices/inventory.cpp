// SPDX-License-Identifier: MIT
#include <libmcu/devices/inventory.hpp>

#include <libmcu/devices/backends.hpp>
#include <libmcu/devices/kernel_mcu.hpp>
#include <libmcu/link/serial.hpp>
#include <libmcu/model/text.hpp>
#include <libmcu/protocol/registry.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>

namespace mcu {
namespace {

/// The scheme's back end where it has this kind, else the one that says "not available".
template <class Spec, class Device>
std::unique_ptr<Device> make_device(std::unique_ptr<Device> (*Backend::*kind)(const BackendContext&,
                                                                              const Spec&),
                                    const BackendContext& context, const Spec& spec) {
  const Backend& backend = backend_for(spec.device.scheme);
  const bool usable =
      backend.*kind != nullptr && (&backend != &mcu_backend || context.mcu != nullptr);
  return ((usable ? backend : absent_backend).*kind)(context, spec);
}

template <class T>
T* find_named(const std::vector<std::unique_ptr<T>>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& one) { return one->name() == name; });
  return found == all.end() ? nullptr : found->get();
}

} // namespace

struct Inventory::Reading {
  ReadingFilter filter;
  std::shared_ptr<Signal> under_way; ///< null while nobody reads
  Result<Celsius> last = Error{Errc::failed, "the reading was given up"};
};

/// Wakes those who wait for a reading, however it ends.
struct Inventory::Finish {
  std::shared_ptr<Reading> reading;
  ~Finish() { std::exchange(reading->under_way, nullptr)->notify(); }
};

Inventory::Inventory(Board board) : board_(std::move(board)) {}
Inventory::~Inventory() = default;

Result<std::unique_ptr<Inventory>> Inventory::make(asio::any_io_executor executor, Board board,
                                                   InventoryOptions options) {
  std::unique_ptr<Inventory> inventory(new Inventory(std::move(board)));
  Board& own = inventory->board_;
  inventory->settle_at_start_ = options.settle_at_start;
  for (FanSpec& fan : own.fans)
    if (const auto wish = options.conflicts.find(fan.name); wish != options.conflicts.end())
      fan.conflict = wish->second;
  auto files = options.files ? options.files : std::make_shared<const Files>();
  if (own.mcu && options.port.empty())
    if (const auto holder = kernel_holder(*files, options.root, *own.mcu)) {
      inventory->kernel_mcu_ = true;
      inventory->backend_reason_ = *holder;
      own = with_kernel_mcu(std::move(own));
    }
  if (own.mcu && !inventory->kernel_mcu_)
    if (const Status made = inventory->make_link(executor, options); !made) return made.error();
  inventory->kernel_ = std::make_unique<KernelSide>(executor, options.root, std::move(files));
  inventory->kernel_->look_again = [raw = inventory.get()] { raw->look_again(); };
  inventory->hotplug_ = make_hotplug(executor, options.root);
  inventory->hotplug_->on_change = inventory->kernel_->look_again;
  inventory->make_devices({executor, inventory->mcu_.get(), &own, inventory->kernel_.get()});
  return inventory;
}

Status Inventory::make_link(asio::any_io_executor executor, const InventoryOptions& options) {
  const McuSpec& spec = *board_.mcu;
  auto protocol = make_protocol(spec.protocol);
  if (!protocol) return protocol.error();
  LineSettings line = protocol.value()->line();
  if (spec.baud != 0) line.baud = spec.baud;
  LinkOptions link = options.link;
  link.baud = line.baud;
  if (!options.byte_gap_set) link.byte_gap = line.byte_gap;
  port_ = options.port.empty() ? options.root + spec.port : options.port;
  backend_reason_ = "no driver of the kernel holds " + port_;
  link_ = std::make_unique<Link>(executor, make_serial(executor, port_, line),
                                 std::move(protocol).value(), link);
  mcu_ = std::make_unique<Mcu>(*link_);
  return {};
}

void Inventory::make_devices(const BackendContext& context) {
  for (const FanSpec& one : board_.fans) fans_.push_back(make_device(&Backend::fan, context, one));
  for (const SensorSpec& one : board_.sensors)
    sensors_.push_back(make_device(&Backend::sensor, context, one));
  for (const LedSpec& one : board_.leds) leds_.push_back(make_device(&Backend::led, context, one));
  for (const ButtonSpec& one : board_.buttons)
    buttons_.push_back(make_device(&Backend::button, context, one));
  if (board_.buzzer) buzzer_ = make_device(&Backend::buzzer, context, *board_.buzzer);
  if (board_.clock) clock_ = make_device(&Backend::clock, context, *board_.clock);
  if (board_.power) power_ = make_device(&Backend::power, context, *board_.power);
}

std::vector<Device*> Inventory::devices() const {
  std::vector<Device*> all;
  for (const auto& one : fans_) all.push_back(one.get());
  for (const auto& one : sensors_) all.push_back(one.get());
  for (const auto& one : leds_) all.push_back(one.get());
  for (const auto& one : buttons_) all.push_back(one.get());
  for (Device* one : {static_cast<Device*>(buzzer_.get()), static_cast<Device*>(clock_.get()),
                      static_cast<Device*>(power_.get())})
    if (one != nullptr) all.push_back(one);
  return all;
}

Status Inventory::start() {
  const Status taken = kernel_->loans.open();
  if (!taken && taken.error().code == Errc::busy) return taken;
  if (!taken) journal_note_ = taken.error().what;
  // What a killed process has left behind. What fails now stays in the journal for the end.
  if (settle_at_start_)
    if (const Status settled = kernel_->loans.give_back_all(); !settled)
      journal_note_ = "not given back to the kernel: " + settled.error().what;
  started_ = true;
  if (link_) link_->start();
  for (Device* one : devices()) one->refresh();
  hotplug_->start();
  return {};
}

void Inventory::stop() {
  started_ = false;
  hotplug_->stop();
  for (Device* one : devices()) one->close();
  if (link_) link_->stop();
  kernel_->worker.stop();
  kernel_->disks.stop();
  kernel_->loans.close();
}

void Inventory::look_again() {
  if (!started_) return;
  bool changed = false;
  for (Device* one : devices()) {
    const bool before = one->availability().present;
    one->refresh();
    changed = changed || one->availability().present != before;
  }
  if (changed && on_devices_changed) on_devices_changed();
}

Task<Status> Inventory::give_back() {
  // In turn with the writes that were asked for before.
  const std::function<Status()> job = kernel_->loans.giving_back();
  Status done = co_await kernel_->worker.run<Status>(job);
  co_return done;
}

std::string_view Inventory::backend() const {
  if (kernel_mcu_) return "kernel";
  return link_ ? "tty" : "none";
}

Fan* Inventory::fan(std::string_view name) { return find_named(fans_, name); }
Sensor* Inventory::sensor(std::string_view name) { return find_named(sensors_, name); }
Led* Inventory::led(std::string_view name) { return find_named(leds_, name); }
Button* Inventory::button(std::string_view name) { return find_named(buttons_, name); }

Task<Result<Celsius>> Inventory::read_sensor(Sensor& sensor) {
  auto& slot = readings_[sensor.name()];
  if (!slot) slot = std::make_shared<Reading>();
  const std::shared_ptr<Reading> reading = slot;
  if (const std::shared_ptr<Signal> under_way = reading->under_way) {
    co_await under_way->wait();
    co_return reading->last;
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  reading->under_way = std::make_shared<Signal>(executor);
  const Finish finish{reading};
  reading->last = Error{Errc::failed, "reading sensor " + sensor.name() + " was given up"};
  auto result = co_await read_until_agreed(sensor, reading);
  reading->last = result;
  co_return result;
}

Task<Result<Celsius>> Inventory::read_until_agreed(Sensor& sensor,
                                                   std::shared_ptr<Reading> reading) {
  constexpr int most_reads = 3;
  ReadingFilter& filter = reading->filter;
  std::string seen;
  for (int i = 0; i < most_reads; ++i) {
    auto value = co_await sensor.read();
    if (!value) {
      filter.failed();
      co_return value;
    }
    if (filter.judge(*value) == ReadingFilter::Verdict::accept) co_return value;
    seen += (seen.empty() ? "" : ", ") + number_text(value->value);
  }
  filter.failed();
  co_return Error{Errc::protocol, "sensor " + sensor.name() +
                                      ": readings in a row do not agree within 5 degrees (" + seen +
                                      ")"};
}

} // namespace mcu
