// SPDX-License-Identifier: MIT
// A fake GPIO chip as libmcu/kernel/line_fake.cpp describes it.
#pragma once

#include "line_server.hpp"

#include <sstream>

class FakeChip : public LineServer {
public:
  FakeChip(std::string path, std::string label, unsigned lines)
      : LineServer(std::move(path)), label_(std::move(label)), lines_(lines) {
    start();
  }
  ~FakeChip() override { stop(); }

  void drive(unsigned line, bool high) {
    const std::lock_guard lock(mutex);
    Line& one = lines_.at(line);
    const bool before = one.level();
    one.outside = high;
    if (one.holder >= 0 && !one.output && one.level() != before)
      say(one.holder, high ? "value 1" : "value 0");
  }
  bool level(unsigned line) {
    const std::lock_guard lock(mutex);
    return lines_.at(line).level();
  }
  bool held(unsigned line) {
    const std::lock_guard lock(mutex);
    return lines_.at(line).holder >= 0;
  }
  /// All levels that an output was set to.
  std::vector<bool> sets(unsigned line) {
    const std::lock_guard lock(mutex);
    return lines_.at(line).sets;
  }

protected:
  void greet(int client) override {
    say(client, "gpiochip " + label_ + " " + std::to_string(lines_.size()));
  }
  void heard(int client, const std::string& text) override {
    std::istringstream words(text);
    std::string verb, value;
    words >> verb;
    if (verb == "set") {
      words >> value;
      for (Line& one : lines_)
        if (one.holder == client) one.driven = value == "1", one.sets.push_back(one.driven);
      return;
    }
    unsigned number = 0;
    words >> number >> value;
    Line& line = lines_.at(number);
    if (line.holder >= 0) return say(client, "error busy: it is held");
    line.holder = client;
    line.driven = value == "keep" ? line.level() : value == "1";
    line.output = verb == "out";
    say(client, line.level() ? "value 1" : "value 0");
  }
  void left(int client) override {
    for (Line& one : lines_)
      if (one.holder == client) one.holder = -1;
  }

private:
  struct Line {
    bool outside = false, driven = false, output = false;
    int holder = -1;
    std::vector<bool> sets = {};
    bool level() const { return output ? driven : outside; }
  };
  std::string label_;
  std::vector<Line> lines_;
};
