// SPDX-License-Identifier: MIT
// Where events go: mail, hooks, the journal. Each in its own time, none holds up another.
#pragma once

#include <alertd/alert.hpp>
#include <alertd/alert_config.hpp>

#include <common/child.hpp>
#include <libmcu/kernel/worker.hpp>

#include <memory>
#include <string>
#include <vector>

namespace nasmcu::alertd {

class Channels {
public:
  /// `root` is empty for the real machine; below another one mails and hooks of the real machine
  /// are not used: sendmail and alert.d are that root's.
  Channels(mcu::asio::any_io_executor executor, std::string root,
           std::shared_ptr<Children> children);

  void use(const AlertConfig& config) { config_ = config; }
  /// To all of them. Failures are logged, once for each event.
  void tell(const Event& event);
  void stop();

  /// "mail to root, 2 hooks, journal": what tell() will use.
  std::string words() const;

private:
  /// The programs in ROOT/etc/nasmcu/alert.d: root's own, and only root may write them.
  std::vector<std::string> hooks() const;
  static mcu::Task<void> run(std::shared_ptr<mcu::Worker> worker,
                             std::shared_ptr<Children> children, Program program, std::string what);
  void journal(const Event& event) const;

  mcu::asio::any_io_executor executor_;
  std::string root_;
  std::shared_ptr<Children> children_;
  std::shared_ptr<mcu::Worker> mail_, hook_; ///< one after the other each, in the events' order
  AlertConfig config_;
};

} // namespace nasmcu::alertd
