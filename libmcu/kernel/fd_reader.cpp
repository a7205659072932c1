// SPDX-License-Identifier: MIT
#include <libmcu/kernel/fd_reader.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>

#include <chrono>

namespace mcu {

struct FdReader::State {
  State(const asio::any_io_executor& executor, int fd, std::function<bool()> on_readable,
        std::function<void()> on_lost)
      : pause(executor), read(std::move(on_readable)), lost(std::move(on_lost)), stream(executor) {
    // A descriptor of our own: Asio closes what it was given.
    boost::system::error_code failed;
    stream.assign(::fcntl(fd, F_DUPFD_CLOEXEC, 0), failed);
  }

  asio::steady_timer pause;
  std::function<bool()> read;
  std::function<void()> lost;
  asio::posix::stream_descriptor stream;
  bool ended = false;
};

FdReader::FdReader(asio::any_io_executor executor, int fd, std::function<bool()> read,
                   std::function<void()> lost)
    : state_(std::make_shared<State>(executor, fd, std::move(read), std::move(lost))) {
  asio::co_spawn(executor, watch(state_), asio::detached);
}

FdReader::~FdReader() {
  state_->ended = true;
  boost::system::error_code ignored;
  state_->stream.close(ignored);
  state_->pause.cancel();
}

Task<void> FdReader::watch(std::shared_ptr<State> state) {
  bool there = state->stream.is_open();
  while (there && !state->ended) {
    boost::system::error_code failed;
    co_await state->stream.async_wait(asio::posix::descriptor_base::wait_read,
                                      asio::redirect_error(asio::use_awaitable, failed));
    there = !failed && !state->ended && state->read();
  }
  if (state->ended) co_return;
  boost::system::error_code ignored;
  state->stream.close(ignored);
  state->pause.expires_after(std::chrono::milliseconds(100));
  const bool waited = co_await expired(state->pause);
  if (waited && !state->ended && state->lost) state->lost();
}

} // namespace mcu
