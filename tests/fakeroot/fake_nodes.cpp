// SPDX-License-Identifier: MIT
#include "fake_nodes.hpp"

#include <fnmatch.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace fakeroot {
namespace {

constexpr int held = -1; ///< the value of a line that the kernel has for itself

int listen_on(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error(path + ": too long a path");
  std::copy(path.begin(), path.end(), address.sun_path);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  ::unlink(path.c_str());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 ||
      ::bind(fd, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address) != 0 ||
      ::listen(fd, 16) != 0)
    throw std::runtime_error(path + ": " + std::strerror(errno));
  return fd;
}

void send_line(int fd, const std::string& text) {
  const std::string line = text + "\n";
  // A test that does not read loses its events, as with a real evdev.
  (void)::send(fd, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Takes whole lines out of what came; false at the end of the stream.
bool receive(int fd, std::string& buffer, std::vector<std::string>& lines) {
  char bytes[512];
  const ssize_t count = ::recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return false;
  if (count > 0) buffer.append(bytes, static_cast<std::size_t>(count));
  for (auto end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
    lines.push_back(buffer.substr(0, end));
    buffer.erase(0, end + 1);
  }
  return true;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

} // namespace

class FakeNodes::Server {
public:
  explicit Server(FakeRoot& root) : root_(root) {
    if (::pipe(wake_) != 0) throw std::runtime_error("no pipe");
    for (const Device& device : root_.devices())
      if (device.there) open(device);
    thread_ = std::thread([this] { run(); });
  }
  ~Server() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake();
    thread_.join();
    while (!nodes_.empty()) close(nodes_.begin()->first);
    ::close(wake_[0]);
    ::close(wake_[1]);
  }

  void line(const std::string& label, unsigned number, int value) {
    const std::lock_guard lock(mutex_);
    Node& chip = find(label, true);
    int& now = level(chip, number);
    if (now == value) return;
    now = value;
    for (const Client& one : chip.clients)
      if (one.number == number && one.input) send_line(one.fd, "value " + std::to_string(value));
  }

  int line_value(const std::string& label, unsigned number) {
    const std::lock_guard lock(mutex_);
    return level(find(label, true), number);
  }

  void key(const std::string& name, const std::string& code, int value) {
    const std::lock_guard lock(mutex_);
    Node& input = find(name, false);
    const auto known = std::find_if(input.codes.begin(), input.codes.end(),
                                    [&](const auto& one) { return one.first == code; });
    if (known == input.codes.end()) throw std::runtime_error(name + " has no " + code);
    known->second = value;
    for (const Client& one : input.clients) send_line(one.fd, code + " " + std::to_string(value));
  }

  std::vector<std::string> sounds() {
    const std::lock_guard lock(mutex_);
    return sounds_;
  }

  int listeners(const std::string& name) {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, node] : nodes_)
      if (node.name == name) return static_cast<int>(node.clients.size());
    return 0;
  }

  int add(const std::string& pattern) {
    const std::lock_guard lock(mutex_);
    const int count = root_.add(pattern);
    for (const Device& device : root_.devices())
      if (device.there) open(device);
    wake();
    return count;
  }

  int remove(const std::string& pattern) {
    const std::lock_guard lock(mutex_);
    for (const Device& device : root_.devices())
      if (::fnmatch(pattern.c_str(), device.name.c_str(), 0) == 0)
        for (const Entry& entry : device.entries) close(entry.path);
    wake();
    return root_.remove(pattern);
  }

  const FakeRoot& root() const { return root_; }

