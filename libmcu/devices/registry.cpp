// SPDX-License-Identifier: MIT
#include <libmcu/devices/backends.hpp>

#include <array>

namespace mcu {
namespace {

// A new back end is one line here.
const std::array<const Backend*, 8> backends = {
    &mcu_backend, &hwmon_backend, &thermal_backend, &disk_backend,
    &led_backend, &gpio_backend,  &input_backend,   &rtc_backend,
};

} // namespace

const Backend& backend_for(std::string_view scheme) {
  for (const Backend* one : backends)
    if (one->scheme == scheme) return *one;
  return absent_backend;
}

std::vector<std::string_view> backend_schemes() {
  std::vector<std::string_view> schemes;
  for (const Backend* one : backends) schemes.push_back(one->scheme);
  return schemes;
}

} // namespace mcu
