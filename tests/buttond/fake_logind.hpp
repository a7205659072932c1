// SPDX-License-Identifier: MIT
// A logind that only notes what it is asked, and tells what it is told to tell.
#pragma once

#include <bus/bus.hpp>

#include <poll.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace test {

class FakeLogind {
public:
  explicit FakeLogind(mcu::asio::any_io_executor executor)
      : bus_(executor, "org.freedesktop.login1") {
    bus_.on_connected = [this](sdbus::IConnection& connection) {
      object_ = sdbus::createObject(connection, sdbus::ObjectPath("/org/freedesktop/login1"));
      offer();
    };
    bus_.on_lost = [this](const std::string&) { object_.reset(); };
    bus_.start();
  }
  ~FakeLogind() {
    bus_.stop();
    for (const Inhibitor& one : inhibitors_) ::close(one.reader);
  }
  FakeLogind(const FakeLogind&) = delete;
  FakeLogind& operator=(const FakeLogind&) = delete;

  void announce(const char* signal, bool going) {
    object_->emitSignal(signal).onInterface(manager).withArguments(going);
    bus_.kick();
  }
  /// "handle-power-key nas-buttond block" of those that nobody has let go of.
  std::vector<std::string> held() const {
    std::vector<std::string> words;
    for (const Inhibitor& one : inhibitors_) {
      pollfd end{one.reader, POLLIN, 0};
      ::poll(&end, 1, 0);
      if ((end.revents & POLLHUP) == 0) words.push_back(one.words);
    }
    return words;
  }

  std::vector<std::string> calls; ///< "PowerOff false", in their order
  bool denied = false;
  bool preparing = false; ///< PreparingForShutdown
  std::function<void(const std::string& call)> on_call;

private:
  static constexpr const char* manager = "org.freedesktop.login1.Manager";
  struct Inhibitor {
    int reader;
    std::string words;
  };

  void note(const std::string& call) {
    calls.push_back(call);
    if (on_call) on_call(call);
    if (denied) throw nasmcu::compat::make_error("org.freedesktop.DBus.Error.AccessDenied", "no");
  }
  sdbus::UnixFd inhibit(const std::string& what, const std::string& who, const std::string&,
                        const std::string& mode) {
    note("Inhibit " + what + " " + who + " " + mode);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    inhibitors_.push_back({ends[0], what + " " + who + " " + mode});
    sdbus::UnixFd writer(ends[1]);
    ::close(ends[1]);
    return writer;
  }

  void offer() {
    const auto take = [this](const std::string& what, const std::string& who,
                             const std::string& why,
                             const std::string& mode) { return inhibit(what, who, why, mode); };
    const auto asked = [this](const char* method) {
      return [this, method](const bool& ask_people) {
        note(std::string(method) + (ask_people ? " true" : " false"));
      };
    };
    const auto going = [this]() { return preparing; };
#if __has_include(<sdbus-c++/VTableItems.h>)
    object_
        ->addVTable(sdbus::registerMethod("Inhibit").implementedAs(take),
                    sdbus::registerMethod("PowerOff").implementedAs(asked("PowerOff")),
                    sdbus::registerMethod("Reboot").implementedAs(asked("Reboot")),
                    sdbus::registerMethod("Suspend").implementedAs(asked("Suspend")),
                    sdbus::registerProperty("PreparingForShutdown").withGetter(going),
                    sdbus::registerSignal("PrepareForShutdown").withParameters<bool>(),
                    sdbus::registerSignal("PrepareForSleep").withParameters<bool>())
        .forInterface(manager);
#else
    object_->registerMethod("Inhibit").onInterface(manager).implementedAs(take);
    for (const char* method : {"PowerOff", "Reboot", "Suspend"})
      object_->registerMethod(method).onInterface(manager).implementedAs(asked(method));
    object_->registerProperty("PreparingForShutdown").onInterface(manager).withGetter(going);
    for (const char* signal : {"PrepareForShutdown", "PrepareForSleep"})
      object_->registerSignal(signal).onInterface(manager).withParameters<bool>();
    object_->finishRegistration();
#endif
  }

  nasmcu::Bus bus_;
  std::unique_ptr<sdbus::IObject> object_;
  std::vector<Inhibitor> inhibitors_;
};

} // namespace test
