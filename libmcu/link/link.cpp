// SPDX-License-Identifier: MIT
#include <libmcu/link/link_impl.hpp>
#include <libmcu/protocol/power_guard.hpp>

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace mcu {
namespace {

using namespace std::chrono_literals;

/// 8N1: a byte is ten bits on the wire.
SteadyDuration time_of_byte(const LineSettings& line, unsigned baud) {
  const unsigned bits =
      1 + 8 + (line.parity == LineSettings::Parity::even ? 1U : 0U) + line.stop_bits;
  return std::chrono::nanoseconds(1'000'000'000LL * bits / std::max(baud, 1U));
}

/// A coroutine of the link never throws; if one does it is a bug, and run() shall say so.
void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

} // namespace

// --- asking -------------------------------------------------------------------------------------

Link::Impl::Impl(asio::any_io_executor executor, std::unique_ptr<Transport> transport,
                 std::unique_ptr<Protocol> protocol, LinkOptions options)
    : executor_(std::move(executor)),
      transport_(std::move(transport)),
      protocol_(std::move(protocol)),
      options_(options),
      byte_time_(
          time_of_byte(protocol_->line(), options_.baud ? options_.baud : protocol_->line().baud)),
      power_frames_(protocol_->power_frames()),
      reopen_timer_(executor_),
      inbox_(*protocol_),
      pace_(byte_time_),
      wire_(byte_time_),
      timer_(executor_) {
  for (Command& command : protocol_->probes()) {
    Result<Exchange> exchange = protocol_->encode(command);
    if (!exchange || exchange->ambiguous || exchange->replies.empty()) continue;
    probes_.push_back(std::make_shared<Job>(executor_, command));
    probes_.back()->exchange = std::move(exchange).value();
  }
}

Result<Link::Impl::JobPtr> Link::Impl::submit(Command command, Urgency urgency, bool want_frames) {
  const bool power = std::holds_alternative<cmd::PowerOff>(command);
  if (power && !options_.power_off_allowed)
    return Error{Errc::denied, "power off: only the shutdown hook may cut the power; use "
                               "'mcuctl poweroff', which asks the system"};
  Result<Exchange> exchange = protocol_->encode(command);
  if (!exchange) return exchange.error();
  // A second lock on the same door: a codec's mistake must not cut the power either.
  if (!power && is_power_frame(exchange->tx))
    return Error{Errc::denied, describe(command) + ": encodes to the power-off frame; refused"};
  auto job = std::make_shared<Job>(executor_, std::move(command));
  job->exchange = std::move(exchange).value();
  job->urgency = urgency;
  job->want_frames = want_frames;
  if (Status queued = enqueue(job); !queued) return queued.error();
  return job;
}

Result<Link::Impl::JobPtr> Link::Impl::submit_unknown(Bytes bytes) {
  if (bytes.empty()) return Error{Errc::invalid_argument, "no bytes to send"};
  if (could_cut_power(*protocol_, bytes))
    return Error{Errc::denied, "bytes " + to_hex(bytes) +
                                   " contain, or begin, a frame that cuts the power; refused"};
  auto job = std::make_shared<Job>(executor_, cmd::Identify{});
  job->exchange.tx = std::move(bytes);
  job->unknown = true;
  job->want_frames = true;
  if (Status queued = enqueue(job); !queued) return queued.error();
  return job;
}

Status Link::Impl::enqueue(JobPtr job) {
  if (!up_) return Error{Errc::link_down, down_reason_};
  const bool urgent = job->urgency == Urgency::urgent;
  if (urgent) overtake(*job);
  (urgent ? urgent_ : normal_).push_back(std::move(job));
  // The driver sleeps for work, or pauses where an urgent command may cut in.
  if (!current_ || urgent) wake();
  return Done{};
}

/// What waits to drive the fan would undo an urgent command behind its back.
void Link::Impl::overtake(const Job& urgent) {
  if (!drives_fan(urgent)) return;
  std::erase_if(normal_, [this](const JobPtr& job) {
    if (!drives_fan(*job)) return false;
    finish(job, overtaken(*job));
    return true;
  });
}

bool Link::Impl::drives_fan(const Job& job) {
  return !job.unknown && std::holds_alternative<cmd::SetFanDuty>(job.command);
}

Error Link::Impl::overtaken(const Job& job) {
  return {Errc::busy, describe(job.command) + ": not sent, an urgent command set the fan instead"};
}

bool Link::Impl::is_power_frame(const Bytes& tx) const {
  const auto same = [](int wanted, std::uint8_t byte) { return wanted < 0 || byte == wanted; };
  return std::any_of(power_frames_.begin(), power_frames_.end(), [&](const auto& frame) {
    return frame.size() <= tx.size() && std::equal(frame.begin(), frame.end(), tx.begin(), same);
  });
}

void Link::Impl::finish(const JobPtr& job, Result<RawAnswer> result) {
  if (job->finished()) return;
  job->result = std::move(result);
  job->done.notify();
}

void Link::Impl::fail_all(const Error& error) {
  if (current_) finish(current_, error);
  for (std::deque<JobPtr>* queue : {&urgent_, &normal_}) {
    for (const JobPtr& job : *queue) finish(job, error);
    queue->clear();
  }
}

// --- the port -----------------------------------------------------------------------------------

void Link::Impl::open_first() {
  started_ = true;
  Status opened = transport_->open();
  if (opened) {
    up_ = true;
    down_reason_.clear();
  } else {
    down_reason_ = opened.error().what;
  }
  tell_state();
}

void Link::Impl::came_up() {
  up_ = true;
  down_reason_.clear();
  ++stats_.reopens;
  wire_.reopened();
  last_rx_ = now();
  tell_state();
}

/// The port vanished. What was on its way may still come when it is back.
void Link::Impl::lost(std::string reason) {
  if (!up_) return;
  line_.surprise();
  disturbed_ = true;
  shut(reason);
  tell_state();
}

void Link::Impl::shut(const std::string& reason) {
  up_ = false;
  down_reason_ = reason;
  transport_->cancel();
  transport_->close();
  inbox_.ignore();
  fail_all(Error{Errc::link_down, reason});
  wake();
}

Task<void> Link::Impl::keep(Self self) {
  const auto first = [&] { return std::max<SteadyDuration>(self->options_.reopen_first, 1ms); };
  SteadyDuration pause = first();
  while (!self->stopping_) {
    if (!self->up_) {
      self->reopen_timer_.expires_after(pause);
      const bool waited = co_await expired(self->reopen_timer_);
      if (!waited || self->stopping_) continue;
      pause = std::min<SteadyDuration>(2 * pause, self->options_.reopen_last);
      Status opened = self->transport_->open();
      if (!opened) {
        self->down_reason_ = opened.error().what;
        continue;
      }
      self->came_up();
    }
    const SteadyTime since = now();
    co_await self->read_until_lost();
    // A port that opens and vanishes again and again must not be reopened in a tight loop.
    if (now() - since > self->options_.reopen_last) pause = first();
  }
}

Task<void> Link::Impl::read_until_lost() {
  while (up_) {
    Result<std::size_t> count = co_await transport_->read_some(chunk_);
    if (!up_) co_return;
    if (!count)
      lost(count.error().what);
    else if (*count == 0)
      lost("the port hung up");
    else
      received(ByteView(chunk_).first(*count));
  }
}

void Link::Impl::received(ByteView bytes) {
  last_rx_ = now();
  trace(Direction::received, bytes);
  const bool lacked = !inbox_.complete();
  inbox_.feed(bytes);
  stats_.stray_bytes += inbox_.take_strays();
  if (inbox_.take_surprise()) line_.surprise();
  if (lacked) complete_at_ = last_rx_;
  if (inbox_.complete()) wake();
  for (const Event& event : inbox_.take_events()) {
    ++stats_.events;
    if (!owner_) continue;
    const auto tell = owner_->on_event; // a copy: it may destroy the Link
    if (tell) tell(event);
  }
}

/// Reads what is there, without waiting. What is here before a request is sent cannot be its
/// answer.
void Link::Impl::read_pending() {
  std::array<std::uint8_t, 256> bytes{};
  // 16 rounds are more than a tty holds; an endless stream must not keep us here.
  for (int round = 0; round < 16 && up_; ++round) {
    const std::size_t count = transport_->read_ready(bytes);
    if (count == 0) break;
    received(ByteView(bytes).first(count));
  }
}

/// Forgets a piece that has only begun: its rest must not complete a reply.
void Link::Impl::drop_pending() {
  inbox_.drop_pending();
  stats_.stray_bytes += inbox_.take_strays();
  if (inbox_.take_surprise()) line_.surprise();
}

void Link::Impl::trace(Direction direction, ByteView bytes) {
  if (!owner_ || !owner_->on_trace) return;
  const auto tell = owner_->on_trace;
  tell(direction, bytes);
}

void Link::Impl::tell_state() {
  if (!owner_ || !owner_->on_state) return;
  const auto tell = owner_->on_state;
  const std::string reason = down_reason_;
  tell(up_, reason);
}

// --- the public face ----------------------------------------------------------------------------

Link::Link(asio::any_io_executor executor, std::unique_ptr<Transport> transport,
           std::unique_ptr<Protocol> protocol, LinkOptions options)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(transport), std::move(protocol),
                                   options)) {
  impl_->owner_ = this;
}

