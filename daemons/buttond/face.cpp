// SPDX-License-Identifier: MIT
#include <buttond/face.hpp>

#include <dbus/io.nasmcu1.Buttons-adaptor.h>

#include <utility>

namespace nasmcu::buttond {
namespace {

/// The properties that differ.
std::vector<std::string> changes(const View& a, const View& b) {
  std::vector<std::string> names;
  const auto compare = [&names](const auto& before, const auto& after, const char* name) {
    if (before != after) names.emplace_back(name);
  };
  compare(a.buttons, b.buttons, "Buttons");
  compare(a.inhibits, b.inhibits, "Inhibits");
  compare(a.going_down, b.going_down, "GoingDown");
  compare(a.last_button, b.last_button, "LastButton");
  compare(a.last_gesture, b.last_gesture, "LastGesture");
  compare(a.last_time, b.last_time, "LastTime");
  compare(a.last_outcome, b.last_outcome, "LastOutcome");
  return names;
}

} // namespace

class Face::Object final : public sdbus::AdaptorInterfaces<io::nasmcu1::Buttons_adaptor> {
public:
  Object(sdbus::IConnection& connection, View view)
      : AdaptorInterfaces(connection, sdbus::ObjectPath(object_path("buttons", ""))),
        view_(std::move(view)) {
    registerAdaptor();
  }
  ~Object() { unregisterAdaptor(); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  void show(const View& view) {
    const auto names = changes(view_, view);
    view_ = view;
    if (!names.empty()) compat::emit_changed(getObject(), INTERFACE_NAME, names);
  }
  void tell(const std::string& button, const std::string& gesture, const std::string& action) {
    try {
      emitFelt(button, gesture, action);
    } catch (const sdbus::Error&) {
      // The connection has gone, and with it everybody who would want to know.
    }
  }

private:
  std::vector<sdbus::Struct<std::string, std::string, std::string>> Buttons() override {
    std::vector<sdbus::Struct<std::string, std::string, std::string>> all;
    for (const View::Button& one : view_.buttons)
      all.emplace_back(one.name, one.state, one.actions);
    return all;
  }
  std::string Inhibits() override { return view_.inhibits; }
  bool GoingDown() override { return view_.going_down; }
  std::string LastButton() override { return view_.last_button; }
  std::string LastGesture() override { return view_.last_gesture; }
  std::uint64_t LastTime() override { return view_.last_time; }
  std::string LastOutcome() override { return view_.last_outcome; }

  View view_;
};

Face::Face(Bus& bus, sdbus::IConnection& connection, View view)
    : bus_(bus), root_(connection), object_(std::make_unique<Object>(connection, std::move(view))) {
  bus_.kick();
}
Face::~Face() { bus_.kick(); }

void Face::show(const View& view) {
  object_->show(view);
  bus_.kick();
}

void Face::tell(const std::string& button, const std::string& gesture, const std::string& action) {
  object_->tell(button, gesture, action);
  bus_.kick();
}

} // namespace nasmcu::buttond
