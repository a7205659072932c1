// SPDX-License-Identifier: MIT
// A fake input device as libmcu/kernel/input_fake.cpp describes it.
#pragma once

#include "line_server.hpp"

#include <utility>

class FakeInputNode : public LineServer {
public:
  using Codes = std::map<std::string, int>;

  FakeInputNode(std::string path, std::string name, Codes codes)
      : LineServer(std::move(path)), name_(std::move(name)), codes_(std::move(codes)) {
    start();
  }
  ~FakeInputNode() override { stop(); }

  void key(const std::string& code, int value) {
    const std::lock_guard lock(mutex);
    codes_[code] = value;
    for (const auto& [client, input] : clients()) say(client, code + " " + std::to_string(value));
  }
  std::vector<std::string> sounds() {
    const std::lock_guard lock(mutex);
    return sounds_;
  }
  std::size_t open_now() {
    const std::lock_guard lock(mutex);
    return clients().size();
  }

protected:
  void greet(int client) override {
    say(client, "input " + name_);
    for (const auto& [code, value] : codes_)
      say(client, "has " + code + " " + std::to_string(value));
    say(client, "ready");
  }
  void heard(int, const std::string& line) override { sounds_.push_back(line); }
  void left(int) override {}

private:
  std::string name_;
  Codes codes_;
  std::vector<std::string> sounds_;
};
