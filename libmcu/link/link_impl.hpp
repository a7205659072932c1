// SPDX-License-Identifier: MIT
// Inside of Link; included by its own sources alone. link.cpp: the public face, the queue and the
// port. exchange.cpp: one exchange, from its turn to its answer. verdict.cpp: what came of a try.
#pragma once

#include <libmcu/link/inbox.hpp>
#include <libmcu/link/line_state.hpp>
#include <libmcu/link/link.hpp>
#include <libmcu/link/reply_pace.hpp>
#include <libmcu/link/wire_time.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace mcu {

/// Two coroutines share it and keep it alive: keep() opens the port and reads for ever, drive()
/// turns the queue. The reader feeds the inbox and wakes the driver when a reply is complete, so no
/// read is ever cancelled and no byte is lost between two exchanges.
struct Link::Impl {
  /// One ask (or a probe, which nobody waits for).
  struct Job {
    Job(const asio::any_io_executor& executor, Command asked)
        : command(std::move(asked)), done(executor) {}

    bool finished() const { return result.has_value(); }

    Command command;
    Exchange exchange;
    Urgency urgency = Urgency::normal;
    bool unknown = false;     ///< bytes of no known command: everything that comes is the answer
    bool want_frames = false; ///< the asker wants the received frames too
    bool shot = false;        ///< was put on the wire while the line was still being quieted
    bool tried = false;
    std::optional<Result<RawAnswer>> result;
    Signal done;
  };
  using JobPtr = std::shared_ptr<Job>;
  using Self = std::shared_ptr<Impl>;

  Impl(asio::any_io_executor executor, std::unique_ptr<Transport> transport,
       std::unique_ptr<Protocol> protocol, LinkOptions options);

  // link.cpp: asking
  static Task<Result<Reply>> ask(Self self, Command command, Urgency urgency);
  static Task<Result<RawAnswer>> ask_raw(Self self, Command command);
  static Task<Result<Bytes>> send_unknown(Self self, Bytes bytes);
  Result<JobPtr> submit(Command command, Urgency urgency, bool want_frames);
  Result<JobPtr> submit_unknown(Bytes bytes);
  Status enqueue(JobPtr job);
  void overtake(const Job& urgent);
  static bool drives_fan(const Job& job);
  static Error overtaken(const Job& job);
  bool is_power_frame(const Bytes& tx) const;
  void finish(const JobPtr& job, Result<RawAnswer> result);
  void fail_all(const Error& error);

  // link.cpp: the port
  void open_first();
  void came_up();
  void lost(std::string reason);
  void shut(const std::string& reason);
  static Task<void> keep(Self self);
  Task<void> read_until_lost();
  void received(ByteView bytes);
  void read_pending();
  void drop_pending();
  void trace(Direction direction, ByteView bytes);
  void tell_state();

  // exchange.cpp
  static Task<void> drive(Self self);
  Task<void> serve(JobPtr job);
  Task<void> shoot(JobPtr job);
  Task<Status> make_ready(JobPtr job);
  Task<void> quieten();
  Task<void> settle(JobPtr job);
  Task<Status> resync();
  Task<Status> wait_for_silence();
  Task<Result<RawAnswer>> attempt(JobPtr job);
  Task<Status> send(JobPtr job);
  Task<Status> write(ByteView bytes);
  Task<void> await_reply(JobPtr job, bool gathers);
  Task<void> gather(SteadyTime until);
  Task<void> collect();
  Task<void> sleep_until(SteadyTime time);
  Task<void> rest_until(SteadyTime time);
  bool must_sync(const Job& job) const;
  /// True when the answer of the last request, once more, would be one to this.
  bool mistakable(const Exchange& next) const {
    return next.ambiguous && !next.replies.empty() && next.tx != last_tx_;
  }
  bool cut_short() const { return !current_ || current_->finished(); }
  bool must_yield() const;
  bool quiet_now() const;
  JobPtr next_shot() const;
  JobPtr pick_probe() const;
  void listen(const Job& job);

  // verdict.cpp
  Result<RawAnswer> judge(const JobPtr& job, SteadyTime began, bool unsettled);
  Error came_early(const Job& job);
  Error no_answer(const std::string& what) const;
  void count_success(SteadyTime began);
  static std::size_t reply_bytes(const Exchange& exchange);

  void wake() { timer_.cancel(); }

  SteadyDuration send_time(std::size_t bytes) const;
  SteadyDuration settle_time() const;
  SteadyDuration deadline(std::size_t request) const;
  unsigned tries() const;
  SteadyTime last_activity() const { return std::max(last_rx_, tx_end_); }
  static SteadyTime now() { return std::chrono::steady_clock::now(); }

  Link* owner_ = nullptr; ///< null once the Link is gone
  asio::any_io_executor executor_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Protocol> protocol_;
  LinkOptions options_;
  LinkStats stats_;
  SteadyDuration byte_time_;
  std::vector<std::vector<int>> power_frames_;
  std::vector<JobPtr> probes_;

  // The port
  bool started_ = false;
  bool stopping_ = false;
  bool up_ = false;
  std::string down_reason_ = "the link has not been started";
  asio::steady_timer reopen_timer_;
  std::array<std::uint8_t, 256> chunk_{};

  // The line
  Inbox inbox_;
  LineState line_;
  bool disturbed_ = false; ///< an error happened: silence must be seen before the next request
  bool synced_ = false;    ///< what was owed before the current exchange has been proven to be in
  ReplyPace pace_;
  WireTime wire_;
  bool unsettled_ = false; ///< the next request goes out while an older answer's twin may come
  Bytes last_tx_;
  SteadyTime last_rx_{};
  SteadyTime complete_at_{}; ///< when the last byte of all that was asked for came
  SteadyTime tx_end_{};      ///< when the last byte sent has left the wire
  SteadyTime in_vain_{}; ///< the same of the last request whose answer is not waited for any more

  // The queue
  std::deque<JobPtr> urgent_;
  std::deque<JobPtr> normal_;
  JobPtr current_;
  asio::steady_timer timer_; ///< the driver's only one: whatever it waits for, waking it is wake()
};

} // namespace mcu
