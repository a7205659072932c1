// SPDX-License-Identifier: MIT
// LocalBox: the supply, and the MCU itself.
#include <verbs/local_device.hpp>
#include <verbs/raw_rules.hpp>

#include <unistd.h>

namespace nasmcu {
namespace {

Result<mcu::Power*> power_of(mcu::Inventory& inventory) {
  return fitted(inventory, inventory.power(), "power control");
}

/// What was set must be read back the same: it only shows when the power has gone.
Status as_set(const Result<bool>& told, bool on, const std::string& what) {
  if (!told) return told.error();
  if (*told == on) return {};
  return mcu::Error{mcu::Errc::protocol,
                    "the MCU did not take it: " + what + " is still " + (on ? "off" : "on")};
}

} // namespace

Task<Status> LocalBox::ready() {
  Result<mcu::Power*> power = power_of(inventory_);
  if (!power) co_return power.error();
  Status told = co_await (*power)->ready();
  co_return told;
}

Task<Result<bool>> LocalBox::power_recovery() {
  Result<mcu::Power*> power = power_of(inventory_);
  if (!power) co_return power.error();
  Result<bool> on = co_await (*power)->recovery();
  co_return on;
}

Task<Status> LocalBox::set_power_recovery(bool on) {
  Result<mcu::Power*> power = power_of(inventory_);
  if (!power) co_return power.error();
  Status set = co_await (*power)->set_recovery(on);
  if (!set) co_return set;
  Result<bool> told = co_await (*power)->recovery();
  co_return as_set(told, on, "power recovery");
}

Task<Result<bool>> LocalBox::wake_on_lan() {
  Result<mcu::Power*> power = power_of(inventory_);
  if (!power) co_return power.error();
  Result<bool> on = co_await (*power)->wake_on_lan();
  co_return on;
}

Task<Status> LocalBox::set_wake_on_lan(bool on) {
  Result<mcu::Power*> power = power_of(inventory_);
  if (!power) co_return power.error();
  Status set = co_await (*power)->set_wake_on_lan(on);
  if (!set) co_return set;
  Result<bool> told = co_await (*power)->wake_on_lan();
  co_return as_set(told, on, "wake on LAN");
}

int LocalBox::usual_delay() const {
  if (options_.shutdown_delay) return *options_.shutdown_delay;
  const auto& power = inventory_.board().power;
  return power && power->delay ? *power->delay : default_power_off_delay;
}

Task<Status> LocalBox::power_off(int delay) {
  if (!options_.may_power_off)
    co_return mcu::Error{mcu::Errc::not_running,
                         "poweroff needs mcud: start it with systemctl start mcud, or use the "
                         "system's own poweroff"};
  if (delay < 0 || delay > 99)
    co_return mcu::Error{mcu::Errc::invalid_argument,
                         "the delay must be 1 to 99 seconds, or 0 for the configured one"};
  co_return system_.power_off(delay == 0 ? usual_delay() : delay);
}

Task<Result<std::string>> LocalBox::identify() {
  if (!inventory_.mcu())
    co_return mcu::Error{mcu::Errc::unsupported, "this board has no MCU link of ours"};
  Result<mcu::Identity> identity = co_await inventory_.mcu()->identify();
  if (!identity) co_return identity.error();
  co_return identity->version;
}

Task<Result<std::vector<mcu::Bytes>>> LocalBox::raw(mcu::Bytes frame, bool force) {
  Result<std::vector<mcu::Bytes>> replies =
      co_await send_raw(inventory_, std::move(frame), force, geteuid() == 0);
  co_return replies;
}

Task<Result<std::vector<mcu::Bytes>>> send_raw(mcu::Inventory& inventory, mcu::Bytes frame,
                                               bool force, bool root) {
  mcu::Link* link = inventory.link();
  if (!link) co_return mcu::Error{mcu::Errc::unsupported, "this board has no MCU link of ours"};
  const Result<PreparedRaw> raw = prepare_raw(link->protocol(), std::move(frame), force, root);
  if (!raw) co_return raw.error();
  if (raw->command) {
    Result<mcu::RawAnswer> answer = co_await link->ask_raw(*raw->command);
    if (!answer) co_return answer.error();
    co_return answer->frames;
  }
  Result<mcu::Bytes> answer = co_await link->send_unknown(raw->frame);
  if (!answer) co_return answer.error();
  std::vector<mcu::Bytes> frames;
  if (!answer->empty()) frames.push_back(*answer);
  co_return frames;
}

} // namespace nasmcu
