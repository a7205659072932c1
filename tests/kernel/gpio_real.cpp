// SPDX-License-Identifier: MIT
// The contract on a real gpio-sim chip, in a guest that is there for it. Lines 0 and 1 of the chip
// must be free, and the driver's unbind and bind files be ours to write. Environment:
//   NASMCU_GPIO_CHIP  the chip's label
//   NASMCU_GPIO_SIM   /sys/devices/platform/.../gpiochipN, which has sim_gpioM/{pull,value}
#include "gpio_contract.hpp"

#include <libmcu/kernel/files.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace fs = std::filesystem;

namespace {

std::string wanted(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

void put(const fs::path& file, const std::string& text) {
  const auto written = mcu::Files().write(file, text);
  if (!written) throw std::runtime_error(written.error().what);
}

class SimRig final : public gpio_contract::Rig {
public:
  SimRig() : label_(wanted("NASMCU_GPIO_CHIP")), sim_(wanted("NASMCU_GPIO_SIM")) {
    const fs::path device = sim_.parent_path();
    device_ = device.filename();
    driver_ = fs::canonical(fs::exists(device / "driver") ? device / "driver"
                                                          : "/sys/bus/platform/drivers/gpio-sim");
    if (!fs::exists(device / "driver")) return_chip(); // an earlier case ended without it
  }
  ~SimRig() override {
    if (removed_) return_chip();
  }

  std::string root() const override { return {}; }
  std::string chip() const override { return label_; }
  unsigned lines() const override {
    unsigned count = 0;
    while (fs::exists(of(count))) ++count;
    return count;
  }
  void drive(unsigned line, bool high) override {
    put(of(line) / "pull", high ? "pull-up" : "pull-down");
  }
  bool level(unsigned line) override {
    const auto value = mcu::Files().read(of(line) / "value");
    if (!value) throw std::runtime_error(value.error().what);
    return *value == "1";
  }
  void remove_chip() override {
    put(driver_ / "unbind", device_);
    removed_ = true;
  }
  void return_chip() override {
    put(driver_ / "bind", device_);
    removed_ = false;
    // It may have another number now.
    for (const auto& entry : fs::directory_iterator(sim_.parent_path()))
      if (fs::exists(entry.path() / "sim_gpio0")) sim_ = entry.path();
  }

private:
  fs::path of(unsigned line) const { return sim_ / ("sim_gpio" + std::to_string(line)); }

  std::string label_, device_;
  fs::path sim_, driver_;
  bool removed_ = false;
};

} // namespace

std::unique_ptr<gpio_contract::Rig> gpio_contract::make_rig() { return std::make_unique<SimRig>(); }
