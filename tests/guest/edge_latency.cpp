// SPDX-License-Identifier: MIT
// How long it takes from a change of a simulated GPIO line to the button's signal on D-Bus:
//
//   edge-latency PULL-FILE OBJECT-PATH EDGES
//
// The line is active low. Prints p50, p99 and the longest in milliseconds.
#include <bus/sdbus.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{10};
// Longer than any debouncing (20 ms in mcud, 5 in the kernel).
constexpr std::chrono::milliseconds rest{40};

class ButtonSignal {
public:
  explicit ButtonSignal(const std::string& object)
      : bus_(sdbus::createSystemBusConnection()),
        slot_(nasmcu::compat::add_match(
            *bus_,
            "type='signal',sender='io.nasmcu1.mcud',interface='org.freedesktop.DBus.Properties',"
            "member='PropertiesChanged',path='" +
                object + "'",
            [this](auto&& message) { take(message); })) {}

  /// When the signal for this state came.
  Clock::time_point wait_for(bool pressed) {
    pressed_.reset();
    const auto limit = Clock::now() + patience;
    while (pressed_ != pressed) {
      while (nasmcu::compat::process(*bus_)) {
      }
      if (pressed_ == pressed) break;
      if (Clock::now() > limit) throw std::runtime_error("an edge without a signal");
      pollfd ready{bus_->getEventLoopPollData().fd, POLLIN, 0};
      poll(&ready, 1, 1000);
    }
    return Clock::now();
  }

private:
  template <class Message>
  void take(Message& message) {
    std::string interface;
    std::map<std::string, sdbus::Variant> changed;
    message >> interface >> changed;
    if (const auto found = changed.find("Pressed"); found != changed.end())
      pressed_ = found->second.template get<bool>();
  }

  std::unique_ptr<sdbus::IConnection> bus_;
  std::optional<bool> pressed_;
  sdbus::Slot slot_;
};

double share(const std::vector<double>& sorted, double part) {
  return sorted[std::min(sorted.size() - 1,
                         static_cast<std::size_t>(static_cast<double>(sorted.size()) * part))];
}

void measure(const std::string& pull, const std::string& object, int edges) {
  ButtonSignal signal(object);
  std::vector<double> took;
  for (int edge = 0; edge < edges; ++edge) {
    const bool press = edge % 2 == 0;
    std::this_thread::sleep_for(rest);
    const auto began = Clock::now();
    std::ofstream file(pull);
    if (!(file << (press ? "pull-down" : "pull-up") << std::flush))
      throw std::runtime_error(pull + ": cannot write");
    const std::chrono::duration<double, std::milli> time = signal.wait_for(press) - began;
    took.push_back(time.count());
  }
  std::sort(took.begin(), took.end());
  std::printf("%zu edges: p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", took.size(),
              share(took, 0.5), share(took, 0.99), took.back());
}

} // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fputs("usage: edge-latency PULL-FILE OBJECT-PATH EDGES\n", stderr);
    return 2;
  }
  measure(argv[1], argv[2], std::stoi(argv[3]));
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "edge-latency: %s\n", error.what());
  return 1;
}
