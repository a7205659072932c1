// SPDX-License-Identifier: MIT
// An evdev device (libevdev), or a documented fake of one under a fake root.
#pragma once

#include <libmcu/model/result.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcu {

/// A key, a switch or a sound of an input device.
struct InputCode {
  unsigned type = 0; ///< EV_KEY, EV_SW or EV_SND
  unsigned code = 0;
  bool operator==(const InputCode&) const = default;
};
/// "KEY_POWER", "BTN_0", "SW_LID", "SND_BELL"; with `as_switch` the number behind the name means an
/// EV_SW event of that number (a slide switch described with a key's number, as on LinkStations).
Result<InputCode> input_code(std::string_view name, bool as_switch);

struct InputEvent {
  InputCode code;
  int value = 0; ///< 1 pressed or on, 0 released or off; repeats are left out
  std::chrono::steady_clock::time_point at;
};

class InputDevice {
public:
  virtual ~InputDevice() = default;
  virtual int fd() const = 0;
  virtual bool has(InputCode code) const = 0;
  virtual Result<int> state(InputCode code) = 0;
  /// What came since the last call; does not wait. Lost events (SYN_DROPPED) are made up from the
  /// state. `unsupported` when the device went.
  virtual Result<std::vector<InputEvent>> events() = 0;
  /// EV_SND: starts or stops a sound.
  virtual Status sound(InputCode code, int value) = 0;
};

/// `path` is /dev/input/eventN with its root. Key events are not grabbed: logind sees them too.
Result<std::unique_ptr<InputDevice>> open_input_device(const std::string& path);

} // namespace mcu
