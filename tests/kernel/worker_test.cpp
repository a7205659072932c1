// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <libmcu/kernel/worker.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <future>
#include <stdexcept>
#include <thread>

using namespace mcu;
using namespace std::chrono_literals;

namespace {

using Answer = Result<int>;

/// A loop with a worker, and what came back.
struct Bench {
  /// Where the result goes, and in which thread.
  struct Seen {
    std::optional<Answer> answer;
    std::thread::id thread;
  };
  std::shared_ptr<Seen> ask(std::function<Answer()> work) {
    auto seen = std::make_shared<Seen>();
    asio::co_spawn(io, worker->run<Answer>(std::move(work)),
                   [seen](std::exception_ptr error, Answer answer) {
                     if (!error) seen->answer = std::move(answer);
                     seen->thread = std::this_thread::get_id();
                   });
    return seen;
  }
  bool turn_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end) return false;
      io.restart();
      io.run_one_for(10ms);
    }
    return true;
  }

  asio::io_context io{1};
  std::unique_ptr<Worker> worker = std::make_unique<Worker>(io.get_executor());
};

/// A file of a device that does not answer.
struct Stuck {
  std::promise<void> begun, released;
  std::shared_future<void> release = released.get_future().share();

  static std::function<Answer()> job(const std::shared_ptr<Stuck>& stuck) {
    return [stuck] {
      stuck->begun.set_value();
      stuck->release.wait();
      return Answer(1);
    };
  }
};

} // namespace

TEST_CASE("work is done in another thread, and its result comes back in the loop's") {
  Bench bench;
  std::promise<std::thread::id> where;
  const auto seen = bench.ask([&] {
    where.set_value(std::this_thread::get_id());
    return Answer(42);
  });
  REQUIRE(bench.turn_until([&] { return seen->answer.has_value(); }));
  CHECK(**seen->answer == 42);
  CHECK(seen->thread == std::this_thread::get_id());
  CHECK(where.get_future().get() != std::this_thread::get_id());
}

TEST_CASE("jobs are done in the order asked, one at a time") {
  Bench bench;
  auto order = std::make_shared<std::vector<int>>();
  std::shared_ptr<Bench::Seen> last;
  for (int i = 0; i < 20; ++i)
    last = bench.ask([order, i] {
      order->push_back(i); // no lock: one thread
      return Answer(i);
    });
  REQUIRE(bench.turn_until([&] { return last->answer.has_value(); }));
  REQUIRE(order->size() == 20);
  CHECK(std::is_sorted(order->begin(), order->end()));
}

TEST_CASE("while a job is stuck the loop goes on") {
  Bench bench;
  const auto stuck = std::make_shared<Stuck>();
  const auto seen = bench.ask(Stuck::job(stuck));
  bench.io.poll();
  stuck->begun.get_future().wait();
  int ticks = 0;
  asio::steady_timer timer(bench.io);
  std::function<void()> tick = [&] {
    timer.expires_after(1ms);
    timer.async_wait([&](const boost::system::error_code& error) {
      if (!error && ++ticks < 5) tick();
    });
  };
  tick();
  REQUIRE(bench.turn_until([&] { return ticks == 5; }));
  CHECK_FALSE(seen->answer);
  stuck->released.set_value();
  REQUIRE(bench.turn_until([&] { return seen->answer.has_value(); }));
}

TEST_CASE("stop() answers those who wait at once, and lets a stuck job go") {
  Bench bench;
  const auto stuck = std::make_shared<Stuck>();
  const auto first = bench.ask(Stuck::job(stuck));
  bool ran = false;
  const auto second = bench.ask([&] {
    ran = true;
    return Answer(2);
  });
  bench.io.poll();
  stuck->begun.get_future().wait();
  const auto begin = std::chrono::steady_clock::now();
  bench.worker->stop();
  REQUIRE(bench.turn_until([&] { return first->answer && second->answer; }));
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  CHECK(first->answer->error().code == Errc::failed);
  CHECK(second->answer->error().code == Errc::failed);
  const auto later = bench.ask([] { return Answer(3); });
  REQUIRE(bench.turn_until([&] { return later->answer.has_value(); }));
  CHECK_FALSE(*later->answer);
  bench.worker.reset();
  stuck->released.set_value(); // its result comes after the end: nobody is there, nothing happens
  CHECK_FALSE(ran);
}

TEST_CASE("an end without stop() in between leaves nobody waiting") {
  Bench bench;
  const auto stuck = std::make_shared<Stuck>();
  const auto seen = bench.ask(Stuck::job(stuck));
  bench.io.poll();
  stuck->begun.get_future().wait();
  bench.worker.reset();
  REQUIRE(bench.turn_until([&] { return seen->answer.has_value(); }));
  CHECK(seen->answer->error().what == "given up, the program ends");
  stuck->released.set_value();
}

TEST_CASE("a job that throws is a failure in words") {
  Bench bench;
  const auto seen = bench.ask([]() -> Answer { throw std::runtime_error("no memory"); });
  REQUIRE(bench.turn_until([&] { return seen->answer.has_value(); }));
  CHECK(seen->answer->error() == Error{Errc::failed, "no memory"});
  const auto next = bench.ask([] { return Answer(1); });
  REQUIRE(bench.turn_until([&] { return next->answer.has_value(); }));
  CHECK(next->answer->ok());
}