Link::~Link() {
  impl_->owner_ = nullptr;
  stop();
}

void Link::start() {
  const std::shared_ptr<Impl> impl = impl_; // on_state may destroy us
  if (impl->started_ || impl->stopping_) return;
  impl->open_first();
  if (impl->stopping_) return;
  asio::co_spawn(impl->executor_, Impl::keep(impl), rethrow);
  asio::co_spawn(impl->executor_, Impl::drive(impl), rethrow);
}

void Link::stop() {
  const std::shared_ptr<Impl> impl = impl_;
  if (std::exchange(impl->stopping_, true)) return;
  impl->shut("the link has been stopped");
  impl->reopen_timer_.cancel();
}

namespace {

template <class JobPtr>
Task<void> done(JobPtr job) {
  while (!job->finished()) co_await job->done.wait();
}

} // namespace

Task<Result<Reply>> Link::ask(Command command, Urgency urgency) {
  return Impl::ask(impl_, std::move(command), urgency);
}

Task<Result<RawAnswer>> Link::ask_raw(Command command) {
  return Impl::ask_raw(impl_, std::move(command));
}

Task<Result<Bytes>> Link::send_unknown(Bytes bytes) {
  return Impl::send_unknown(impl_, std::move(bytes));
}

// Static, and the Impl by value: the Link may be gone when they resume.

