// SPDX-License-Identifier: MIT
// A Controller's face on the bus, and what a client asks of it.
#include <fand/controller.hpp>

#include <fancontrol/words.hpp>

#include <fmt/format.h>

namespace nasmcu::fand {

void Controller::publish(sdbus::IConnection& connection) {
  const std::weak_ptr<Controller> weak = weak_from_this();
  // The object is destroyed before the controller, so a request always finds it.
  face_ = std::make_unique<Face>(
      bus_, connection, view_,
      Requests{[weak](double duty) { return set_manual(weak.lock(), duty); },
               [weak] { return set_auto(weak.lock()); },
               [weak] {
                 const auto self = weak.lock();
                 return Progress{self->cycles_, self->overdue(mcu::SteadyTime::clock::now())};
               }});
}

void Controller::unpublish() {
  face_.reset();
  fan_watch_.reset();
}

Task<Result<std::string>> Controller::set_manual(std::shared_ptr<Controller> self, double duty) {
  const mcu::Duty wanted{duty};
  if (!mcu::in_range(wanted))
    co_return mcu::Error{mcu::Errc::invalid_argument,
                         fmt::format("a duty is 0 to 100 percent, not {:g}", duty)};
  const auto done = co_await self->apply(wanted);
  if (!done) co_return done.error();
  co_return percent(wanted) + " until auto; heat and failsafe still override: " + *done;
}

Task<Result<std::string>> Controller::set_auto(std::shared_ptr<Controller> self) {
  const auto done = co_await self->apply(std::nullopt);
  co_return done;
}

/// Answers when the fan has been set, with the reason of what it does now. Without a lease nothing
/// is changed; auto alone is always accepted.
Task<Result<std::string>> Controller::apply(std::optional<mcu::Duty> manual) {
  if (lease_ == 0 && manual) co_return obstacle_;
  const auto before = std::exchange(manual_, manual);
  if (lease_ == 0) co_return "auto; " + view_.why;
  const unsigned mine = ++wish_;
  wake();
  while (lease_ != 0 && served_ < mine) co_await cycled_.wait();
  if (obstacle_.what.empty()) co_return view_.why;
  if (manual && wish_ == mine) manual_ = before;
  co_return obstacle_;
}

} // namespace nasmcu::fand
