// SPDX-License-Identifier: MIT
#include <mcud/fand_client.hpp>

#include <bus/objects.hpp>

namespace nasmcu {
namespace {

Target control(const std::string& fan) {
  return {fand_name, object_path("fancontrol", fan), "io.nasmcu1.FanControl"};
}

/// nas-fand answers these from memory or after one exchange of its own with mcud.
constexpr std::chrono::milliseconds patience{5000};

} // namespace

void FandClient::connected() {
  watch_ =
      bus_.watch_owner(fand_name, [this](const std::string& owner) { running_ = !owner.empty(); });
  mcu::asio::co_spawn(bus_.executor(), look(), mcu::asio::detached);
}

void FandClient::lost() {
  watch_.reset();
  running_ = false;
}

Task<void> FandClient::look() {
  const Result<bool> owned = co_await bus_.has_owner(fand_name);
  if (owned) running_ = *owned;
}

Task<Result<std::string>> FandClient::set_manual(std::string fan, mcu::Duty duty) {
  const auto note =
      co_await bus_.call<std::string>(control(fan), "SetManual", patience, duty.percent);
  if (!note) co_return note.error();
  co_return std::get<0>(*note);
}

Task<void> FandClient::explain(std::vector<FanView>& fans) {
  const auto controls = co_await fan_controls(bus_);
  for (FanView& fan : fans)
    if (const auto control = controls.find(fan.name); control != controls.end())
      add_fan_daemon(fan, control->second.mode, control->second.why);
}

Task<Result<std::string>> FandClient::set_auto(std::string fan) {
  const auto note = co_await bus_.call<std::string>(control(fan), "Auto", patience);
  if (!note) co_return note.error();
  co_return std::get<0>(*note);
}

} // namespace nasmcu
