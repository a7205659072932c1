// SPDX-License-Identifier: MIT
// The device that nas-watchdogd holds, and the notes that outlive a reset.
#include <watchdogd/watchdogd.hpp>

#include <common/text_file.hpp>
#include <libmcu/model/printable.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <utility>

namespace nasmcu::watchdogd {
namespace {

using Clock = std::chrono::steady_clock;

/// A driver may be loaded late, and who has the device may let go of it.
constexpr seconds look_again{10};

/// With NoWayOut the system has so long to go down, if the driver takes it.
constexpr seconds way_down{300};

/// All checks have to pass so long before earlier resets count no longer.
constexpr seconds well_again{3600};

} // namespace

void Watchdogd::open_device() {
  look_for_device_ = Clock::now() + look_again;
  const auto node = Device::find(mcu::Files(), options_.root, config_.device, board_.watchdog);
  mcu::Error error;
  if (node) {
    auto device = Device::open(*node, options_.root, {config_.timeout, config_.pretimeout});
    if (device) return use_device(std::move(*device));
    error = device.error();
  } else {
    error = node.error();
  }
  const std::string words = mcu::one_line(error.what);
  if (words != no_device_) spdlog::warn("no watchdog device: {}", words);
  no_device_ = words;
  guard_.armed(false);
}

void Watchdogd::use_device(std::unique_ptr<Device> device) {
  device_ = std::move(device);
  no_device_.clear();
  const DeviceTold& told = device_->told();
  spdlog::info("{} ({}): resets the box {} s after the last feeding{}", told.node,
               mcu::one_line(told.identity), told.timeout.count(),
               told.can_stop ? "" : "; it cannot be stopped");
  for (const std::string& remark : told.remarks) spdlog::warn("{}: {}", told.node, remark);
  feeder_ = std::make_unique<Feeder>(*device_, system_.real());
  guard_.armed(true);
  record("arm", told.node + ", " + std::to_string(told.timeout.count()) + " s");
}

void Watchdogd::leave_device(bool disarm) {
  feeder_.reset();
  if (!device_) return;
  if (disarm) {
    const bool stopped = device_->disarm();
    spdlog::info(stopped ? "the watchdog is stopped"
                         : "the watchdog cannot be stopped, and goes on");
    record(stopped ? "disarm" : "leave", decision_.why);
  } else {
    const auto time = device_->stretch(way_down);
    (void)device_->feed();
    spdlog::warn("the watchdog stays armed (NoWayOut): it resets the box in {} s", time.count());
    record("leave", decision_.why);
  }
  device_.reset();
}

void Watchdogd::record(const std::string& what, const std::string& why) const {
  if (system_.real()) return;
  const Status kept = system_.record("watchdog", {what, why});
  if (!kept) spdlog::warn("{}", kept.error().what);
}

/// At the start, when the root disk is awake anyway.
void Watchdogd::read_notes() {
  const std::string path = ResetNotes::file(options_.root);
  if (auto text = read_text_file(path)) {
    saved_notes_ = std::move(*text);
    std::string damage;
    notes_ = ResetNotes(saved_notes_, &damage);
    if (!damage.empty()) spdlog::warn("{}: {}; resets may be forgotten", path, damage);
  }
  const ResetNotes before = notes_;
  notes_.begin(boot_, device_ ? device_->told().reset_before : std::nullopt, std::time(nullptr));
  const ResetNote* last = notes_.last(boot_);
  if (!(notes_ == before) && last != nullptr)
    spdlog::warn("the box was reset{}: {}{}", last->certain ? " by the watchdog" : "",
                 last->check.empty() ? "" : last->check + ": ", mcu::one_line(last->why));
  if (notes_ == before) return;
  mcu::asio::co_spawn(io_, save_notes(false), mcu::asio::detached);
}

void Watchdogd::take_notes(const Decision& decision) {
  if (decision.note == Note::none) return;
  const bool write = decision.note == Note::write;
  if (write)
    // What it will do next is no part of why.
    notes_.write(boot_, std::time(nullptr), decision.check,
                 decision.why.substr(decision.check.size() + 2,
                                     decision.why.rfind(';') - decision.check.size() - 2));
  else
    notes_.withdraw(boot_);
  // At the end finish() writes it.
  if (decision.phase != Phase::stopped)
    mcu::asio::co_spawn(io_, save_notes(write), mcu::asio::detached);
}

/// `needed`: without it a reset would not be counted. A disk that does not answer at all is no
/// refusal: then the device's own word counts it at the next start.
Task<void> Watchdogd::save_notes(bool needed) {
  const std::string text = notes_.text();
  if (text == saved_notes_ || (saved_notes_.empty() && text == ResetNotes().text())) co_return;
  saved_notes_ = text;
  const std::function<Status()> job = [path = ResetNotes::file(options_.root), text] {
    return write_file(path, text);
  };
  const Status written = co_await files_.run<Status>(job);
  if (written || process_.stops()) co_return;
  saved_notes_.clear();
  spdlog::error("{}", written.error().what);
  if (!needed) co_return;
  guard_.note_refused(written.error().what);
  decide();
}

void Watchdogd::settle_notes() {
  const auto since = guard_.healthy_since();
  if (!since || guard_.resets() == 0 || Clock::now() - *since < well_again || root_rests()) return;
  spdlog::info("an hour in which all was well: earlier resets count no longer");
  notes_.settle();
  guard_.forget_resets();
  mcu::asio::co_spawn(io_, save_notes(false), mcu::asio::detached);
}

bool Watchdogd::root_rests() const {
  return std::any_of(checks_.begin(), checks_.end(),
                     [](const auto& running) { return running->check->root_rests(); });
}

} // namespace nasmcu::watchdogd
