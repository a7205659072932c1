// SPDX-License-Identifier: MIT
#include <watchdogd/device.hpp>

#include <watchdogd/device_calls.hpp>

#include <libmcu/kernel/fake_socket.hpp>
#include <libmcu/kernel/find.hpp>
#include <libmcu/model/text.hpp>

#include <linux/watchdog.h>

#include <algorithm>

namespace nasmcu::watchdogd {
namespace {

using std::chrono::seconds;

constexpr std::string_view class_folder = "/sys/class/watchdog/";

int whole(seconds time) { return static_cast<int>(time.count()); }

/// "2 to 120 s"; empty where the kernel does not tell.
std::string range_of(const mcu::Files& files, const std::string& folder) {
  const auto least = files.number(folder + "/min_timeout");
  const auto most = files.number(folder + "/max_timeout");
  if (!least || !most || *most <= 0) return "";
  return std::to_string(*least) + " to " + std::to_string(*most) + " s";
}

mcu::Result<std::string> only_one(const mcu::Files& files, const std::string& root) {
  const std::string folder = root + std::string(class_folder);
  const std::vector<std::string> all = files.list(folder);
  if (all.size() == 1) return root + "/dev/" + all.front();
  std::string found;
  for (const std::string& one : all)
    found += (found.empty() ? "" : ", ") + one + " is " +
             files.read(folder + one + "/identity").value_or("without an identity");
  return mcu::Error{mcu::Errc::unsupported,
                    all.empty() ? "the kernel has no watchdog device"
                                : "several watchdogs, and nothing says which one: " + found +
                                      "; set [Watchdog] Device"};
}

} // namespace

mcu::Result<std::string> Device::find(const mcu::Files& files, const std::string& root,
                                      const std::string& wanted,
                                      const std::optional<mcu::WatchdogSpec>& board) {
  constexpr std::string_view scheme = "watchdog:";
  if (wanted.starts_with('/')) return wanted;
  if (!wanted.empty())
    return mcu::find_watchdog(files, root,
                              wanted.starts_with(scheme) ? wanted.substr(scheme.size()) : wanted);
  if (board) {
    auto found = mcu::find_watchdog(files, root, board->device.address);
    return found;
  }
  return only_one(files, root);
}

mcu::Result<std::unique_ptr<Device>> Device::open(const std::string& node, const std::string& root,
                                                  const DeviceWish& wish) {
  const mcu::Files files;
  const std::string folder = root + std::string(class_folder) + node.substr(node.rfind('/') + 1);
  const bool no_way_out = files.number(folder + "/nowayout").value_or(0) != 0;
  auto calls = mcu::is_fake(node) ? open_fake(node) : open_real(node, root);
  if (!calls) return calls.error();
  return std::make_unique<Device>(std::move(*calls), node.substr(root.size()), no_way_out,
                                  range_of(files, folder), wish);
}

Device::Device(std::unique_ptr<DeviceCalls> calls, std::string node, bool no_way_out,
               const std::string& range, const DeviceWish& wish)
    : calls_(std::move(calls)), range_(range) {
  told_.node = std::move(node);
  if (const auto support = calls_->support()) {
    told_.identity = support->identity;
    options_ = support->options;
  }
  told_.can_stop = !no_way_out && (options_ & WDIOF_MAGICCLOSE) != 0;
  // Some drivers tell of a reset without having said that they can.
  const int status = calls_->boot_status().value_or(0);
  if ((status & WDIOF_CARDRESET) != 0 || (options_ & WDIOF_CARDRESET) != 0)
    told_.reset_before = (status & WDIOF_CARDRESET) != 0;
  use(wish);
  if (no_way_out)
    told_.remarks.emplace_back("the kernel was told never to stop it (nowayout): a stop of "
                               "nas-watchdogd will reset the box");
}

void Device::use(const DeviceWish& wish) {
  std::erase_if(told_.remarks, [](const std::string& remark) {
    return remark.find("nowayout") == std::string::npos;
  });
  const std::string wanted = std::to_string(wish.timeout.count()) + " s";
  const auto set = calls_->set_timeout(whole(wish.timeout));
  const auto now = set ? set : calls_->timeout();
  told_.timeout = seconds(now.value_or(0));
  if (!set)
    told_.remarks.push_back(
        "the time-out of " + wanted + " was refused (" + set.error().what + "); " +
        (range_.empty() ? "the driver does not say which it takes" : "it takes " + range_) +
        (now ? "; " + std::to_string(*now) + " s stay in force" : ""));
  else if (seconds(*set) != wish.timeout)
    told_.remarks.push_back("the driver made " + std::to_string(*set) + " s of the time-out of " +
                            wanted + (range_.empty() ? "" : "; it takes " + range_));
  told_.pretimeout = seconds(0);
  if (wish.pretimeout == seconds(0)) return;
  if ((options_ & WDIOF_PRETIMEOUT) == 0) {
    told_.remarks.emplace_back("the driver has no pre-timeout");
    return;
  }
  const auto pre = calls_->set_pretimeout(whole(wish.pretimeout));
  told_.pretimeout = seconds(pre.value_or(0));
  if (!pre)
    told_.remarks.push_back("the pre-timeout of " + std::to_string(wish.pretimeout.count()) +
                            " s was refused (" + pre.error().what +
                            "); it has to be below the time-out of " +
                            std::to_string(told_.timeout.count()) + " s");
}

seconds Device::stretch(seconds time) {
  // Halves, since few drivers say what they take.
  for (; time > told_.timeout; time /= 2)
    if (const auto set = calls_->set_timeout(whole(time))) {
      told_.timeout = seconds(*set);
      break;
    }
  return told_.timeout;
}

bool Device::disarm() {
  const bool stops = calls_->allow_stop() && told_.can_stop;
  calls_.reset();
  return stops;
}

} // namespace nasmcu::watchdogd
