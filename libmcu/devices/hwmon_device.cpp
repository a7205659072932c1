// SPDX-License-Identifier: MIT
// Fans and sensors of the kernel's hwmon chips.
#include <libmcu/devices/backends.hpp>
#include <libmcu/devices/hwmon_channel.hpp>
#include <libmcu/devices/hwmon_fan.hpp>
#include <libmcu/model/text.hpp>

namespace mcu {
namespace {

constexpr double coldest = -40;
constexpr double hottest = 120;

/// `temp` is the path of the channel, ".../temp1". In °C.
Result<Celsius> read_temperature(const Files& files, const std::string& temp) {
  const auto fault = files.number(temp + "_fault");
  if (fault && *fault != 0)
    return Error{Errc::protocol, temp + "_fault: the chip says that its sensor does not work"};
  const auto millis = files.number(temp + "_input");
  if (!millis) return millis.error();
  const double degrees = static_cast<double>(*millis) / 1000;
  if (degrees < coldest || degrees > hottest)
    return Error{Errc::protocol, temp + "_input says " + number_text(degrees) +
                                     " degrees, possible are " + number_text(coldest) + " to " +
                                     number_text(hottest)};
  return Celsius{degrees};
}

class HwmonSensor : public Sensor {
public:
  HwmonSensor(const BackendContext& context, const SensorSpec& spec)
      : Sensor(spec), temp_(*context.kernel, spec.device, "temp", "_input") {}
  Availability availability() const override { return temp_.node().availability(); }
  void refresh() override { temp_.refresh(); }
  void close() override { temp_.node().leave(); }

  Task<Result<Celsius>> read() override {
    const auto job = [temp = temp_.name()](const Files& files, const std::string& node) {
      return read_temperature(files, node + "/" + temp);
    };
    const auto value = co_await temp_.node().run<Result<Celsius>>(job);
    if (!value) co_return about("sensor " + name(), value.error());
    co_return *value;
  }

private:
  HwmonChannel temp_;
};

std::unique_ptr<Fan> make_fan(const BackendContext& context, const FanSpec& spec) {
  return std::make_unique<HwmonFan>(*context.kernel, spec);
}

} // namespace

const Backend hwmon_backend = {"hwmon", &make_fan, &make<HwmonSensor, Sensor, SensorSpec>};

} // namespace mcu
