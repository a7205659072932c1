// SPDX-License-Identifier: MIT
// What nas-fand and mcud say of themselves on the bus.
#include <watchdogd/checks.hpp>

#include <bus/objects.hpp>

#include <unistd.h>

namespace nasmcu::watchdogd {
namespace {

using Verdict = Sighting::Verdict;

/// Both answer from memory. The service manager is asked in between, for as long.
constexpr std::chrono::milliseconds patience{5000};

const char* const systemd = "org.freedesktop.systemd1";

/// A daemon on the bus that the box needs.
class DaemonCheck : public Checking {
public:
  DaemonCheck(const CheckContext& context, std::string daemon, std::string bus_name)
      : config_(context.config),
        root_(context.root),
        bus_(context.bus),
        daemon_(std::move(daemon)),
        bus_name_(std::move(bus_name)) {}

  seconds pace() const override { return usual_pace(config_); }

  Task<Sighting> look() override {
    const Result<ObjectTree> objects = co_await managed_objects(bus_, bus_name_, patience);
    if (objects) {
      seen_ = true;
      co_return judge(*objects);
    }
    Sighting sighting{
        Verdict::fails, daemon_ + " does not answer: " + objects.error().what, {}, false};
    if (objects.error().code != mcu::Errc::not_running) co_return sighting;
    if (!bus_.connected()) {
      sighting.why = "there is no system bus to ask " + daemon_;
      sighting.grace = config_.restart_grace;
      co_return sighting;
    }
    AwaySeen away;
    away.daemon = daemon_;
    away.seen = seen_;
    away.stopped = ::access((root_ + "/run/nasmcu/" + daemon_ + ".stopped").c_str(), F_OK) == 0;
    away.unit = co_await unit();
    sighting = judge_away(away, config_.restart_grace, if_absent());
    co_return sighting;
  }

private:
  virtual Sighting judge_objects(const ObjectTree& objects) = 0;

  Sighting judge(const ObjectTree& objects) {
    try {
      return judge_objects(objects);
    } catch (const sdbus::Error& error) {
      return {
          Verdict::fails, daemon_ + " describes itself badly: " + error.getMessage(), {}, false};
    }
  }

  IfAbsent if_absent() const {
    switch (config_.absent) {
    case Absent::alert: return IfAbsent::alert;
    case Absent::reset: return IfAbsent::reset;
    case Absent::ignore: break;
    }
    return IfAbsent::ignore;
  }

  /// systemd's word on the daemon's unit; nothing where there is no systemd.
  Task<std::optional<UnitSeen>> unit() {
    const Target manager{systemd, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"};
    const std::string name = daemon_ + ".service";
    const auto path = co_await bus_.call<sdbus::ObjectPath>(manager, "LoadUnit", patience, name);
    if (!path) co_return std::nullopt;
    const Target target{systemd, std::get<0>(*path), "org.freedesktop.DBus.Properties"};
    const std::string interface = "org.freedesktop.systemd1.Unit";
    const auto got = co_await bus_.call<Properties>(target, "GetAll", patience, interface);
    if (!got) co_return std::nullopt;
    co_return unit_in(std::get<0>(*got));
  }

  static std::optional<UnitSeen> unit_in(const Properties& properties) {
    try {
      const auto state = property<std::string>(properties, "ActiveState");
      const auto file = property<std::string>(properties, "UnitFileState");
      UnitSeen unit;
      unit.enabled = file.starts_with("enabled");
      unit.failed = state == "failed";
      unit.coming = state == "activating" || state == "active" || state == "reloading";
      unit.was_there = property<std::uint64_t>(properties, "ActiveEnterTimestampMonotonic") != 0;
      return unit;
    } catch (const sdbus::Error&) {
      return std::nullopt; // another systemd than any we know
    }
  }

  WatchdogConfig config_;
  std::string root_;
  Bus& bus_;
  std::string daemon_, bus_name_;
  bool seen_ = false;
};

class FanCheck final : public DaemonCheck {
public:
  explicit FanCheck(const CheckContext& context) : DaemonCheck(context, "nas-fand", fand_name) {}
  std::string name() const override { return "fan"; }

private:
  Sighting judge_objects(const ObjectTree& objects) override {
    std::vector<FanSeen> fans;
    for (const auto& [path, interfaces] : objects) {
      const auto found = interfaces.find("io.nasmcu1.FanControl");
      if (found == interfaces.end()) continue;
      const Properties& properties = found->second;
      FanSeen fan;
      fan.name = property<std::string>(properties, "Name");
      fan.mode = property<std::string>(properties, "Mode");
      fan.cycles = property<std::uint64_t>(properties, "Cycles");
      fan.overdue = property<bool>(properties, "Overdue");
      fans.push_back(std::move(fan));
    }
    return progress_.judge(fans, std::chrono::steady_clock::now());
  }

  FanProgress progress_;
};

class McuCheck final : public DaemonCheck {
public:
  explicit McuCheck(const CheckContext& context) : DaemonCheck(context, "mcud", mcud_name) {}
  std::string name() const override { return "mcu"; }

private:
  Sighting judge_objects(const ObjectTree& objects) override {
    for (const auto& [path, interfaces] : objects) {
      const auto found = interfaces.find("io.nasmcu1.Mcu");
      if (found == interfaces.end()) continue;
      const Properties& properties = found->second;
      if (property<std::string>(properties, "Backend") != "tty")
        return {Verdict::passes,
                "mcud answers; the kernel's driver has the microcontroller",
                {},
                false};
      if (property<bool>(properties, "Up"))
        return {Verdict::passes, "the microcontroller answers", {}, false};
      return {Verdict::fails,
              "the microcontroller does not answer: " +
                  property<std::string>(properties, "LinkReason"),
              {},
              false};
    }
    return {Verdict::passes, "mcud answers, and has no microcontroller", {}, false};
  }
};

} // namespace

std::shared_ptr<Checking> make_fan_check(const CheckContext& context) {
  return std::make_shared<FanCheck>(context);
}
std::shared_ptr<Checking> make_mcu_check(const CheckContext& context) {
  return std::make_shared<McuCheck>(context);
}

} // namespace nasmcu::watchdogd
