// SPDX-License-Identifier: MIT
#include <bus/watchdogd_client.hpp>

namespace nasmcu {
namespace {

/// It answers from memory; a frozen one must not hold up who asks how the box is.
constexpr std::chrono::milliseconds watchdog_patience{2000};

constexpr const char* watchdog_interface = "io.nasmcu1.Watchdog";

using CheckRow = sdbus::Struct<std::string, std::string, std::string, std::int64_t, bool>;

WatchdogView make_watchdog(const Properties& properties) {
  WatchdogView view;
  view.state = property<std::string>(properties, "State");
  view.reason = property<std::string>(properties, "Reason");
  view.check = property<std::string>(properties, "Check");
  view.armed = property<bool>(properties, "Armed");
  view.armed_reason = property<std::string>(properties, "ArmedReason");
  view.feeding = property<bool>(properties, "Feeding");
  view.device = property<std::string>(properties, "Device");
  view.identity = property<std::string>(properties, "Identity");
  view.timeout = property<std::uint32_t>(properties, "Timeout");
  view.pretimeout = property<std::uint32_t>(properties, "PreTimeout");
  view.remarks = property<std::vector<std::string>>(properties, "Remarks");
  view.no_way_out = property<bool>(properties, "NoWayOut");
  view.keepalive_only = property<bool>(properties, "KeepaliveOnly");
  for (const CheckRow& row : property<std::vector<CheckRow>>(properties, "Checks"))
    view.checks.push_back(
        {std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row), std::get<4>(row)});
  view.resets = property<std::uint32_t>(properties, "Resets");
  view.most_resets = property<std::uint32_t>(properties, "MostResets");
  view.last_reset = static_cast<std::time_t>(property<std::int64_t>(properties, "LastReset"));
  view.last_reason = property<std::string>(properties, "LastResetReason");
  return view;
}

} // namespace

/// The bus's own words tell a person neither what is wrong nor what to do.
Task<mcu::Error> WatchdogdClient::in_our_words(mcu::Error error) {
  if (error.code == mcu::Errc::not_running) {
    const Result<WatchdogView> nobody = co_await WatchdogService::watchdog();
    co_return nobody.error();
  }
  if (error.code == mcu::Errc::timeout) error.what = "nas-watchdogd does not answer";
  if (error.code == mcu::Errc::denied && error.what.starts_with("Rejected send message"))
    error.what = "you may not: this is for root and group nasmcu";
  co_return error;
}

Task<Result<WatchdogView>> WatchdogdClient::watchdog() {
  const Target target{watchdogd_name, object_path("watchdog", ""),
                      "org.freedesktop.DBus.Properties"};
  const std::string interface = watchdog_interface;
  const auto got = co_await bus_.call<Properties>(target, "GetAll", watchdog_patience, interface);
  if (!got) {
    mcu::Error error = co_await in_our_words(got.error());
    co_return error;
  }
  try {
    co_return make_watchdog(std::get<0>(*got));
  } catch (const sdbus::Error& error) {
    co_return mcu::Error{mcu::Errc::protocol,
                         "nas-watchdogd describes itself badly: " + error.getMessage()};
  }
}

Task<Status> WatchdogdClient::announce(std::string why, std::chrono::seconds time) {
  const Target target{watchdogd_name, object_path("watchdog", ""), watchdog_interface};
  const auto seconds = static_cast<std::uint32_t>(time.count());
  const auto got = co_await bus_.call<>(target, "Announce", call_timeout, std::move(why), seconds);
  if (!got) {
    mcu::Error error = co_await in_our_words(got.error());
    co_return error;
  }
  co_return mcu::Done{};
}

} // namespace nasmcu
