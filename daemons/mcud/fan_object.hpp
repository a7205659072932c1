// SPDX-License-Identifier: MIT
#pragma once

#include <mcud/device_object.hpp>

#include <dbus/io.nasmcu1.Fan-adaptor.h>

#include <map>
#include <string>
#include <vector>

namespace nasmcu {

/// A fan on the bus. Ties leases to bus names: it watches each holder.
class FanObject final : public DeviceObject<io::nasmcu1::Fan_adaptor> {
public:
  FanObject(Bus& bus, Core& core, sdbus::IConnection& connection, FanDriver& driver)
      : DeviceObject(bus, core, connection, "fan", driver.fan().name()), driver_(driver) {}

private:
  void Acquire(sdbus::Result<std::uint64_t>&& result) override;
  void Seize(sdbus::Result<std::uint64_t>&& result) override;
  void Set(sdbus::Result<double>&& result, std::uint64_t lease, double duty) override;
  void Renew(sdbus::Result<>&& result, std::uint64_t lease) override;
  void Release(sdbus::Result<>&& result, std::uint64_t lease) override;
  void SetByHand(sdbus::Result<std::string>&& result, double duty) override;
  void Auto(sdbus::Result<std::string>&& result) override;

  double Duty() override { return view().duty; }
  std::uint32_t Rpm() override { return view().rpm.value_or(0); }
  bool HasTach() override { return spec().tach.has_value(); }
  std::uint32_t StallBelow() override { return spec().stall_below.value_or(mcu::Rpm{0}).value; }
  std::string Holder() override { return view().holder; }
  double Failsafe() override { return spec().failsafe.percent; }
  bool InFailsafe() override { return view().in_failsafe; }
  std::string Why() override { return view().why; }
  bool Alarm() override { return view().alarm; }
  std::string Conflict() override { return view().conflict; }
  std::vector<std::string> Sensors() override { return spec().sensors; }
  std::vector<double> Levels() override;
  double Minimum() override { return spec().min.percent; }
  double Maximum() override { return spec().max.percent; }
  bool MayStop() override { return spec().stop; }
  std::vector<sdbus::Struct<double, double>> Curve() override;

  DeviceView device() override { return view(); }
  std::vector<const char*> values() override {
    return {"Duty", "Rpm", "Holder", "InFailsafe", "Why", "Alarm", "Conflict"};
  }
  FanView view() { return core_.fan_view(name_); }
  const mcu::FanSpec& spec() const { return driver_.fan().spec(); }

  void watch(const std::string& who);
  static Task<Result<std::uint64_t>> acquire(Bus& bus, FanDriver& driver, std::string who,
                                             bool by_force);

  FanDriver& driver_;
  std::map<std::string, sdbus::Slot> watches_; ///< of the holder and of who asked last
};

} // namespace nasmcu
