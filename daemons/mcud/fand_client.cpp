// SPDX-License-Identifier: MIT
#include <mcud/fand_client.hpp>

#include <mcud/device_object.hpp>

namespace nasmcu {
namespace {

constexpr const char* service = "io.nasmcu1.fand";

Target control(const std::string& fan) {
  return {service, object_path("fancontrol", fan), "io.nasmcu1.FanControl"};
}

/// nas-fand answers these from memory or after one exchange of its own with mcud.
constexpr std::chrono::milliseconds patience{5000};

} // namespace

void FandClient::connected() {
  watch_ =
      bus_.watch_owner(service, [this](const std::string& owner) { running_ = !owner.empty(); });
  mcu::asio::co_spawn(bus_.executor(), look(), mcu::asio::detached);
}

void FandClient::lost() {
  watch_.reset();
  running_ = false;
}

Task<void> FandClient::look() {
  const Result<bool> owned = co_await bus_.has_owner(service);
  if (owned) running_ = *owned;
}

Task<Result<std::string>> FandClient::set_manual(std::string fan, mcu::Duty duty) {
  const auto note =
      co_await bus_.call<std::string>(control(fan), "SetManual", patience, duty.percent);
  if (!note) co_return note.error();
  co_return std::get<0>(*note);
}

Task<Result<std::string>> FandClient::set_auto(std::string fan) {
  const auto note = co_await bus_.call<std::string>(control(fan), "Auto", patience);
  if (!note) co_return note.error();
  co_return std::get<0>(*note);
}

} // namespace nasmcu
