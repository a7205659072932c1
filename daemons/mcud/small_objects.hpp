// SPDX-License-Identifier: MIT
// The devices that need no more than a few lines each on the bus, and the MCU itself.
#pragma once

#include <mcud/device_object.hpp>

#include <dbus/io.nasmcu1.Button-adaptor.h>
#include <dbus/io.nasmcu1.Buzzer-adaptor.h>
#include <dbus/io.nasmcu1.Clock-adaptor.h>
#include <dbus/io.nasmcu1.Led-adaptor.h>
#include <dbus/io.nasmcu1.Mcu-adaptor.h>
#include <dbus/io.nasmcu1.Power-adaptor.h>
#include <dbus/io.nasmcu1.Sensor-adaptor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nasmcu {

/// The view of a device that is valid whenever it is there.
DeviceView simple_view(const mcu::Device& device);

class SensorObject final : public DeviceObject<io::nasmcu1::Sensor_adaptor> {
public:
  SensorObject(Bus& bus, Core& core, sdbus::IConnection& connection, const std::string& name)
      : DeviceObject(bus, core, connection, "sensor", name) {}

private:
  void Read(sdbus::Result<double>&& result) override;
  bool Asleep() override { return core_.sensor_view(name_).asleep; }
  double Temperature() override { return core_.sensor_view(name_).celsius; }
  std::string Bay() override { return core_.sensor_view(name_).bay; }
  double Max() override { return core_.sensor_view(name_).max.value_or(0); }

  DeviceView device() override { return core_.sensor_view(name_); }
  std::vector<const char*> values() override { return {"Temperature", "Asleep"}; }
};

class LedObject final : public DeviceObject<io::nasmcu1::Led_adaptor> {
public:
  LedObject(Bus& bus, Core& core, sdbus::IConnection& connection, const std::string& name)
      : DeviceObject(bus, core, connection, "led", name) {}

private:
  void Set(sdbus::Result<std::string>&& result, std::string state) override;
  std::string State() override { return core_.led_view(name_).state; }

  DeviceView device() override { return core_.led_view(name_); }
  std::vector<const char*> values() override { return {"State"}; }
};

class ButtonObject final : public DeviceObject<io::nasmcu1::Button_adaptor> {
public:
  ButtonObject(Bus& bus, Core& core, sdbus::IConnection& connection, const std::string& name)
      : DeviceObject(bus, core, connection, "button", name) {}

private:
  void Read(sdbus::Result<bool>&& result) override;
  bool Pressed() override { return core_.button_view(name_).pressed; }
  std::uint64_t Since() override;
  bool Switch() override { return spec().is_switch(); }
  std::string Key() override { return spec().key(); }
  std::uint32_t Resolution() override;
  std::uint32_t Held() override { return static_cast<std::uint32_t>(spec().held.count()); }

  const mcu::ButtonSpec& spec() { return core_.inventory().button(name_)->spec(); }
  DeviceView device() override { return core_.button_view(name_); }
  std::vector<const char*> values() override { return {"Pressed", "Since", "Resolution"}; }
};

class BuzzerObject final : public DeviceObject<io::nasmcu1::Buzzer_adaptor> {
public:
  BuzzerObject(Bus& bus, Core& core, sdbus::IConnection& connection)
      : DeviceObject(bus, core, connection, "buzzer", "") {}

private:
  void Beep(sdbus::Result<>&& result, std::string length) override;

  DeviceView device() override { return simple_view(*core_.inventory().buzzer()); }
};

class ClockObject final : public DeviceObject<io::nasmcu1::Clock_adaptor> {
public:
  ClockObject(Bus& bus, Core& core, sdbus::IConnection& connection)
      : DeviceObject(bus, core, connection, "clock", "") {}

private:
  void Read(sdbus::Result<std::int64_t, bool>&& result) override;
  void SetSystem(sdbus::Result<std::int64_t, std::int64_t>&& result) override;
  void SetClock(sdbus::Result<std::int64_t>&& result) override;
  void GetWake(sdbus::Result<std::int64_t>&& result) override;
  void SetWake(sdbus::Result<>&& result, std::int64_t time) override;
  void ArmWake(sdbus::Result<std::int64_t>&& result) override;
  bool Utc() override { return core_.clock_utc(); }

  DeviceView device() override { return simple_view(*core_.inventory().clock()); }
};

class PowerObject final : public DeviceObject<io::nasmcu1::Power_adaptor> {
public:
  PowerObject(Bus& bus, Core& core, sdbus::IConnection& connection)
      : DeviceObject(bus, core, connection, "power", "") {}

private:
  void Ready(sdbus::Result<>&& result) override;
  void GetRecovery(sdbus::Result<bool>&& result) override;
  void SetRecovery(sdbus::Result<>&& result, bool on) override;
  void GetWakeOnLan(sdbus::Result<bool>&& result) override;
  void SetWakeOnLan(sdbus::Result<>&& result, bool on) override;
  void PowerOff(sdbus::Result<>&& result, std::int32_t delay) override;

  DeviceView device() override { return simple_view(*core_.inventory().power()); }
};

class McuObject final : public sdbus::AdaptorInterfaces<io::nasmcu1::Mcu_adaptor> {
public:
  McuObject(Bus& bus, Core& core, sdbus::IConnection& connection);
  ~McuObject() { unregisterAdaptor(); }
  void changed();

private:
  void Identify(sdbus::Result<std::string>&& result) override;
  void Raw(sdbus::Result<std::vector<std::vector<std::uint8_t>>>&& result,
           std::vector<std::uint8_t> frame, bool force) override;
  void Failsafe(sdbus::Result<>&& result) override;
  void PrepareForSleep(sdbus::Result<>&& result, bool start) override;
  std::string Board() override { return core_.inventory().board().id; }
  std::string BoardName() override { return core_.inventory().board().name; }
  std::string Backend() override { return std::string(core_.inventory().backend()); }
  std::string BackendReason() override { return core_.inventory().backend_reason(); }
  std::string Protocol() override { return core_.link_view().protocol; }
  std::string Port() override { return core_.link_view().port; }
  bool Up() override { return core_.link_view().up; }
  std::string LinkReason() override { return core_.link_view().reason; }
  std::map<std::string, std::uint64_t> Statistics() override {
    return core_.link_view().statistics;
  }

  Bus& bus_;
  Core& core_;
};

} // namespace nasmcu
