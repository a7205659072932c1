// SPDX-License-Identifier: MIT
#include <mcusim/control.hpp>

#include <mcusim/unix_socket.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <utility>

#include <unistd.h>

namespace mcusim {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

/// Far above any command: a whole EEPROM image in hex is 768 bytes.
static constexpr std::size_t longest_line = 4096;
static constexpr std::size_t most_clients = 64;

struct Session : std::enable_shared_from_this<Session> {
  explicit Session(stream_protocol::socket peer) : socket(std::move(peer)) {}

  stream_protocol::socket socket;
  std::string input;
  std::string output;
};

struct Control::Impl : std::enable_shared_from_this<Impl> {
  Impl(const asio::any_io_executor& executor, std::string at, Handler with)
      : acceptor(executor), path(std::move(at)), handler(std::move(with)) {}

  void accept();
  void read(const std::shared_ptr<Session>& session);
  void take(const std::shared_ptr<Session>& session, error_code error, std::size_t size);
  void reply(const std::shared_ptr<Session>& session, const nlohmann::json& answer, bool last);
  void drop(const std::shared_ptr<Session>& session);

  stream_protocol::acceptor acceptor;
  std::string path;
  Handler handler;
  std::set<std::shared_ptr<Session>> sessions;
};

void Control::Impl::accept() {
  acceptor.async_accept(
      [self = shared_from_this()](error_code error, stream_protocol::socket peer) {
        if (!self->acceptor.is_open()) return;
        if (!error && self->sessions.size() < most_clients) {
          const auto session = std::make_shared<Session>(std::move(peer));
          self->sessions.insert(session);
          self->read(session);
        }
        self->accept();
      });
}

void Control::Impl::read(const std::shared_ptr<Session>& session) {
  asio::async_read_until(session->socket, asio::dynamic_buffer(session->input, longest_line), '\n',
                         [self = shared_from_this(), session](error_code error, std::size_t size) {
                           self->take(session, error, size);
                         });
}

void Control::Impl::take(const std::shared_ptr<Session>& session, error_code error,
                         std::size_t size) {
  if (sessions.count(session) == 0) return;
  if (error == asio::error::not_found) {
    reply(session,
          {{"ok", false},
           {"error", "a line is longer than " + std::to_string(longest_line) + " bytes"}},
          true);
    return;
  }
  if (error) {
    drop(session);
    return;
  }
  const std::string line = session->input.substr(0, size - 1);
  session->input.erase(0, size);
  reply(session, handler(line), false);
}

void Control::Impl::reply(const std::shared_ptr<Session>& session, const nlohmann::json& answer,
                          bool last) {
  // A client may send any bytes, and errors repeat them: what is no UTF-8 is replaced.
  session->output = answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  asio::async_write(session->socket, asio::buffer(session->output),
                    [self = shared_from_this(), session, last](error_code error, std::size_t) {
                      if (self->sessions.count(session) == 0) return;
                      if (error || last) {
                        self->drop(session);
                      } else {
                        self->read(session);
                      }
                    });
}

void Control::Impl::drop(const std::shared_ptr<Session>& session) {
  error_code ignored;
  session->socket.close(ignored);
  sessions.erase(session);
}

Control::Control(asio::any_io_executor executor, std::string path, Handler handler)
    : impl_(std::make_shared<Impl>(executor, std::move(path), std::move(handler))) {}

Control::~Control() { stop(); }

mcu::Status Control::start() {
  const mcu::Status status = listen_at(impl_->acceptor, impl_->path);
  if (status.ok()) impl_->accept();
  return status;
}

void Control::stop() {
  error_code ignored;
  if (impl_->acceptor.is_open()) ::unlink(impl_->path.c_str());
  impl_->acceptor.close(ignored);
  for (const auto& session : impl_->sessions) session->socket.close(ignored);
  impl_->sessions.clear();
}

} // namespace mcusim
