// SPDX-License-Identifier: MIT
// One exchange, from its turn to its answer. In the good path nothing sleeps but the wait for the
// reply itself; every pause below is the price of an error, or of an answer that could be mistaken.
#include <libmcu/link/link_impl.hpp>

#include <algorithm>
#include <utility>

namespace mcu {
namespace {

/// A noisy line never gets quiet: after this many times the wanted silence we go on regardless.
constexpr int patience = 4;

/// A surplus or repeated reply follows the real one at once. The longest acknowledge has seven
/// bytes; one more for the scheduler.
constexpr int settle_bytes = 8;

} // namespace

Task<void> Link::Impl::drive(Self self) {
  while (!self->stopping_) {
    std::deque<JobPtr>& queue = self->urgent_.empty() ? self->normal_ : self->urgent_;
    if (queue.empty()) {
      self->timer_.expires_at(SteadyTime::max());
      co_await expired(self->timer_);
      continue;
    }
    self->current_ = std::move(queue.front());
    queue.pop_front();
    co_await self->serve(self->current_);
    self->current_.reset();
  }
}

/// Tries `job` until it is answered, the tries are used up, or an urgent one wants its place.
Task<void> Link::Impl::serve(JobPtr job) {
  synced_ = false;
  if (job->urgency == Urgency::urgent && !job->shot) {
    const bool wait = !quiet_now() || must_sync(*job);
    if (wait) co_await shoot(job);
  }
  Error last;
  SteadyDuration pause = options_.backoff;
  const unsigned most = job->unknown ? 1 : tries();
  for (unsigned n = 0; n < most; ++n) {
    if (n > 0) {
      co_await rest_until(now() + pause);
      pause = std::min<SteadyDuration>(2 * pause, options_.timeout);
    }
    const Status ready = co_await make_ready(job);
    if (job->finished()) co_return;
    if (must_yield()) break;
    if (!ready) {
      last = ready.error();
      continue;
    }
    if (job->tried) ++stats_.retries;
    ++stats_.tries;
    job->tried = true;
    // One resynchronisation for all tries: what it cleared is not owed again.
    synced_ = true;
    const SteadyTime began = now();
    Result<RawAnswer> answer = co_await attempt(job);
    if (job->finished()) co_return;
    if (answer) {
      count_success(began);
      finish(job, std::move(answer));
      co_return;
    }
    last = answer.error();
    if (must_yield()) break;
  }
  if (!job->tried && must_yield()) {
    const bool undone =
        drives_fan(*job) && std::any_of(urgent_.begin(), urgent_.end(),
                                        [](const JobPtr& each) { return drives_fan(*each); });
    if (undone)
      finish(job, overtaken(*job));
    else
      normal_.push_front(std::move(job)); // its turn has not really come
    co_return;
  }
  if (must_yield()) last.what += " (not tried again: an urgent command came)";
  ++stats_.failures;
  finish(job, std::move(last));
}

bool Link::Impl::must_sync(const Job& job) const {
  return line_.must_sync(job.exchange, now(), deadline(job.exchange.tx.size()));
}

/// Puts the frame on the wire now. Its answer is not believed: whose it is cannot be known.
Task<void> Link::Impl::shoot(JobPtr job) {
  job->shot = true;
  ++stats_.tries;
  const SteadyTime began = now();
  const Status sent = co_await send(job);
  (void)sent; // the regular exchange behind it reports
  in_vain_ = tx_end_;
  inbox_.ignore();
  line_.owe(job->exchange.tx, began);
  disturbed_ = true;
  // Its acknowledge may still come, and could pass for that of the next try of who pauses here.
  synced_ = false;
}

/// Waits until `job` may be sent: silence after an error, and proof that no other command's reply
/// could be taken for its own.
Task<Status> Link::Impl::make_ready(JobPtr job) {
  const bool unsure = !synced_ && must_sync(*job);
  const bool first_silence = disturbed_ || unsure;
  if (first_silence) co_await quieten();
  co_await settle(job);
  if (cut_short() || must_yield() || synced_ || !must_sync(*job)) co_return Done{};
  Status found = co_await resync();
  if (!found) co_return found;
  co_await settle(job);
  co_return Done{};
}

/// Silence after an error: what the MCU still had to say is then in, and what it had half received
/// is dropped (these MCUs forget a partial frame after 20 to 50 ms).
Task<void> Link::Impl::quieten() {
  const SteadyTime bound = now() + patience * options_.quiet;
  while (!cut_short() && !must_yield()) {
    const SteadyTime until = std::min<SteadyTime>(bound, last_activity() + options_.quiet);
    if (now() >= until) {
      disturbed_ = false;
      break;
    }
    co_await rest_until(until);
  }
}

/// Takes in what has been received, and keeps a short distance where the last exchange's surplus
/// could be taken for this one's answer, or while something unasked is just coming in. Usually that
/// time has long passed. On a busy wire nobody waits for it: judge() knows such a surplus by its
/// coming too early, when each byte is read as it comes.
Task<void> Link::Impl::settle(JobPtr job) {
  const bool could_be_older = mistakable(job->exchange);
  unsettled_ = could_be_older && wire_.is_wire() && pace_.busy(now());
  const bool unsure = could_be_older && !unsettled_;
  const SteadyTime bound = now() + patience * settle_time();
  read_pending();
  while (!cut_short() && (unsure || inbox_.pending())) {
    const SteadyTime until = std::min(bound, last_rx_ + settle_time());
    if (now() >= until) break;
    co_await sleep_until(until);
    read_pending();
  }
  drop_pending();
}

/// Finds our place again: a read whose answer can only be its own, and behind which, because the
/// MCU answers in order, nothing older can come.
Task<Status> Link::Impl::resync() {
  ++stats_.resyncs;
  const JobPtr probe = pick_probe();
  if (!probe) {
    Status silent = co_await wait_for_silence();
    co_return silent;
  }
  const Result<RawAnswer> answer = co_await attempt(probe);
  if (answer && line_.synced()) co_return Done{};
  if (answer)
    co_return Error{Errc::timeout, "the MCU's answers are still incomplete after an error"};
  co_return Error{answer.error().code,
                  "finding the place again after an error: " + answer.error().what};
}

/// Where nothing can prove it: a reply later than two timeouts is given up. The time in which a
/// request was waited for in vain is the first of them, and no silence yet.
Task<Status> Link::Impl::wait_for_silence() {
  const SteadyTime bound = now() + options_.timeout;
  while (!cut_short() && !must_yield()) {
    const SteadyTime silent =
        std::max(in_vain_ + 2 * options_.timeout, last_activity() + options_.timeout);
    if (now() >= silent) {
      line_.clear();
      co_return Done{};
    }
    if (now() >= bound) break;
    co_await rest_until(std::min(bound, silent));
  }
  co_return Error{Errc::timeout, "the line does not get quiet after an error"};
}

/// One try. `job` is the current one or a probe on its behalf.
Task<Result<RawAnswer>> Link::Impl::attempt(JobPtr job) {
  const SteadyTime began = now();
  const bool unsettled = job->exchange.ambiguous && unsettled_;
  const bool leisure = pace_.take_turn(began);
  const Status sent = co_await send(job);
  if (!sent) {
    inbox_.ignore();
    line_.owe(job->exchange.tx, began);
    disturbed_ = true;
    co_return sent.error();
  }
  if (job->unknown) {
    co_await collect();
  } else {
    co_await await_reply(job, leisure && !unsettled);
  }
  co_return judge(job, began, unsettled);
}

/// Returns when the reply is complete or its time is up.
Task<void> Link::Impl::await_reply(JobPtr job, bool gathers) {
  const SteadyTime deadline = tx_end_ + options_.timeout;
  const SteadyTime earliest = tx_end_ + static_cast<int>(reply_bytes(job->exchange)) * byte_time_;
  if (gathers && !inbox_.complete()) {
    co_await gather(std::min(deadline, earliest + pace_.lateness()));
    if (inbox_.complete()) pace_.was_in_time();
  }
  const bool late = gathers && !inbox_.complete();
  while (!inbox_.complete() && !cut_short() && now() < deadline) {
    timer_.expires_at(deadline);
    co_await expired(timer_);
  }
  // A busy machine may have kept us from reading what came in time.
  if (!inbox_.complete() && !cut_short()) read_pending();
  if (late && inbox_.complete()) pace_.was_late(last_rx_ - earliest);
}

/// Lets the reply come in without being woken by each of its bytes. An urgent command does not wait
/// for the leisure.
Task<void> Link::Impl::gather(SteadyTime until) {
  transport_->hold_input(true);
  while (!inbox_.complete() && !cut_short() && !must_yield() && now() < until) {
    timer_.expires_at(until);
    co_await expired(timer_);
  }
  if (!cut_short()) read_pending();
  transport_->hold_input(false);
}

/// Sends the frame and notes when its last byte has left the wire: write() returns long before.
/// Replies count from the last byte on; what comes earlier cannot be one.
Task<Status> Link::Impl::send(JobPtr job) {
  const Bytes& tx = job->exchange.tx;
  const SteadyDuration gap = options_.byte_gap;
  last_tx_ = tx;
  SteadyTime next = std::max(now(), tx_end_);
  if (gap <= SteadyDuration::zero() || tx.size() < 2) {
    listen(*job);
    Status sent = co_await write(tx);
    tx_end_ = next + static_cast<int>(tx.size()) * byte_time_;
    co_return sent;
  }
  // On an absolute schedule, so that late wake-ups do not add up; but never before the byte in
  // front has left the wire.
  for (std::size_t i = 0; i < tx.size(); ++i) {
    transport_->spin_until(next);
    co_await sleep_until(next);
    if (cut_short()) co_return Error{Errc::link_down, down_reason_};
    if (i + 1 == tx.size()) listen(*job);
    const SteadyTime written = now();
    Status sent = co_await write(ByteView(tx).subspan(i, 1));
    if (!sent) co_return sent;
    tx_end_ = written + byte_time_;
    next = std::max(next + gap, tx_end_);
  }
  co_return Done{};
}

void Link::Impl::listen(const Job& job) {
  if (job.unknown)
    inbox_.await_anything();
  else
    inbox_.await(job.exchange);
}

Task<Status> Link::Impl::write(ByteView bytes) {
  Status written = co_await transport_->write(bytes);
  if (written)
    trace(Direction::sent, bytes);
  else if (written.error().code == Errc::link_down)
    lost(written.error().what);
  co_return written;
}

/// The answer to unknown bytes ends when the line falls silent, or at the deadline.
Task<void> Link::Impl::collect() {
  const SteadyTime deadline = tx_end_ + options_.timeout;
  while (!cut_short()) {
    SteadyTime until = deadline;
    if (inbox_.complete()) until = std::min<SteadyTime>(deadline, last_rx_ + options_.quiet);
    if (now() >= until) break;
    timer_.expires_at(until);
    co_await expired(timer_);
  }
}

Task<void> Link::Impl::sleep_until(SteadyTime time) {
  while (!cut_short() && now() < time) {
    timer_.expires_at(time);
    co_await expired(timer_);
  }
}

/// Sleeps where an urgent command may cut in: it ends the pause of a normal one; behind another
/// urgent one it is at least put on the wire.
Task<void> Link::Impl::rest_until(SteadyTime time) {
  while (!cut_short() && !must_yield() && now() < time) {
    const JobPtr waiting = next_shot();
    if (waiting) {
      co_await shoot(waiting);
      continue;
    }
    timer_.expires_at(time);
    co_await expired(timer_);
  }
}

bool Link::Impl::must_yield() const {
  return current_ && current_->urgency == Urgency::normal && !urgent_.empty();
}

bool Link::Impl::quiet_now() const {
  return !disturbed_ || now() >= last_activity() + options_.quiet;
}

Link::Impl::JobPtr Link::Impl::next_shot() const {
  const auto waiting =
      std::find_if(urgent_.begin(), urgent_.end(), [](const JobPtr& job) { return !job->shot; });
  return waiting == urgent_.end() ? nullptr : *waiting;
}

Link::Impl::JobPtr Link::Impl::pick_probe() const {
  const auto probe = std::find_if(probes_.begin(), probes_.end(), [&](const JobPtr& job) {
    return line_.would_prove(job->exchange);
  });
  return probe == probes_.end() ? nullptr : *probe;
}

unsigned Link::Impl::tries() const { return std::clamp(options_.tries, 1U, 10U); }

SteadyDuration Link::Impl::send_time(std::size_t bytes) const {
  return static_cast<int>(bytes) * std::max<SteadyDuration>(byte_time_, options_.byte_gap);
}

SteadyDuration Link::Impl::settle_time() const { return settle_bytes * byte_time_; }

SteadyDuration Link::Impl::deadline(std::size_t request) const {
  const SteadyDuration one =
      send_time(request) + options_.timeout + patience * (options_.quiet + settle_time());
  SteadyDuration total =
      send_time(request) + (tries() + 1) * one; // a shot; tries; resynchronisation
  SteadyDuration pause = options_.backoff;
  for (unsigned n = 1; n < tries(); ++n) {
    total += pause;
    pause = std::min<SteadyDuration>(2 * pause, options_.timeout);
  }
  return total;
}

} // namespace mcu
