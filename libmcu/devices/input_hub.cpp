// SPDX-License-Identifier: MIT
#include <libmcu/devices/input_hub.hpp>

#include <libmcu/kernel/fd_reader.hpp>
#include <libmcu/kernel/find.hpp>

#include <vector>

namespace mcu {

struct InputHub::Open {
  std::unique_ptr<InputDevice> device; ///< null: it went, and on_lost follows
  std::unique_ptr<FdReader> reader;
};

InputHub::InputHub(asio::any_io_executor executor, std::string root,
                   std::shared_ptr<const Files> files)
    : executor_(std::move(executor)), root_(std::move(root)), files_(std::move(files)) {}

InputHub::~InputHub() = default;

Result<InputDevice*> InputHub::open(const std::string& name) {
  if (const auto known = open_.find(name); known != open_.end() && known->second->device)
    return known->second->device.get();
  const auto path = find_input(*files_, root_, name);
  if (!path) return path.error();
  auto device = open_input_device(*path);
  if (!device) return device.error();
  auto fresh = std::make_unique<Open>();
  fresh->device = std::move(device).value();
  fresh->reader = std::make_unique<FdReader>(
      executor_, fresh->device->fd(), [this, name] { return read(name); },
      [this, name] {
        open_.erase(name);
        if (on_lost) on_lost();
      });
  return (open_[name] = std::move(fresh))->device.get();
}

bool InputHub::read(const std::string& name) {
  Open& open = *open_.at(name);
  const auto events = open.device->events();
  if (!events) {
    open.device.reset();
    return false;
  }
  for (const InputEvent& event : *events) {
    // A listener may end itself or another.
    std::vector<const void*> all;
    for (const auto& [who, listener] : listeners_[name]) all.push_back(who);
    for (const void* who : all) {
      auto& listeners = listeners_[name];
      const auto found = listeners.find(who);
      if (found == listeners.end()) continue;
      const Listener call = found->second;
      call(event);
    }
  }
  return true;
}

void InputHub::listen(const std::string& name, const void* who, Listener listener) {
  auto& listeners = listeners_[name];
  if (listener)
    listeners[who] = std::move(listener);
  else
    listeners.erase(who);
  if (listeners.empty()) open_.erase(name);
}

void InputHub::close() { open_.clear(); }

} // namespace mcu
