// SPDX-License-Identifier: MIT
#pragma once

#include <bus/bus.hpp>
#include <mcud/core.hpp>

#include <string>

namespace nasmcu {

/// nas-fand as seen over the bus: whether it runs, and duties by hand for it.
class FandClient final : public FanDaemon {
public:
  explicit FandClient(Bus& bus) : bus_(bus) {}

  void connected(); ///< watches the name on the fresh connection
  void lost();

  bool running() const override { return running_; }
  Task<Result<std::string>> set_manual(std::string fan, mcu::Duty duty) override;
  Task<Result<std::string>> set_auto(std::string fan) override;
  Task<void> explain(std::vector<FanView>& fans) override;

private:
  Task<void> look();

  Bus& bus_;
  sdbus::Slot watch_;
  bool running_ = false;
};

} // namespace nasmcu
