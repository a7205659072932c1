// SPDX-License-Identifier: MIT
// Work that may block (a sysfs file of a serial MCU takes up to 500 ms, a disk ten seconds), away
// from the loop that looks after fans and clients.
#pragma once

#include <libmcu/link/task.hpp>
#include <libmcu/model/result.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace mcu {

/// One thread, started by the first job, that does its jobs in order. Results come back in the
/// loop's thread. A job that never returns does not keep the process from ending: stop() answers
/// those who wait with an error and lets go of the thread. So a job refers only to what it owns.
/// stop() (or the end) comes before the loop's end.
class Worker {
public:
  explicit Worker(asio::any_io_executor executor);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// T is a Result; a job that throws gives `failed` with its words.
  template <class T>
  Task<T> run(std::function<T()> work) {
    auto job = std::make_shared<Job<T>>(executor_);
    // The thread never holds the job itself: its timer must not die there.
    post(job, [weak = std::weak_ptr<Job<T>>(job), work = std::move(work)] {
      const auto result = std::make_shared<T>(attempt(work));
      return [weak, result] {
        const auto waiting = weak.lock();
        if (!waiting) return;
        waiting->result = std::move(*result);
        waiting->done.notify();
      };
    });
    if (!job->result && job->given_up == nullptr) co_await job->done.wait();
    if (!job->result) co_return Error{Errc::failed, job->given_up};
    co_return std::move(*job->result);
  }

  void stop();

private:
  struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : done(executor) {}
    Signal done;
    const char* given_up = nullptr; ///< why there will be no result
  };
  template <class T>
  struct Job : Waiter {
    using Waiter::Waiter;
    std::optional<T> result;
  };
  struct Shared;
  using Work = std::function<std::function<void()>()>; ///< returns what the loop's thread shall do

  template <class T>
  static T attempt(const std::function<T()>& work) {
    try {
      return work();
    } catch (const std::exception& error) {
      return Error{Errc::failed, error.what()};
    }
  }
  void post(const std::shared_ptr<Waiter>& waiter, Work work);

  asio::any_io_executor executor_;
  std::shared_ptr<Shared> shared_;
  std::vector<std::weak_ptr<Waiter>> waiters_;
};

} // namespace mcu
