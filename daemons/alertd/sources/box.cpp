// SPDX-License-Identifier: MIT
// Fans, sensors and the link to the microcontroller, as mcud has them.
#include <alertd/box_health.hpp>
#include <alertd/sources/source.hpp>

#include <bus/objects.hpp>

namespace nasmcu::alertd {
namespace {

SensorHealth make_sensor_health(const Properties& properties) {
  SensorHealth sensor;
  sensor.name = property<std::string>(properties, "Name");
  sensor.present = property<bool>(properties, "Present");
  sensor.valid = property<bool>(properties, "Valid");
  sensor.asleep = property<bool>(properties, "Asleep");
  sensor.reason = property<std::string>(properties, "Reason");
  sensor.celsius = property<double>(properties, "Temperature");
  if (const double max = property<double>(properties, "Max"); max != 0) sensor.max = max;
  return sensor;
}

FanHealth make_fan_health(const Properties& properties, const mcu::Board& board) {
  FanHealth fan;
  fan.name = property<std::string>(properties, "Name");
  fan.present = property<bool>(properties, "Present");
  fan.duty = property<double>(properties, "Duty");
  if (property<bool>(properties, "HasTach")) fan.rpm = property<std::uint32_t>(properties, "Rpm");
  fan.alarm = property<bool>(properties, "Alarm");
  fan.in_failsafe = property<bool>(properties, "InFailsafe");
  fan.why = property<std::string>(properties, "Why");
  if (const mcu::FanSpec* spec = board.fan(fan.name); spec != nullptr && spec->stall_below)
    fan.stall_below = spec->stall_below->value;
  return fan;
}

BoxSeen make_box_seen(const ObjectTree& objects, const mcu::Board& board) {
  BoxSeen seen;
  seen.mcud = true;
  for (const auto& [path, interfaces] : objects)
    for (const auto& [interface, properties] : interfaces) {
      if (interface == "io.nasmcu1.Fan")
        seen.fans.push_back(make_fan_health(properties, board));
      else if (interface == "io.nasmcu1.Sensor")
        seen.sensors.push_back(make_sensor_health(properties));
      else if (interface == "io.nasmcu1.Mcu" &&
               !property<std::string>(properties, "Protocol").empty()) {
        seen.has_link = property<std::string>(properties, "Backend") == "tty";
        seen.link_up = property<bool>(properties, "Up");
        seen.link_reason = property<std::string>(properties, "LinkReason");
      }
    }
  return seen;
}

class BoxSource : public Source {
public:
  explicit BoxSource(const SourceContext& context)
      : board_(context.board), bus_(context.bus), clocks_(context.clocks) {}

  std::chrono::seconds pause() const override { return std::chrono::seconds(10); }

  Task<std::optional<std::vector<Finding>>> look() override {
    const Result<ObjectTree> objects = co_await managed_objects(bus_, mcud_name);
    // Without a bus nothing is known of mcud, and mcud keeps the fans safe by itself.
    if (!objects && !bus_.connected()) co_return std::nullopt;
    const BoxSeen seen = objects ? seen_in(*objects) : not_seen(objects.error().what);
    co_return health_.judge(seen, clocks_.steady());
  }

private:
  BoxSeen seen_in(const ObjectTree& objects) const {
    try {
      return make_box_seen(objects, board_);
    } catch (const sdbus::Error& error) {
      return not_seen("it describes itself badly: " + error.getMessage());
    }
  }
  static BoxSeen not_seen(std::string why) {
    BoxSeen seen;
    seen.why = std::move(why);
    return seen;
  }

  const mcu::Board& board_;
  Bus& bus_;
  Clocks clocks_;
  BoxHealth health_;
};

} // namespace

const SourceMaker box_source = {"box", [](const SourceContext& context) -> std::unique_ptr<Source> {
                                  return std::make_unique<BoxSource>(context);
                                }};

} // namespace nasmcu::alertd
