// SPDX-License-Identifier: MIT
// "thermal:TYPE": the temperature of a thermal zone of the kernel.
#include <libmcu/devices/backends.hpp>
#include <libmcu/devices/kernel_node.hpp>
#include <libmcu/kernel/find.hpp>

namespace mcu {
namespace {

class ThermalSensor : public Sensor {
public:
  ThermalSensor(const BackendContext& context, const SensorSpec& spec)
      : Sensor(spec), zone_(*context.kernel) {}

  Availability availability() const override { return zone_.availability(); }
  void refresh() override {
    const KernelSide& side = zone_.side();
    zone_.place(find_thermal_zone(*side.files, side.root, spec().device.address));
  }
  void close() override { zone_.leave(); }

  Task<Result<Celsius>> read() override {
    const Result<long long> millidegrees = co_await zone_.number("temp");
    if (!millidegrees) co_return about("sensor " + name(), millidegrees.error());
    const Result<Celsius> value = celsius_of(*millidegrees);
    if (!value) co_return about("sensor " + name(), value.error());
    co_return value;
  }

private:
  KernelNode zone_;
};

} // namespace

const Backend thermal_backend = {"thermal", nullptr, &make<ThermalSensor, Sensor, SensorSpec>};

} // namespace mcu
