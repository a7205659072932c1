// SPDX-License-Identifier: MIT
// The input devices that buttons and the buzzer hang on, each opened once however many share it.
#pragma once

#include <libmcu/kernel/files.hpp>
#include <libmcu/kernel/input_device.hpp>
#include <libmcu/link/task.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace mcu {

class InputHub {
public:
  InputHub(asio::any_io_executor executor, std::string root, std::shared_ptr<const Files> files);
  ~InputHub();

  using Listener = std::function<void(const InputEvent&)>;

  /// The device of that name: opened if it is there and not open yet. Error in words if it is not.
  /// The pointer is good until the loop's next turn.
  Result<InputDevice*> open(const std::string& name);
  /// Called for every event of that device, now and after it went and came back. An empty one ends
  /// it, and the device is closed behind its last listener. `who` is the listener's own.
  void listen(const std::string& name, const void* who, Listener listener);
  /// Called when an open device was found gone, 100 ms behind it at least.
  std::function<void()> on_lost;
  void close();

private:
  struct Open;
  bool read(const std::string& name);

  asio::any_io_executor executor_;
  std::string root_;
  std::shared_ptr<const Files> files_;
  std::map<std::string, std::unique_ptr<Open>> open_; ///< by name
  std::map<std::string, std::map<const void*, Listener>> listeners_;
};

} // namespace mcu
