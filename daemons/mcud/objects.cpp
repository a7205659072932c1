// SPDX-License-Identifier: MIT
#include <mcud/objects.hpp>

#include <mcud/fan_object.hpp>
#include <mcud/small_objects.hpp>

#include <map>

namespace nasmcu {
struct Objects::Impl {
  Impl(Bus& bus, Core& core, sdbus::IConnection& connection)
      : root(connection), mcu(bus, core, connection) {
    mcu::Inventory& inventory = core.inventory();
    for (const auto& driver : core.drivers())
      fans[driver->fan().name()] = std::make_unique<FanObject>(bus, core, connection, *driver);
    for (const auto& sensor : inventory.sensors())
      sensors[sensor->name()] =
          std::make_unique<SensorObject>(bus, core, connection, sensor->name());
    for (const auto& led : inventory.leds())
      leds[led->name()] = std::make_unique<LedObject>(bus, core, connection, led->name());
    for (const auto& button : inventory.buttons())
      buttons[button->name()] =
          std::make_unique<ButtonObject>(bus, core, connection, button->name());
    if (inventory.buzzer() != nullptr)
      buzzer = std::make_unique<BuzzerObject>(bus, core, connection);
    if (inventory.clock() != nullptr) clock = std::make_unique<ClockObject>(bus, core, connection);
    if (inventory.power() != nullptr) power = std::make_unique<PowerObject>(bus, core, connection);
  }

  RootObject root;
  McuObject mcu;
  std::map<std::string, std::unique_ptr<FanObject>> fans;
  std::map<std::string, std::unique_ptr<SensorObject>> sensors;
  std::map<std::string, std::unique_ptr<LedObject>> leds;
  std::map<std::string, std::unique_ptr<ButtonObject>> buttons;
  std::unique_ptr<BuzzerObject> buzzer;
  std::unique_ptr<ClockObject> clock;
  std::unique_ptr<PowerObject> power;
};

namespace {

template <class Map>
void tell(Map& objects, const std::string& name) {
  for (auto& [each, object] : objects)
    if (name.empty() || name == each) object->changed();
}

} // namespace

Objects::Objects(Bus& bus, Core& core, sdbus::IConnection& connection)
    : impl_(std::make_unique<Impl>(bus, core, connection)) {}

Objects::~Objects() = default;

void Objects::changed(Core::Kind kind, const std::string& name) {
  switch (kind) {
  case Core::Kind::fan: tell(impl_->fans, name); break;
  case Core::Kind::sensor: tell(impl_->sensors, name); break;
  case Core::Kind::led: tell(impl_->leds, name); break;
  case Core::Kind::button: tell(impl_->buttons, name); break;
  case Core::Kind::link:
    impl_->mcu.changed();
    if (impl_->buzzer) impl_->buzzer->changed();
    if (impl_->clock) impl_->clock->changed();
    if (impl_->power) impl_->power->changed();
    break;
  }
}

} // namespace nasmcu
