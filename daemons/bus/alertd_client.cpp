// SPDX-License-Identifier: MIT
#include <bus/alertd_client.hpp>

#include <algorithm>
#include <limits>

namespace nasmcu {
namespace {

/// nas-alertd answers from memory; a frozen one must not hold up who asks how the box is.
constexpr std::chrono::milliseconds reading_patience{2000};
/// A test tries sendmail and every hook, each with a time limit of its own.
constexpr std::chrono::milliseconds test_patience{60000};

/// The bus's own words tell a person neither what is wrong nor what to do.
mcu::Error in_our_words(mcu::Error error) {
  if (error.code == mcu::Errc::not_running) return no_alert_daemon();
  if (error.code == mcu::Errc::timeout) error.what = "nas-alertd does not answer";
  if (error.code == mcu::Errc::denied && error.what.starts_with("Rejected send message"))
    error.what = "you may not: this is for root and group nasmcu";
  return error;
}

/// Seconds since the epoch, as the bus has them; one that no clock can show is none.
std::time_t time_property(const Properties& properties, const char* name) {
  constexpr std::uint64_t latest = 253402300799; // the end of the year 9999
  const auto seconds = property<std::uint64_t>(properties, name);
  return seconds <= latest ? static_cast<std::time_t>(seconds) : 0;
}

AlertView make_alert(const Properties& properties) {
  AlertView alert;
  alert.id = property<std::string>(properties, "Id");
  alert.severity = property<std::string>(properties, "Severity");
  alert.subject = property<std::string>(properties, "Subject");
  alert.text = property<std::string>(properties, "Text");
  alert.state = property<std::string>(properties, "State");
  alert.bay = property<std::string>(properties, "Bay");
  alert.disk = property<std::string>(properties, "Disk");
  alert.serial = property<std::string>(properties, "Serial");
  alert.since = time_property(properties, "Since");
  alert.changed = time_property(properties, "Changed");
  alert.acknowledged = property<bool>(properties, "Acknowledged");
  return alert;
}

DiskView make_disk(const Properties& properties) {
  DiskView disk;
  disk.name = property<std::string>(properties, "Name");
  disk.present = property<bool>(properties, "Present");
  disk.valid = property<bool>(properties, "Valid");
  disk.reason = property<std::string>(properties, "Reason");
  disk.bay = property<std::string>(properties, "Bay");
  disk.label = property<std::string>(properties, "Label");
  disk.node = property<std::string>(properties, "Node");
  disk.model = property<std::string>(properties, "Model");
  disk.serial = property<std::string>(properties, "Serial");
  disk.verdict = property<std::string>(properties, "Verdict");
  disk.asleep = property<bool>(properties, "Asleep");
  if (property<bool>(properties, "HasTemperature"))
    disk.celsius = property<double>(properties, "Temperature");
  disk.last_read = time_property(properties, "LastRead");
  disk.reads = property<std::uint64_t>(properties, "Reads");
  disk.kept = property<std::uint64_t>(properties, "Kept");
  disk.withheld = property<std::uint64_t>(properties, "Withheld");
  disk.gate = property<std::string>(properties, "Gate");
  return disk;
}

/// Calls `take` with each object that has `interface`, in the order of their paths.
template <class Take>
Status each_with(const ObjectTree& tree, const char* interface, Take take) {
  for (const auto& [path, interfaces] : tree) {
    const auto found = interfaces.find(interface);
    if (found == interfaces.end()) continue;
    try {
      take(found->second);
    } catch (const sdbus::Error& error) {
      return mcu::Error{mcu::Errc::protocol, "nas-alertd describes " + std::string(path) +
                                                 " badly: " + error.getMessage()};
    }
  }
  return mcu::Done{};
}

} // namespace

Task<Result<ObjectTree>> AlertdClient::objects() {
  Result<ObjectTree> tree = co_await managed_objects(bus_, alertd_name, reading_patience);
  if (!tree) co_return in_our_words(tree.error());
  co_return tree;
}

template <class... Out, class... In>
Task<Result<std::tuple<Out...>>>
AlertdClient::call(std::string method, std::chrono::milliseconds timeout, In... arguments) {
  const Target target{alertd_name, object_path("alerts", ""), "io.nasmcu1.Alerts"};
  auto got =
      co_await bus_.call<Out...>(target, std::move(method), timeout, std::move(arguments)...);
  if (!got) co_return in_our_words(got.error());
  co_return std::move(*got);
}

Task<Result<AlertList>> AlertdClient::alerts() {
  const Result<ObjectTree> tree = co_await objects();
  if (!tree) co_return tree.error();
  AlertList list;
  Status read = each_with(*tree, "io.nasmcu1.Alerts", [&list](const Properties& properties) {
    list.muted_until = time_property(properties, "MutedUntil");
    list.poller = property<std::string>(properties, "Poller");
  });
  if (read)
    read = each_with(*tree, "io.nasmcu1.Alert", [&list](const Properties& properties) {
      list.alerts.push_back(make_alert(properties));
    });
  if (!read) co_return read.error();
  co_return list;
}

Task<Result<std::vector<DiskView>>> AlertdClient::disks() {
  const Result<ObjectTree> tree = co_await objects();
  if (!tree) co_return tree.error();
  std::vector<DiskView> disks;
  const Status read = each_with(*tree, "io.nasmcu1.Disk", [&disks](const Properties& properties) {
    disks.push_back(make_disk(properties));
  });
  if (!read) co_return read.error();
  co_return disks;
}

Task<Status> AlertdClient::acknowledge_alert(std::string id) {
  auto got = co_await call<>("Acknowledge", call_timeout, std::move(id));
  if (!got) co_return got.error();
  co_return mcu::Done{};
}

Task<Status> AlertdClient::mute_alerts(std::chrono::seconds time) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  const auto seconds = static_cast<std::uint32_t>(std::clamp<std::int64_t>(time.count(), 0, most));
  auto got = co_await call<>("Mute", call_timeout, seconds);
  if (!got) co_return got.error();
  co_return mcu::Done{};
}

Task<Result<std::string>> AlertdClient::test_alerts() {
  auto got = co_await call<std::string>("Test", test_patience);
  if (!got) co_return got.error();
  co_return std::get<0>(std::move(*got));
}

Task<Result<std::string>> AlertdClient::identify_bay(std::string bay, bool on) {
  auto got = co_await call<std::string>("Identify", call_timeout, std::move(bay), on);
  if (!got) co_return got.error();
  co_return std::get<0>(std::move(*got));
}

Task<Status> AlertdClient::forget_bay(std::string bay) {
  auto got = co_await call<>("Forget", call_timeout, std::move(bay));
  if (!got) co_return got.error();
  co_return mcu::Done{};
}

Task<Result<std::string>> AlertdClient::test_disk(std::string bay, std::string kind) {
  // A disk at rest has to spin up first.
  auto got = co_await call<std::string>("SelfTest", test_patience, std::move(bay), std::move(kind));
  if (!got) co_return got.error();
  co_return std::get<0>(std::move(*got));
}

} // namespace nasmcu
