// SPDX-License-Identifier: MIT
// The other end of a fake device: a Unix stream socket that talks in lines, in a thread of its own,
// because those who open a device wait for its answers.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

/// Derived classes answer. All virtual functions are called with `mutex` held; a derived class
/// calls stop() in its destructor.
class LineServer {
public:
  explicit LineServer(std::string path) : path_(std::move(path)) {}
  virtual ~LineServer() { stop(); }
  LineServer(const LineServer&) = delete;
  LineServer& operator=(const LineServer&) = delete;

  void start() {
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path());
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) throw std::runtime_error("path too long");
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    wake_ = ::eventfd(0, EFD_CLOEXEC);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listener_, generic, sizeof address) != 0 || ::listen(listener_, 16) != 0)
      throw std::runtime_error("cannot listen on " + path_);
    thread_ = std::thread([this] { serve(); });
  }

  /// Hangs up and removes the socket.
  void stop() {
    if (!thread_.joinable()) return;
    const std::uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) != sizeof one) std::abort();
    thread_.join();
    const std::lock_guard lock(mutex);
    hang_up_all();
    ::close(listener_);
    ::close(wake_);
    std::filesystem::remove(path_);
  }

  /// Closes all connections, and goes on listening.
  void drop_clients() {
    const std::lock_guard lock(mutex);
    for (const auto& [fd, input] : clients_) ::shutdown(fd, SHUT_RDWR);
  }

  std::size_t connections() {
    const std::lock_guard lock(mutex);
    return accepted_;
  }

protected:
  virtual void greet(int client) = 0;
  virtual void heard(int client, const std::string& line) = 0;
  virtual void left(int client) = 0;

  static void say(int client, const std::string& line) {
    const std::string text = line + "\n";
    (void)!::send(client, text.data(), text.size(), MSG_NOSIGNAL);
  }
  const std::map<int, std::string>& clients() const { return clients_; }

  std::mutex mutex;

private:
  void serve() {
    for (;;) {
      std::vector<pollfd> all = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
      {
        const std::lock_guard lock(mutex);
        for (const auto& [fd, input] : clients_) all.push_back({fd, POLLIN, 0});
      }
      ::poll(all.data(), all.size(), -1);
      if (all[0].revents != 0) return;
      const std::lock_guard lock(mutex);
      if (all[1].revents != 0) welcome();
      for (std::size_t i = 2; i < all.size(); ++i)
        if (all[i].revents != 0) hear(all[i].fd);
    }
  }

  void welcome() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    ++accepted_;
    clients_[client] = {};
    greet(client);
  }

  void hear(int client) {
    char buffer[256];
    const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
    if (count <= 0) return hang_up(client);
    std::string& input = clients_[client];
    input.append(buffer, static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = input.find('\n')) != std::string::npos;) {
      const std::string line = input.substr(0, end);
      input.erase(0, end + 1);
      heard(client, line);
    }
  }

  void hang_up(int client) {
    left(client);
    clients_.erase(client);
    ::close(client);
  }
  void hang_up_all() {
    while (!clients_.empty()) hang_up(clients_.begin()->first);
  }

  std::string path_;
  int listener_ = -1, wake_ = -1;
  std::map<int, std::string> clients_; ///< what each has said of a line that is not ended
  std::size_t accepted_ = 0;
  std::thread thread_;
};
