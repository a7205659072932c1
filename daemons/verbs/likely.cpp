// SPDX-License-Identifier: MIT
#include <verbs/likely.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <set>

namespace nasmcu {
namespace {

// Each kind of evidence outweighs all that follow it, whatever their number.
constexpr int exact = 10000, later = 5000, mcu_there = 2000, model = 1000, maker = 500, node = 10,
              port = 1;

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "qnap" of "qnap,ts433"; empty where there is none.
std::string maker_of(const std::string& compatible) {
  const auto comma = compatible.find(',');
  return comma == std::string::npos ? "" : compatible.substr(0, comma);
}

class Scale {
public:
  Scale(const mcu::Board& board, const Machine& machine) : board_(board), machine_(machine) {
    likely_.id = board.id;
    likely_.name = board.name;
  }

  Likely weigh() {
    identity();
    microcontroller();
    nodes();
    if (board_.mcu)
      for (const SerialPort& one : machine_.ports)
        if (!one.console && "/dev/" + one.name == board_.mcu->port)
          add(port, one.name + " is here, where its microcontroller hangs");
    return std::move(likely_);
  }

private:
  void add(int weight, std::string why) {
    likely_.weight += weight;
    likely_.why.push_back(std::move(why));
  }

  void identity() {
    bool first = true;
    for (const std::string& one : machine_.compatible) {
      if (contains(board_.match, one)) {
        add(first ? exact : later, "this machine is " + std::string(first ? "" : "also ") + one);
        return;
      }
      first = false;
    }
    std::string said = machine_.model;
    for (const auto& [key, text] : machine_.dmi) said += " " + text;
    if (mcu::lower(said).find(mcu::lower(board_.name)) != std::string::npos)
      add(model, "it calls itself " + board_.name);
    for (const std::string& one : machine_.compatible)
      for (const std::string& match : board_.match)
        if (const std::string who = maker_of(match); !who.empty() && who == maker_of(one)) {
          add(maker, "it is from the same maker, " + who);
          return;
        }
  }

  /// "of:NmcuT(null)Cqnap,ts433-mcu" on the serial bus.
  void microcontroller() {
    for (const KernelNode& device : machine_.serial_devices)
      for (const std::string& match : board_.match)
        if (device.name.ends_with("C" + match + "-mcu")) {
          add(mcu_there, "its microcontroller " + match + "-mcu is on " + device.node);
          return;
        }
  }

  bool is_here(const mcu::DeviceUri& uri) const {
    const std::string name = uri.address.substr(0, uri.address.rfind('/'));
    const auto called = [](const auto& nodes, const std::string& word) {
      return std::any_of(nodes.begin(), nodes.end(),
                         [&](const auto& one) { return one.name == word; });
    };
    if (uri.scheme == "led") return called(machine_.leds, uri.address);
    if (uri.scheme == "gpio") return called(machine_.gpio_chips, name);
    if (uri.scheme == "hwmon")
      return called(machine_.hwmon, name.substr(0, std::min(name.find('@'), name.size())));
    if (uri.scheme == "input")
      return name != "gpio-keys" &&
             std::any_of(machine_.inputs.begin(), machine_.inputs.end(), [&](const auto& one) {
               return one.name == name && contains(one.keys, uri.address.substr(name.size() + 1));
             });
    return false; // zones, clocks and keys on lines are called alike everywhere
  }

  /// The kernel's names that the board file uses and this machine has.
  void nodes() {
    std::set<std::string> seen;
    const auto look = [&](const std::optional<mcu::DeviceUri>& uri) {
      if (uri && is_here(*uri)) seen.insert(uri->scheme + ":" + uri->address);
    };
    for (const auto& one : board_.fans) {
      look(one.device);
      look(one.kernel);
    }
    for (const auto& one : board_.sensors) look(one.device);
    for (const auto& one : board_.leds) {
      look(one.device);
      look(one.kernel);
      for (const std::string& name : one.fallback) look(mcu::DeviceUri{"led", name, {}});
    }
    for (const auto& one : board_.buttons) {
      look(one.device);
      look(one.kernel);
    }
    for (const auto& bay : board_.bays)
      for (const auto& disk : machine_.disks)
        if (disk.port == bay.port) seen.insert("a disk on " + bay.port);
    if (seen.empty()) return;
    std::string words;
    for (const std::string& one : seen) words += (words.empty() ? "" : ", ") + one;
    add(node * static_cast<int>(std::min<std::size_t>(seen.size(), 40)),
        "it has what this board has: " + words);
  }

  const mcu::Board& board_;
  const Machine& machine_;
  Likely likely_;
};

} // namespace

Likely weigh(const mcu::Board& board, const Machine& machine) {
  return Scale(board, machine).weigh();
}

std::vector<Likely> likely_boards(const std::vector<mcu::Board>& boards, const Machine& machine) {
  std::vector<Likely> all;
  for (const mcu::Board& board : boards) all.push_back(weigh(board, machine));
  std::sort(all.begin(), all.end(), [](const Likely& a, const Likely& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.id < b.id;
  });
  return all;
}

} // namespace nasmcu
