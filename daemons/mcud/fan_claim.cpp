// SPDX-License-Identifier: MIT
#include <mcud/fan_claim.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace nasmcu {

mcu::Task<FanClaim::Change> FanClaim::look(const std::uint64_t& writes) {
  const std::uint64_t written = writes;
  const bool before = rivalry_.theirs();
  mcu::Result<std::optional<mcu::Rival>> asked = co_await fan_.rival();
  const bool first = !std::exchange(known_, true);
  // A fan that cannot tell changes nothing: its writes will say what is wrong with it.
  if ((!asked && before) || writes != written) co_return Change::none;
  std::optional<mcu::Rival> seen = asked.value_or(std::nullopt);
  if (first && seen && seen->kind == mcu::Rival::Kind::program) seen.reset();
  Rivalry::Verdict verdict = rivalry_.judge(seen, std::chrono::steady_clock::now());
  const bool takes = verdict.action == Rivalry::Action::take_over;
  if (takes) {
    const mcu::Status taken = co_await fan_.take_over();
    verdict = rivalry_.took_over(taken, std::chrono::steady_clock::now());
  }
  tell(verdict);
  if (rivalry_.theirs()) co_return before ? Change::none : Change::lost;
  co_return takes || before ? Change::ours : Change::none;
}

void FanClaim::tell(const Rivalry::Verdict& verdict) const {
  if (verdict.line.empty()) return;
  spdlog::log(verdict.error ? spdlog::level::err : spdlog::level::warn, "fan {}: {}", fan_.name(),
              verdict.line);
}

mcu::Error FanClaim::refusal() const {
  return {mcu::Errc::busy, "fan " + fan_.name() + " is " + words()};
}

} // namespace nasmcu
