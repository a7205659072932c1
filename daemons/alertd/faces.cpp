// SPDX-License-Identifier: MIT
#include <alertd/faces.hpp>

#include <dbus/io.nasmcu1.Alert-adaptor.h>
#include <dbus/io.nasmcu1.Alerts-adaptor.h>
#include <dbus/io.nasmcu1.Disk-adaptor.h>

#include <cctype>

namespace nasmcu::alertd {
namespace {

/// A path has letters, digits and '_' alone.
std::string path_of(std::string_view kind, std::string text) {
  for (char& c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return object_path(kind, text);
}

void answer(const sdbus::Result<>& result, const Status& status) {
  if (status)
    result.returnResults();
  else
    result.returnError(to_dbus(status.error()));
}

std::uint64_t epoch(WallTime time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

/// An object that is announced when it comes and goes.
template <class Adaptor>
class Announced : public sdbus::AdaptorInterfaces<Adaptor> {
public:
  Announced(const Announced&) = delete;
  Announced& operator=(const Announced&) = delete;

protected:
  Announced(sdbus::IConnection& connection, const std::string& path)
      : sdbus::AdaptorInterfaces<Adaptor>(connection, sdbus::ObjectPath(path)) {}
  ~Announced() = default; // not through this class
  void appear() {
    this->registerAdaptor();
    this->getObject().emitInterfacesAddedSignal();
  }
  void vanish() {
    try {
      this->getObject().emitInterfacesRemovedSignal();
    } catch (const sdbus::Error&) {
      // The connection has gone, and with it everybody who would want to know.
    }
    this->unregisterAdaptor();
  }
  void changed(const std::vector<std::string>& names) {
    compat::emit_changed(this->getObject(), Adaptor::INTERFACE_NAME, names);
  }
};

} // namespace

class Faces::Manager final : public Announced<io::nasmcu1::Alerts_adaptor> {
public:
  Manager(Bus& bus, sdbus::IConnection& connection, Requests requests)
      : Announced(connection, object_path("alerts", "")),
        bus_(bus),
        requests_(std::move(requests)) {
    appear();
  }
  ~Manager() { vanish(); }
  void show_muted(std::uint64_t until) {
    if (std::exchange(muted_, until) != until) changed({"MutedUntil"});
  }
  void show_poller(const std::string& poller) {
    if (std::exchange(poller_, poller) != poller) changed({"Poller"});
  }

private:
  void Acknowledge(sdbus::Result<>&& result, std::string id) override {
    answer(result, requests_.acknowledge(id));
  }
  void Mute(sdbus::Result<>&& result, uint32_t seconds) override {
    answer(result, requests_.mute(std::chrono::seconds(seconds)));
  }
  void Test(sdbus::Result<std::string>&& result) override {
    result.returnResults(requests_.test());
  }
  void Identify(sdbus::Result<std::string>&& result, std::string bay, bool on) override {
    const Result<std::string> led = requests_.identify(bay, on);
    if (led)
      result.returnResults(*led);
    else
      result.returnError(to_dbus(led.error()));
  }
  void Forget(sdbus::Result<>&& result, std::string bay) override {
    answer(result, requests_.forget(bay));
  }
  uint64_t MutedUntil() override { return muted_; }
  void Tell(sdbus::Result<>&& result, std::string device, std::string kind, std::string message,
            std::string info) override {
    answer(result, requests_.tell(
                       {std::move(device), std::move(kind), std::move(message), std::move(info)}));
  }
  void SelfTest(sdbus::Result<std::string>&& result, std::string bay, std::string kind) override {
    bus_.serve(std::move(result), requests_.self_test(std::move(bay), std::move(kind)));
  }
  std::string Poller() override { return poller_; }

  Bus& bus_;
  Requests requests_;
  std::string poller_ = "nas-alertd";
  std::uint64_t muted_ = 0;
};

class Faces::AlertObject final : public Announced<io::nasmcu1::Alert_adaptor> {
public:
  AlertObject(sdbus::IConnection& connection, const Alert& alert)
      : Announced(connection, path_of("alert", alert.finding.id)), alert_(alert) {
    appear();
  }
  ~AlertObject() { vanish(); }
  void show(const Alert& alert) {
    if (alert == alert_) return;
    alert_ = alert;
    changed({"Severity", "Subject", "Text", "State", "Bay", "Disk", "Serial", "Since", "Changed",
             "Acknowledged"});
  }

private:
  std::string Id() override { return alert_.finding.id; }
  std::string Severity() override { return std::string(name(alert_.finding.severity)); }
  std::string Subject() override { return alert_.finding.subject; }
  std::string Text() override { return alert_.finding.text; }
  std::string State() override { return alert_.finding.state; }
  std::string Bay() override { return alert_.finding.bay; }
  std::string Disk() override { return alert_.finding.disk; }
  std::string Serial() override { return alert_.finding.serial; }
  uint64_t Since() override { return epoch(alert_.since); }
  uint64_t Changed() override { return epoch(alert_.changed); }
  bool Acknowledged() override { return alert_.acknowledged; }

  Alert alert_;
};

class Faces::DiskObject final : public Announced<io::nasmcu1::Disk_adaptor> {
public:
  DiskObject(sdbus::IConnection& connection, const DiskState& disk)
      : Announced(connection, path_of("disk", disk_name(disk))), disk_(disk) {
    appear();
  }
  ~DiskObject() { vanish(); }
  void show(const DiskState& disk) {
    const bool same = text_of(disk) == text_of(disk_);
    disk_ = disk;
    if (same) return;
    changed({"Valid", "Reason", "Bay", "Label", "Node", "Model", "Serial", "Verdict", "Asleep",
             "HasTemperature", "Temperature", "LastRead", "Reads", "Kept", "Withheld", "Gate"});
  }

private:
  /// What is worth telling of unasked; the counters move at every look.
  static std::string text_of(const DiskState& disk) {
    return disk.seen.node + "\n" + disk.seen.bay + "\n" + disk.serial + "\n" + disk.verdict + "\n" +
           disk.reason + "\n" + (disk.asleep ? "asleep" : "") + "\n" +
           std::to_string(disk.celsius.value_or(-300));
  }
  std::string Name() override { return disk_name(disk_); }
  bool Present() override { return !disk_.seen.path.empty(); }
  bool Valid() override { return disk_.report.has_value(); }
  std::string Reason() override { return disk_.reason; }
  std::string Bay() override { return disk_.seen.bay; }
  std::string Label() override { return disk_.seen.label; }
  std::string Node() override { return disk_.seen.node; }
  std::string Model() override { return disk_.model; }
  std::string Serial() override { return disk_.serial; }
  std::string Verdict() override { return disk_.verdict; }
  bool Asleep() override { return disk_.asleep; }
  bool HasTemperature() override { return disk_.celsius.has_value(); }
  double Temperature() override { return disk_.celsius.value_or(0); }
  uint64_t LastRead() override { return disk_.read ? epoch(*disk_.read) : 0; }
  uint64_t Reads() override { return disk_.counters.reads; }
  uint64_t Kept() override { return disk_.counters.kept; }
  uint64_t Withheld() override { return disk_.counters.withheld; }
  std::string Gate() override { return disk_.gate; }

  DiskState disk_;
};

Faces::Faces(Bus& bus, sdbus::IConnection& connection, Requests requests)
    : bus_(bus),
      connection_(connection),
      root_(connection),
      manager_(std::make_unique<Manager>(bus, connection, std::move(requests))) {}
Faces::~Faces() = default;

void Faces::show(const std::vector<Alert>& alerts) {
  auto old = std::exchange(alerts_, {});
  for (const Alert& alert : alerts) {
    auto& object = alerts_[alert.finding.id];
    if (auto known = old.extract(alert.finding.id)) object = std::move(known.mapped());
    if (object)
      object->show(alert);
    else
      object = std::make_unique<AlertObject>(connection_, alert);
  }
  old.clear();
  bus_.kick();
}

void Faces::show(const std::vector<DiskState>& disks) {
  auto old = std::exchange(disks_, {});
  for (const DiskState& disk : disks) {
    auto& object = disks_[disk_name(disk)];
    if (auto known = old.extract(disk_name(disk))) object = std::move(known.mapped());
    if (object)
      object->show(disk);
    else
      object = std::make_unique<DiskObject>(connection_, disk);
  }
  old.clear();
  bus_.kick();
}

void Faces::show_poller(const std::string& poller) {
  manager_->show_poller(poller);
  bus_.kick();
}

void Faces::show_muted(std::uint64_t until) {
  manager_->show_muted(until);
  bus_.kick();
}

std::string disk_name(const DiskState& disk) {
  if (!disk.seen.bay.empty()) return "bay" + disk.seen.bay;
  return disk.seen.node.substr(disk.seen.node.rfind('/') + 1);
}

} // namespace nasmcu::alertd
