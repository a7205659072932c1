// SPDX-License-Identifier: MIT
#include <libmcu/kernel/hotplug.hpp>

#include <libmcu/kernel/fd_reader.hpp>
#include <libmcu/kernel/hotplug_burst.hpp>
#include <libmcu/kernel/hotplug_source.hpp>

namespace mcu {
namespace {

class Watch final : public HotPlug {
public:
  Watch(asio::any_io_executor executor, std::string root)
      : executor_(executor), root_(std::move(root)), timer_(std::move(executor)) {}
  ~Watch() override { Watch::stop(); }

  void start() override {
    stop();
    source_ = make_source();
    if (!source_) return;
    reader_ = std::make_unique<FdReader>(
        executor_, source_->fd(),
        [this] {
          if (source_->take()) happened();
          return true;
        },
        nullptr);
  }

  void stop() override {
    timer_.cancel();
    reader_.reset();
    source_.reset();
    burst_ = {};
  }

private:
  bool real() const { return root_.empty() || root_ == "/"; }

  /// Without the kernel's events (a service that may not have netlink sockets) the real /dev still
  /// tells of nodes.
  std::unique_ptr<HotPlugSource> make_source() const {
    std::unique_ptr<HotPlugSource> source = real() ? make_udev_source() : nullptr;
    return source ? std::move(source) : make_inotify_source(real() ? "" : root_);
  }

  void happened() {
    const bool waiting = burst_.due().has_value();
    burst_.event(std::chrono::steady_clock::now());
    if (waiting) return;
    timer_.expires_at(*burst_.due());
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](auto cancelled) {
      // Its call may have been under way when it was cancelled.
      if (!cancelled && !alive.expired() && burst_.due()) tell();
    });
  }

  void tell() {
    burst_.told(std::chrono::steady_clock::now());
    source_->renew();
    if (on_change) on_change();
  }

  asio::any_io_executor executor_;
  std::string root_;
  asio::steady_timer timer_;
  Burst burst_;
  std::unique_ptr<HotPlugSource> source_;
  std::unique_ptr<FdReader> reader_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace

std::unique_ptr<HotPlug> make_hotplug(asio::any_io_executor executor, const std::string& root) {
  return std::make_unique<Watch>(std::move(executor), root);
}

} // namespace mcu
