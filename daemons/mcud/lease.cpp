// SPDX-License-Identifier: MIT
#include <mcud/lease.hpp>

namespace nasmcu {

mcu::Result<std::uint64_t> Lease::acquire(const std::string& who, Instant now) {
  if (holder_ && holder_->who != who)
    return mcu::Error{mcu::Errc::busy, "the fan is driven by " + holder_->who};
  return seize(who, now);
}

std::uint64_t Lease::seize(const std::string& who, Instant now) {
  holder_ = Holder{who, ++last_id_, now + lifetime};
  return last_id_;
}

mcu::Status Lease::check(std::uint64_t id, const std::string& who) const {
  if (!holder_) return mcu::Error{mcu::Errc::busy, "this lease has ended; call Acquire again"};
  if (holder_->id != id || holder_->who != who)
    return mcu::Error{mcu::Errc::busy,
                      "this lease is not yours; the fan is driven by " + holder_->who};
  return mcu::Done{};
}

mcu::Status Lease::renew(std::uint64_t id, const std::string& who, Instant now) {
  mcu::Status mine = check(id, who);
  if (mine) holder_->expires = now + lifetime;
  return mine;
}

mcu::Status Lease::release(std::uint64_t id, const std::string& who) {
  mcu::Status mine = check(id, who);
  if (mine) end();
  return mine;
}

bool Lease::holder_gone(const std::string& who) {
  if (!holder_ || holder_->who != who) return false;
  end();
  return true;
}

bool Lease::expire(Instant now) {
  if (!holder_ || now < holder_->expires) return false;
  end();
  return true;
}

void Lease::end() { holder_.reset(); }

std::optional<Instant> Lease::expires() const {
  if (!holder_) return std::nullopt;
  return holder_->expires;
}

} // namespace nasmcu
