// SPDX-License-Identifier: MIT
#include <libmcu/devices/hwmon_channel.hpp>

#include <libmcu/kernel/find.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <cmath>

namespace mcu {

int pwm_of(const FanSpec& fan, Duty duty) {
  const double pwm = duty.percent * pwm_full / 100;
  // A fan with levels is one of gpio-fan. That driver spreads its speeds evenly over 0 to 255 and
  // takes the next speed *above* a pwm: half of 255 rounded up would already be full speed.
  const int upright = static_cast<int>(fan.levels.empty() ? std::lround(pwm) : std::floor(pwm));
  return fan.invert ? pwm_full - upright : upright;
}

Duty duty_of(const FanSpec& fan, long long pwm) {
  const long long upright = std::clamp<long long>(fan.invert ? pwm_full - pwm : pwm, 0, pwm_full);
  const Duty duty{static_cast<double>(upright) * 100 / pwm_full};
  if (fan.levels.empty()) return duty;
  const auto nearer = [&](Duty a, Duty b) {
    return std::abs(a.percent - duty.percent) < std::abs(b.percent - duty.percent);
  };
  return *std::min_element(fan.levels.begin(), fan.levels.end(), nearer);
}

HwmonChannel::HwmonChannel(KernelSide& side, const DeviceUri& uri, std::string kind,
                           std::string needed)
    : node_(side),
      address_(uri.address.substr(0, uri.address.rfind('/'))),
      channel_(uri.address.substr(uri.address.rfind('/') + 1)),
      kind_(std::move(kind)),
      needed_(std::move(needed)) {}

std::unique_ptr<HwmonChannel> HwmonChannel::make(KernelSide& side,
                                                 const std::optional<DeviceUri>& uri,
                                                 std::string kind, std::string needed) {
  if (!uri || uri->scheme != "hwmon") return nullptr;
  return std::make_unique<HwmonChannel>(side, *uri, std::move(kind), std::move(needed));
}

std::string HwmonChannel::chip() const { return address_.substr(0, address_.find('@')); }

Result<std::string> HwmonChannel::find() const {
  const bool named = channel_.starts_with(kind_) && parse_integer(channel_.substr(kind_.size()));
  if (!named)
    return Error{Errc::unsupported, "hwmon:" + address_ + "/" + channel_ + " must end in " + kind_ +
                                        " and a number, such as hwmon:" + address_ + "/" + kind_ +
                                        "1"};
  const KernelSide& side = node_.side();
  auto folder = find_hwmon(*side.files, side.root, address_);
  if (folder && !side.files->exists(*folder + "/" + file(needed_)))
    return Error{Errc::unsupported, *folder + " (" + address_ + ") has no file " + file(needed_)};
  return folder;
}

} // namespace mcu