Task<Result<Reply>> Link::Impl::ask(Self self, Command command, Urgency urgency) {
  Result<JobPtr> job = self->submit(std::move(command), urgency, false);
  if (!job) co_return job.error();
  co_await done(*job);
  Result<RawAnswer>& answer = *(*job)->result;
  if (!answer) co_return answer.error();
  co_return std::move(answer->reply);
}

Task<Result<RawAnswer>> Link::Impl::ask_raw(Self self, Command command) {
  Result<JobPtr> job = self->submit(std::move(command), Urgency::normal, true);
  if (!job) co_return job.error();
  co_await done(*job);
  co_return std::move(*(*job)->result);
}

Task<Result<Bytes>> Link::Impl::send_unknown(Self self, Bytes bytes) {
  Result<JobPtr> job = self->submit_unknown(std::move(bytes));
  if (!job) co_return job.error();
  co_await done(*job);
  Result<RawAnswer>& answer = *(*job)->result;
  if (!answer) co_return answer.error();
  co_return std::move(answer->frames.front());
}

SteadyDuration Link::deadline(std::size_t request) const { return impl_->deadline(request); }
bool Link::up() const { return impl_->up_; }
const std::string& Link::down_reason() const { return impl_->down_reason_; }
const Protocol& Link::protocol() const { return *impl_->protocol_; }
const LinkStats& Link::stats() const { return impl_->stats_; }
const LinkOptions& Link::options() const { return impl_->options_; }
void Link::set_options(const LinkOptions& options) {
  const unsigned baud = impl_->options_.baud; // the port is not reopened for this
  impl_->options_ = options;
  impl_->options_.baud = baud;
}

} // namespace mcu