private:
  struct Client {
    int fd = -1;
    std::string buffer;
    unsigned number = 0; ///< of the line that it has
    bool has_line = false, input = false;
  };
  struct Node {
    int fd = -1;
    bool gpio = false;
    std::string name; ///< label or name
    std::vector<int> levels;
    std::vector<std::pair<std::string, int>> codes;
    std::vector<Client> clients;
  };

  void open(const Device& device) {
    for (const Entry& entry : device.entries) {
      if (nodes_.contains(entry.path)) continue;
      if (entry.kind == Entry::Kind::gpio_chip)
        nodes_.emplace(entry.path, gpio(entry));
      else if (entry.kind == Entry::Kind::input)
        nodes_.emplace(entry.path, input(entry));
    }
  }

  /// gpio-chip PATH LABEL LINES [LINE=0|1|held ...]
  Node gpio(const Entry& entry) const {
    Node node;
    node.gpio = true;
    node.name = entry.words.at(0);
    node.levels.resize(std::stoul(entry.words.at(1)), 0);
    for (std::size_t i = 2; i < entry.words.size(); ++i) {
      const auto sign = entry.words[i].find('=');
      const std::string value = entry.words[i].substr(sign + 1);
      node.levels.at(std::stoul(entry.words[i].substr(0, sign))) =
          value == "held" ? held : std::stoi(value);
    }
    node.fd = listen_on(root_.folder() + entry.path);
    return node;
  }

  /// input PATH NAME CODE[=1] ...
  Node input(const Entry& entry) const {
    Node node;
    node.name = entry.words.at(0);
    for (std::size_t i = 1; i < entry.words.size(); ++i) {
      const auto sign = entry.words[i].find('=');
      node.codes.emplace_back(entry.words[i].substr(0, sign), sign != std::string::npos);
    }
    node.fd = listen_on(root_.folder() + entry.path);
    return node;
  }

  void close(const std::string& path) {
    const auto node = nodes_.find(path);
    if (node == nodes_.end()) return;
    ::unlink((root_.folder() + path).c_str());
    ::close(node->second.fd);
    for (const Client& client : node->second.clients) ::close(client.fd);
    nodes_.erase(node);
  }

  Node& find(const std::string& name, bool gpio) {
    for (auto& [path, node] : nodes_)
      if (node.name == name && node.gpio == gpio) return node;
    throw std::runtime_error("there is no " + std::string(gpio ? "chip " : "input ") + name);
  }

  static int& level(Node& chip, unsigned number) {
    if (number >= chip.levels.size()) throw std::runtime_error("no such line");
    return chip.levels[number];
  }

  void wake() const { (void)!::write(wake_[1], "", 1); }

  void run() {
    while (true) {
      std::vector<pollfd> polled{{wake_[0], POLLIN, 0}};
      {
        const std::lock_guard lock(mutex_);
        if (stop_) return;
        for (const auto& [path, node] : nodes_) {
          polled.push_back({node.fd, POLLIN, 0});
          for (const Client& client : node.clients) polled.push_back({client.fd, POLLIN, 0});
        }
      }
      (void)::poll(polled.data(), polled.size(), -1);
      char ignored[64];
      if (polled[0].revents != 0) (void)!::read(wake_[0], ignored, sizeof ignored);
      const std::lock_guard lock(mutex_);
      for (auto& [path, node] : nodes_) attend(node);
    }
  }

  void attend(Node& node) {
    for (int fd; (fd = ::accept4(node.fd, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      node.clients.push_back({fd, {}, 0, false, false});
      greet(node, fd);
    }
    for (Client& client : node.clients) {
      std::vector<std::string> lines;
      const bool open = receive(client.fd, client.buffer, lines);
      for (const std::string& line : lines) node.gpio ? ask(node, client, line) : sound(line);
      if (open) continue;
      ::close(client.fd);
      client.fd = -1;
    }
    std::erase_if(node.clients, [](const Client& client) { return client.fd < 0; });
  }

  static void greet(const Node& node, int fd) {
    if (node.gpio)
      return send_line(fd, "gpiochip " + node.name + " " + std::to_string(node.levels.size()));
    send_line(fd, "input " + node.name);
    for (const auto& [code, value] : node.codes)
      send_line(fd, "has " + code + " " + std::to_string(value));
    send_line(fd, "ready");
  }

  /// "in LINE", "out LINE VALUE|keep", "set VALUE".
  static void ask(Node& chip, Client& client, const std::string& line) {
    const auto words = words_of(line);
    if (client.has_line && !client.input && words.size() == 2 && words[0] == "set") {
      chip.levels[client.number] = words[1] == "1";
      return;
    }
    const bool output = words.size() == 3 && words[0] == "out";
    if (!output && !(words.size() == 2 && words[0] == "in"))
      return send_line(client.fd, "error not understood: " + line);
    const unsigned number = static_cast<unsigned>(std::stoul(words[1]));
    if (number >= chip.levels.size()) return send_line(client.fd, "error no such line");
    const bool taken = std::any_of(chip.clients.begin(), chip.clients.end(), [&](const Client& c) {
      return c.has_line && c.number == number;
    });
    if (taken || chip.levels[number] == held) return send_line(client.fd, "error busy");
    client.number = number;
    client.has_line = true;
    client.input = !output;
    if (output && words[2] != "keep") chip.levels[number] = words[2] == "1";
    send_line(client.fd, "value " + std::to_string(chip.levels[number]));
  }

  void sound(const std::string& line) { sounds_.push_back(line); }

  FakeRoot& root_;
  std::mutex mutex_;                  ///< for all that follows
  std::map<std::string, Node> nodes_; ///< by path
  std::vector<std::string> sounds_;
  bool stop_ = false;
  int wake_[2] = {-1, -1};
  std::thread thread_;
};

FakeNodes::FakeNodes(FakeRoot& root) : server_(std::make_unique<Server>(root)) {}
FakeNodes::~FakeNodes() = default;

void FakeNodes::line(const std::string& label, unsigned number, int value) {
  server_->line(label, number, value);
}
int FakeNodes::line_value(const std::string& label, unsigned number) const {
  return server_->line_value(label, number);
}
void FakeNodes::key(const std::string& input, const std::string& code, int value) {
  server_->key(input, code, value);
}
std::vector<std::string> FakeNodes::sounds() const { return server_->sounds(); }
int FakeNodes::listeners(const std::string& name) const { return server_->listeners(name); }
int FakeNodes::add(const std::string& pattern) { return server_->add(pattern); }
int FakeNodes::remove(const std::string& pattern) { return server_->remove(pattern); }

std::string FakeNodes::command(const std::string& text) try {
  const auto words = words_of(text);
  const std::string verb = words.empty() ? "" : words[0];
  const auto rest = [&] { return text.substr(std::min(text.size(), verb.size() + 1)); };
  // Names of input devices may have blanks in them: what counts is at the end.
  const auto name = [&] {
    std::string all;
    for (std::size_t i = 1; i + 2 < words.size(); ++i) all += (i > 1 ? " " : "") + words[i];
    return all;
  };
  if (verb == "key" && words.size() >= 4) {
    key(name(), words[words.size() - 2], std::stoi(words.back()));
    return "ok";
  }
  if (verb == "line" && words.size() == 4) {
    line(words[1], static_cast<unsigned>(std::stoul(words[2])), std::stoi(words[3]));
    return "ok";
  }
  if (verb == "value" && words.size() == 3)
    return "ok " +
           std::to_string(line_value(words[1], static_cast<unsigned>(std::stoul(words[2]))));
  if (verb == "sounds") {
    std::string all = "ok";
    for (const std::string& one : sounds()) all += " " + one;
    return all;
  }
  if (verb == "listeners") return "ok " + std::to_string(listeners(rest()));
  if (verb == "add") return "ok " + std::to_string(add(rest()));
  if (verb == "remove") return "ok " + std::to_string(remove(rest()));
  if (verb == "path") return "ok " + server_->root().path(rest());
  if (verb == "setting") return "ok " + server_->root().value(rest());
  return "error not understood: " + text;
} catch (const std::exception& error) {
  return std::string("error ") + error.what();
}

void FakeNodes::serve(const std::string& socket, int stop_fd) {
  const int listener = listen_on(socket);
  while (true) {
    pollfd polled[] = {{stop_fd, POLLIN, 0}, {listener, POLLIN, 0}};
    (void)::poll(polled, 2, -1);
    if (polled[0].revents != 0) break;
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    std::string buffer;
    std::vector<std::string> lines;
    pollfd both[] = {{stop_fd, POLLIN, 0}, {client, POLLIN, 0}};
    while (::poll(both, 2, -1) >= 0 && both[0].revents == 0 && receive(client, buffer, lines)) {
      for (const std::string& one : lines) send_line(client, command(one));
      lines.clear();
    }
    ::close(client);
  }
  ::close(listener);
  ::unlink(socket.c_str());
}

} // namespace fakeroot
