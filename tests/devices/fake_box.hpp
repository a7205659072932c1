// SPDX-License-Identifier: MIT
// A shipped board's devices on its fake root, with its MCU simulated where that hangs on a tty.
#pragma once

#include <catch.hpp>

#include <libmcu/devices/inventory.hpp>
#include <libmcu/protocol/registry.hpp>

#include <fakeroot/fake_nodes.hpp>
#include <fakeroot/fake_root.hpp>
#include <mcusim/board.hpp>
#include <mcusim/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

/// A TempTree for thousands of small files: in memory where the system has such a place.
class FastTree {
public:
  FastTree() {
    std::string name = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    name += "/nasmcu-test-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root_ = name;
  }
  ~FastTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  FastTree(const FastTree&) = delete;
  FastTree& operator=(const FastTree&) = delete;

  const std::string& root() const { return root_; }
  std::string path(const std::string& below) const { return root_ + "/" + below; }

private:
  std::string root_;
};

class FakeBox {
public:
  struct Options {
    fakeroot::Options root;
    bool mcu = false; ///< with a simulated one on the tty
    std::shared_ptr<const mcu::Files> files;
  };

  FakeBox(const std::string& board, Options options)
      : root(board, tree.root(), options.root), nodes(root) {
    const auto file = mcu::read_board(NASMCU_SOURCE_DIR "/config/boards/" + board + ".ini",
                                      mcu::protocol_names());
    REQUIRE(file.board);
    mcu::Board described = *file.board;
    // Boards whose bays have no known ports: the fake root has the disks in order.
    for (mcu::BaySpec& bay : described.bays)
      if (bay.port.empty()) bay.port = root.value("disk" + bay.name + ".port");
    if (options.mcu) start_sim(described);
    mcu::InventoryOptions how;
    how.root = tree.root();
    how.byte_gap_set = true;
    how.files = options.files;
    auto made = mcu::Inventory::make(io.get_executor(), std::move(described), how);
    REQUIRE(made);
    devices = std::move(made).value();
    REQUIRE(devices->start().ok());
    if (options.mcu) REQUIRE(turn_until([&] { return devices->link()->up(); }));
  }
  ~FakeBox() {
    devices->stop();
    if (sim) sim->stop();
    io.restart();
    io.run_for(std::chrono::milliseconds(sim ? 200 : 1));
  }

  bool turn_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  template <class T>
  T await(mcu::Task<T> task) {
    std::optional<T> value;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T got) {
      REQUIRE_FALSE(error);
      value = std::move(got);
    });
    REQUIRE(turn_until([&] { return value.has_value(); }));
    return std::move(*value);
  }

  /// All at once, in as little time as the slowest takes.
  template <class T>
  std::vector<T> await_all(std::vector<mcu::Task<T>> tasks) {
    std::vector<std::optional<T>> values(tasks.size());
    std::size_t missing = tasks.size();
    for (std::size_t i = 0; i < tasks.size(); ++i)
      boost::asio::co_spawn(io, std::move(tasks[i]),
                            [&values, &missing, i](std::exception_ptr error, T got) {
                              REQUIRE_FALSE(error);
                              values[i] = std::move(got);
                              --missing;
                            });
    REQUIRE(turn_until([&] { return missing == 0; }));
    std::vector<T> all;
    for (auto& value : values) all.push_back(std::move(*value));
    return all;
  }

  /// Every device, as "led usb", with what it says of itself.
  std::map<std::string, mcu::Availability> all() {
    std::map<std::string, mcu::Availability> found;
    const auto note = [&](const std::string& kind, const mcu::Device* one) {
      if (one != nullptr) found[kind + " " + one->name()] = one->availability();
    };
    for (const auto& one : devices->fans()) note("fan", one.get());
    for (const auto& one : devices->sensors()) note("sensor", one.get());
    for (const auto& one : devices->leds()) note("led", one.get());
    for (const auto& one : devices->buttons()) note("button", one.get());
    note("", devices->buzzer());
    note("", devices->clock());
    note("", devices->power());
    return found;
  }
  std::string absent() {
    std::string text;
    for (const auto& [name, availability] : all())
      if (!availability.present) text += name + ": " + availability.reason + "\n";
    return text;
  }

  std::string read(const std::string& path) const {
    std::ifstream file(root.path(path), std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }

  boost::asio::io_context io{1};
  FastTree tree;
  fakeroot::FakeRoot root;
  fakeroot::FakeNodes nodes;
  std::unique_ptr<mcusim::Simulator> sim;
  std::unique_ptr<mcu::Inventory> devices;

private:
  void start_sim(const mcu::Board& board) {
    mcusim::SimulatorOptions options;
    REQUIRE(mcusim::play_board(board, options).ok());
    options.link = tree.root() + board.mcu->port;
    sim = std::make_unique<mcusim::Simulator>(io.get_executor(), options);
    REQUIRE(sim->start().ok());
  }
};
