// SPDX-License-Identifier: MIT
#include <common/service_process.hpp>

#include <common/notify.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <spdlog/spdlog.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <csignal>
#include <utility>

namespace nasmcu {

namespace {

/// By then every daemon has done once what it does now and then.
constexpr std::chrono::seconds settling{15};

} // namespace

ServiceProcess::ServiceProcess(mcu::asio::io_context& io)
    : io_(io), signals_(io), timer_(io), settled_(io) {}

void ServiceProcess::start(Owner owner) {
  owner_ = std::move(owner);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) signals_.add(signal);
  wait_for_signal();
  if (const auto interval = watchdog_interval())
    mcu::asio::co_spawn(io_, give_signs_of_life(*interval), mcu::asio::detached);
}

void ServiceProcess::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal != SIGHUP)
      owner_.stop();
    else if (!stops_) {
      owner_.reload();
      settle();
    }
    if (!stops_) wait_for_signal();
  });
}

mcu::Task<void> ServiceProcess::give_signs_of_life(std::chrono::microseconds interval) {
  while (!stops_) {
    if (!owner_.works || owner_.works()) notify("WATCHDOG=1");
    timer_.expires_after(interval);
    co_await mcu::expired(timer_);
  }
}

void ServiceProcess::ready() {
  if (std::exchange(ready_, true)) return;
  notify("READY=1");
  if (!status_.empty()) notify("STATUS=" + status_);
  settle();
}

/// A start takes several times the memory that the work behind it needs, in pieces between which
/// some are kept: the C library gives such pages back only when it is asked to.
void ServiceProcess::settle() {
#ifdef __GLIBC__
  settled_.expires_after(settling);
  settled_.async_wait([](const boost::system::error_code& error) {
    if (!error) ::malloc_trim(0);
  });
#endif
}

void ServiceProcess::status(const std::string& words) {
  if (words == status_) return;
  status_ = words;
  if (ready_) notify("STATUS=" + status_);
}

bool ServiceProcess::begin_stop() {
  if (std::exchange(stops_, true)) return false;
  notify("STOPPING=1");
  spdlog::info("stopping");
  return true;
}

void ServiceProcess::failed(const std::string& words) {
  spdlog::error("{}", words);
  exit_code_ = exit_failed;
}

void ServiceProcess::end() {
  stops_ = true;
  signals_.cancel();
  timer_.cancel();
  settled_.cancel();
}

} // namespace nasmcu
