// SPDX-License-Identifier: MIT
#include <mcud/fan_object.hpp>

namespace nasmcu {
namespace {

template <class Value>
Task<Result<Value>> ready(Result<Value> value) {
  co_return value;
}

} // namespace

void FanObject::Acquire(sdbus::Result<std::uint64_t>&& result) {
  const std::string who = sender();
  watch(who);
  serve(std::move(result), acquire(bus_, driver_, who, false));
}

void FanObject::Seize(sdbus::Result<std::uint64_t>&& result) {
  const std::string who = sender();
  watch(who);
  serve(std::move(result), acquire(bus_, driver_, who, true));
}

/// The watch stands already; a caller that died before it did is found by asking the bus.
Task<Result<std::uint64_t>> FanObject::acquire(Bus& bus, FanDriver& driver, std::string who,
                                               bool by_force) {
  if (by_force) {
    const Result<uid_t> uid = co_await bus.uid_of(who);
    if (!uid) co_return uid.error();
    if (*uid != 0) co_return mcu::Error{mcu::Errc::denied, "only root takes a lease by force"};
  }
  Result<std::uint64_t> lease{0};
  if (by_force)
    lease = driver.seize(who);
  else
    lease = driver.acquire(who);
  if (!lease) co_return lease;
  const Result<bool> alive = co_await bus.has_owner(who);
  const bool here = alive.value_or(false);
  if (!here) {
    driver.holder_gone(who);
    co_return mcu::Error{mcu::Errc::failed, who + " left the bus"};
  }
  co_return lease;
}

void FanObject::watch(const std::string& who) {
  const std::string holder = driver_.lease().holder();
  std::erase_if(watches_, [&holder](const auto& each) { return each.first != holder; });
  FanDriver& driver = driver_;
  watches_[who] = bus_.watch_owner(who, [&driver, who](const std::string& owner) {
    if (owner.empty()) driver.holder_gone(who);
  });
}

void FanObject::Set(sdbus::Result<double>&& result, std::uint64_t lease, double duty) {
  serve(std::move(result), driver_.set(lease, sender(), mcu::Duty{duty}));
}

void FanObject::Renew(sdbus::Result<>&& result, std::uint64_t lease) {
  serve(std::move(result), ready(driver_.renew(lease, sender())));
}

void FanObject::Release(sdbus::Result<>&& result, std::uint64_t lease) {
  serve(std::move(result), ready(driver_.release(lease, sender())));
}

void FanObject::SetByHand(sdbus::Result<std::string>&& result, double duty) {
  serve(std::move(result), driver_.set_by_hand(mcu::Duty{duty}));
}

void FanObject::Auto(sdbus::Result<std::string>&& result) {
  serve(std::move(result), driver_.end_hand());
}

std::vector<double> FanObject::Levels() {
  std::vector<double> levels;
  for (const mcu::Duty& level : spec().levels) levels.push_back(level.percent);
  return levels;
}

std::vector<sdbus::Struct<double, double>> FanObject::Curve() {
  std::vector<sdbus::Struct<double, double>> points;
  for (const mcu::CurvePoint& point : spec().curve)
    points.emplace_back(point.at.value, point.duty.percent);
  return points;
}

} // namespace nasmcu
