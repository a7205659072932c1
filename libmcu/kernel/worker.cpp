// SPDX-License-Identifier: MIT
#include <libmcu/kernel/worker.hpp>

#include <boost/asio/post.hpp>

#include <csignal>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace mcu {
namespace {

const char* const the_end = "given up, the program ends";

/// Signals are the loop's: here they would only interrupt a write.
class SignalsBlocked {
public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
  sigset_t before_{};
};

} // namespace

struct Worker::Shared {
  explicit Shared(asio::any_io_executor loop) : executor(std::move(loop)) {}

  asio::any_io_executor executor;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Work> jobs;
  bool running = false; ///< the thread has been started
  bool ended = false;   ///< for good: the loop may be gone

  static void work(std::shared_ptr<Shared> self) {
    std::unique_lock lock(self->mutex);
    while (true) {
      self->wake.wait(lock, [&] { return self->ended || !self->jobs.empty(); });
      if (self->ended) return;
      Work job = std::move(self->jobs.front());
      self->jobs.pop_front();
      lock.unlock();
      std::function<void()> deliver = job();
      job = nullptr; // what it owns goes here, not under the lock
      lock.lock();
      // Under the lock: nobody can end the loop between the question and the answer.
      if (!self->ended) asio::post(self->executor, std::move(deliver));
    }
  }
};

Worker::Worker(asio::any_io_executor executor)
    : executor_(executor), shared_(std::make_shared<Shared>(std::move(executor))) {}

Worker::~Worker() { stop(); }

void Worker::post(const std::shared_ptr<Waiter>& waiter, Work work) {
  std::erase_if(waiters_, [](const std::weak_ptr<Waiter>& one) { return one.expired(); });
  const std::lock_guard lock(shared_->mutex);
  if (shared_->ended) {
    waiter->given_up = the_end;
    return;
  }
  if (!shared_->running) {
    try {
      const SignalsBlocked inherited;
      // Detached: a job that hangs in the kernel must not hang the end of the process.
      std::thread(&Shared::work, shared_).detach();
      shared_->running = true;
    } catch (const std::system_error&) {
      waiter->given_up = "no thread could be started for it";
      return;
    }
  }
  waiters_.push_back(waiter);
  shared_->jobs.push_back(std::move(work));
  shared_->wake.notify_one();
}

void Worker::stop() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->ended = true;
    shared_->jobs.clear();
    shared_->wake.notify_all();
  }
  for (const std::weak_ptr<Waiter>& one : waiters_)
    if (const auto waiter = one.lock()) {
      waiter->given_up = the_end;
      waiter->done.notify();
    }
  waiters_.clear();
}

} // namespace mcu
