// SPDX-License-Identifier: MIT
// What a try has brought: whether the frames that came are believed, and what is still on its way.
#include <libmcu/link/link_impl.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace mcu {
namespace {

/// True when a reply that is no answer arrived undamaged: then it is the MCU that said no.
bool said_no(const Protocol& protocol, const Exchange& exchange, std::span<const Bytes> frames) {
  if (frames.size() != 1 || frames[0].empty()) return false;
  const Bytes& frame = frames[0];
  const bool fits = !exchange.replies.empty() && frame.size() == exchange.replies[0];
  if (fits && !exchange.ambiguous) return false;
  return protocol.with_check(Bytes(frame.begin(), frame.end() - 1)) == frame;
}

} // namespace

std::size_t Link::Impl::reply_bytes(const Exchange& exchange) {
  return std::accumulate(exchange.replies.begin(), exchange.replies.end(), std::size_t{0});
}

/// The verdict on a try whose time is up or whose frames are all here. `unsettled`: what the last
/// request's answer could have behind it was not waited for.
Result<RawAnswer> Link::Impl::judge(const JobPtr& job, SteadyTime began, bool unsettled) {
  const bool arrived = inbox_.complete();
  inbox_.ignore();
  const std::span<const Bytes> frames = inbox_.frames();
  const Exchange& exchange = job->exchange;
  const auto answered = [&](Reply reply) {
    RawAnswer answer{std::move(reply), {}};
    if (job->want_frames) answer.frames.assign(frames.begin(), frames.end());
    return answer;
  };
  if (job->unknown) {
    line_.owe(exchange.tx, began);
    line_.surprise();
    disturbed_ = true;
    if (!frames.empty()) return answered(frames.front());
    ++stats_.timeouts;
    return no_answer("bytes " + to_hex(exchange.tx));
  }
  if (!arrived) in_vain_ = tx_end_;
  const SteadyTime earliest = wire_.earliest(tx_end_, reply_bytes(exchange));
  if (arrived && unsettled && complete_at_ < earliest) {
    line_.owe(exchange.tx, began);
    return came_early(*job);
  }
  // A process that was stopped finds an answer that was right long ago.
  const bool stale = now() - began > deadline(exchange.tx.size());
  const bool complete = arrived && !stale;
  const bool enough = complete || (!frames.empty() && !stale);
  Result<Reply> reply = enough ? protocol_->decode(job->command, exchange, frames)
                               : Result<Reply>(no_answer(describe(job->command)));
  if (complete && reply) {
    line_.answered(exchange);
    if (!exchange.ambiguous && !exchange.replies.empty()) wire_.proven(earliest, complete_at_);
    return answered(std::move(reply).value());
  }
  if (reply) { // good data, but its acknowledge was lost or is late
    line_.answered(exchange);
    line_.owe(exchange.tx, began);
    ++stats_.missing_acks;
    return answered(std::move(reply).value());
  }
  line_.owe(exchange.tx, began);
  disturbed_ = true;
  if (complete) {
    ++stats_.bad_replies;
    if (said_no(*protocol_, exchange, frames)) ++stats_.refusals;
    return std::move(reply).error();
  }
  ++stats_.timeouts;
  return no_answer(enough ? reply.error().what : describe(job->command));
}

/// An acknowledge came while the request was still on its way out. Its own, which comes behind it,
/// is not believed either: the next try begins with silence.
Error Link::Impl::came_early(const Job& job) {
  line_.surprise();
  wire_.came_early();
  disturbed_ = true;
  ++stats_.bad_replies;
  return {Errc::protocol, describe(job.command) +
                              ": an answer came before the MCU can have read it, "
                              "that of an earlier command"};
}

Error Link::Impl::no_answer(const std::string& what) const {
  return {Errc::timeout,
          what + ": no complete answer within " + std::to_string(options_.timeout.count()) + " ms"};
}

void Link::Impl::count_success(SteadyTime began) {
  const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(now() - began).count();
  const auto rtt = static_cast<std::uint64_t>(spent);
  stats_.rtt_min_us = stats_.exchanges == 0 ? rtt : std::min(stats_.rtt_min_us, rtt);
  stats_.rtt_max_us = std::max(stats_.rtt_max_us, rtt);
  stats_.rtt_last_us = rtt;
  stats_.rtt_total_us += rtt;
  ++stats_.exchanges;
}

} // namespace mcu
