// SPDX-License-Identifier: MIT
#include <watchdogd/watchdog_face.hpp>

#include <bus/objects.hpp>

#include <dbus/io.nasmcu1.Watchdog-adaptor.h>

namespace nasmcu::watchdogd {
namespace {

/// The properties that differ.
std::vector<std::string> changed_names(const WatchdogShown& a, const WatchdogShown& b) {
  std::vector<std::string> names;
  const auto compare = [&names](const auto& before, const auto& after, const char* name) {
    if (before != after) names.emplace_back(name);
  };
  compare(a.state, b.state, "State");
  compare(a.reason, b.reason, "Reason");
  compare(a.check, b.check, "Check");
  compare(a.armed, b.armed, "Armed");
  compare(a.armed_reason, b.armed_reason, "ArmedReason");
  compare(a.feeding, b.feeding, "Feeding");
  compare(a.device, b.device, "Device");
  compare(a.identity, b.identity, "Identity");
  compare(a.timeout, b.timeout, "Timeout");
  compare(a.pretimeout, b.pretimeout, "PreTimeout");
  compare(a.remarks, b.remarks, "Remarks");
  compare(a.no_way_out, b.no_way_out, "NoWayOut");
  compare(a.keepalive_only, b.keepalive_only, "KeepaliveOnly");
  compare(a.resets, b.resets, "Resets");
  compare(a.most_resets, b.most_resets, "MostResets");
  compare(a.last_reset, b.last_reset, "LastReset");
  compare(a.last_reason, b.last_reason, "LastResetReason");
  return names;
}

} // namespace

class WatchdogFace::Object final : public sdbus::AdaptorInterfaces<io::nasmcu1::Watchdog_adaptor> {
public:
  Object(sdbus::IConnection& connection, WatchdogShown shown, WatchdogRequests requests)
      : AdaptorInterfaces(connection, sdbus::ObjectPath(object_path("watchdog", ""))),
        shown_(std::move(shown)),
        requests_(std::move(requests)) {
    registerAdaptor();
    getObject().emitInterfacesAddedSignal();
  }
  ~Object() {
    try {
      getObject().emitInterfacesRemovedSignal();
    } catch (const sdbus::Error&) {
      // The connection has gone, and with it everybody who would want to know.
    }
    unregisterAdaptor();
  }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  void show(WatchdogShown shown) {
    const auto names = changed_names(shown_, shown);
    shown_ = std::move(shown);
    if (!names.empty()) compat::emit_changed(getObject(), INTERFACE_NAME, names);
  }

private:
  void Announce(const std::string& why, const std::uint32_t& time) override {
    const Status done = requests_.announce(why, time);
    if (!done) throw to_dbus(done.error());
  }
  std::string State() override { return shown_.state; }
  std::string Reason() override { return shown_.reason; }
  std::string Check() override { return shown_.check; }
  bool Armed() override { return shown_.armed; }
  std::string ArmedReason() override { return shown_.armed_reason; }
  bool Feeding() override { return shown_.feeding; }
  std::string Device() override { return shown_.device; }
  std::string Identity() override { return shown_.identity; }
  std::uint32_t Timeout() override { return shown_.timeout; }
  std::uint32_t PreTimeout() override { return shown_.pretimeout; }
  std::vector<std::string> Remarks() override { return shown_.remarks; }
  bool NoWayOut() override { return shown_.no_way_out; }
  bool KeepaliveOnly() override { return shown_.keepalive_only; }
  std::uint32_t Resets() override { return shown_.resets; }
  std::uint32_t MostResets() override { return shown_.most_resets; }
  std::int64_t LastReset() override { return shown_.last_reset; }
  std::string LastResetReason() override { return shown_.last_reason; }

  using Row = sdbus::Struct<std::string, std::string, std::string, std::int64_t, bool>;
  std::vector<Row> Checks() override {
    std::vector<Row> rows;
    for (const Guard::View& view : requests_.checks()) {
      const std::int64_t age = view.age ? view.age->count() : -1;
      rows.emplace_back(view.name, view.verdict, view.why, age, view.only_alerts);
    }
    return rows;
  }

  WatchdogShown shown_;
  WatchdogRequests requests_;
};

WatchdogFace::WatchdogFace(Bus& bus, sdbus::IConnection& connection, WatchdogShown shown,
                           WatchdogRequests requests)
    : bus_(bus),
      object_(std::make_unique<Object>(connection, std::move(shown), std::move(requests))) {
  bus_.kick();
}
WatchdogFace::~WatchdogFace() { bus_.kick(); }

void WatchdogFace::show(WatchdogShown shown) {
  object_->show(std::move(shown));
  bus_.kick();
}

} // namespace nasmcu::watchdogd
