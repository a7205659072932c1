// SPDX-License-Identifier: MIT
#include <fand/face.hpp>

#include <bus/objects.hpp>

#include <dbus/io.nasmcu1.FanControl-adaptor.h>

#include <algorithm>

namespace nasmcu::fand {
namespace {

/// The properties that differ.
std::vector<std::string> changes(const View& a, const View& b) {
  std::vector<std::string> names;
  const auto compare = [&names](const auto& before, const auto& after, const char* name) {
    if (before != after) names.emplace_back(name);
  };
  compare(a.present, b.present, "Present");
  compare(a.valid, b.valid, "Valid");
  compare(a.reason, b.reason, "Reason");
  compare(a.mode, b.mode, "Mode");
  compare(a.duty, b.duty, "Duty");
  compare(a.why, b.why, "Why");
  compare(a.sensor, b.sensor, "Sensor");
  compare(a.temperature, b.temperature, "Temperature");
  return names;
}

} // namespace

class Face::Object final : public sdbus::AdaptorInterfaces<io::nasmcu1::FanControl_adaptor> {
public:
  Object(Bus& bus, sdbus::IConnection& connection, View view, Requests requests)
      : AdaptorInterfaces(connection, sdbus::ObjectPath(object_path("fancontrol", view.name))),
        bus_(bus),
        view_(std::move(view)),
        requests_(std::move(requests)) {
    registerAdaptor();
    getObject().emitInterfacesAddedSignal();
  }
  ~Object() {
    try {
      getObject().emitInterfacesRemovedSignal();
    } catch (const sdbus::Error&) {
      // The connection has gone, and with it everybody who would want to know.
    }
    unregisterAdaptor();
  }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  void show(const View& view) {
    const auto names = changes(view_, view);
    view_ = view;
    if (names.empty()) return;
    try {
      compat::emit_changed(getObject(), INTERFACE_NAME, names);
    } catch (const sdbus::Error&) {
      // As above.
    }
  }

private:
  void SetManual(sdbus::Result<std::string>&& result, double duty) override {
    bus_.serve(std::move(result), requests_.set_manual(duty));
  }
  void Auto(sdbus::Result<std::string>&& result) override {
    bus_.serve(std::move(result), requests_.set_auto());
  }
  std::string Name() override { return view_.name; }
  bool Present() override { return view_.present; }
  bool Valid() override { return view_.valid; }
  std::string Reason() override { return view_.reason; }
  std::string Mode() override { return view_.mode; }
  double Duty() override { return view_.duty; }
  std::string Why() override { return view_.why; }
  std::string Sensor() override { return view_.sensor; }
  double Temperature() override { return view_.temperature; }
  std::uint64_t Cycles() override { return requests_.progress().cycles; }
  bool Overdue() override { return requests_.progress().overdue; }

  Bus& bus_;
  View view_;
  Requests requests_;
};

Face::Face(Bus& bus, sdbus::IConnection& connection, View view, Requests requests)
    : bus_(bus),
      object_(std::make_unique<Object>(bus, connection, std::move(view), std::move(requests))) {
  bus_.kick();
}
Face::~Face() { bus_.kick(); }

void Face::show(const View& view) {
  object_->show(view);
  bus_.kick();
}

} // namespace nasmcu::fand
