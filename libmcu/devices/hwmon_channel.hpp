// SPDX-License-Identifier: MIT
// Internal to the hwmon back end: one channel of a chip, and the scale of a pwm value.
#pragma once

#include <libmcu/devices/kernel_node.hpp>
#include <libmcu/model/board.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcu {

inline constexpr int pwm_full = 255;

/// The pwm value, 0 to 255, that drives `fan` at a duty as fit() gives it.
int pwm_of(const FanSpec& fan, Duty duty);
/// The duty that a pwm value stands for: of a fan with levels the nearest of them.
Duty duty_of(const FanSpec& fan, long long pwm);

/// "hwmon:CHIP[@DEVICE]/pwm1": the chip's folder, and the files whose names begin with "pwm1".
class HwmonChannel {
public:
  /// `kind` is what the channel's name must begin with ("pwm"); it is there while the chip has the
  /// file of the channel that ends in `needed` ("_input").
  HwmonChannel(KernelSide& side, const DeviceUri& uri, std::string kind, std::string needed);
  /// Null for a device that does not hang on a hwmon chip.
  static std::unique_ptr<HwmonChannel> make(KernelSide& side, const std::optional<DeviceUri>& uri,
                                            std::string kind, std::string needed);

  void refresh() { node_.place(find()); }
  KernelNode& node() { return node_; }
  const KernelNode& node() const { return node_; }
  std::string chip() const; ///< its name, without the device that tells two of them apart
  const std::string& name() const { return channel_; } ///< "pwm1"
  std::string file(std::string_view end) const { return channel_ + std::string(end); }

private:
  Result<std::string> find() const;

  KernelNode node_;
  std::string address_; ///< "CHIP[@DEVICE]"
  std::string channel_;
  std::string kind_, needed_;
};

} // namespace mcu
