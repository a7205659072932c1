// SPDX-License-Identifier: MIT
#pragma once

#include <bus/objects.hpp>
#include <mcud/core.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nasmcu {

/// What all device objects share: the four properties of every device, and saying what changed.
template <class Adaptor>
class DeviceObject : public sdbus::AdaptorInterfaces<Adaptor> {
public:
  /// `name` is empty for the one of its kind; its path and its Name are then the kind.
  DeviceObject(Bus& bus, Core& core, sdbus::IConnection& connection, std::string_view kind,
               std::string name)
      : sdbus::AdaptorInterfaces<Adaptor>(connection, sdbus::ObjectPath(object_path(kind, name))),
        bus_(bus),
        core_(core),
        name_(name.empty() ? std::string(kind) : std::move(name)) {
    this->registerAdaptor(); // nothing is called before the bus is turned again
  }
  virtual ~DeviceObject() { this->unregisterAdaptor(); }

  /// The properties that may differ after a change of this device.
  void changed() {
    std::vector<std::string> names = {"Present", "Valid", "Reason"};
    for (const char* property : values()) names.emplace_back(property);
    compat::emit_changed(this->getObject(), Adaptor::INTERFACE_NAME, names);
    bus_.kick();
  }

protected:
  virtual DeviceView device() = 0;
  virtual std::vector<const char*> values() { return {}; }

  std::string sender() { return compat::sender(this->getObject()); }
  template <class Result, class Task>
  void serve(Result&& result, Task task) {
    bus_.serve(std::forward<Result>(result), std::move(task));
  }

  Bus& bus_;
  Core& core_;
  const std::string name_;

private:
  std::string Name() override { return name_; }
  bool Present() override { return device().present; }
  bool Valid() override { return device().valid; }
  std::string Reason() override { return device().reason; }
};

} // namespace nasmcu
