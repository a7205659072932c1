// SPDX-License-Identifier: MIT
#include <port/server.hpp>

#include <port/access.hpp>
#include <port/line_reader.hpp>
#include <port/request.hpp>
#include <port/unix_socket.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <spdlog/spdlog.h>

#include <array>
#include <optional>
#include <set>

#include <fcntl.h>

namespace nasmcu {
namespace {

namespace asio = mcu::asio;
using asio::ip::tcp;
using UnixStream = asio::local::stream_protocol;
using ErrorCode = boost::system::error_code;

asio::redirect_error_t<asio::use_awaitable_t<>> into(ErrorCode& error) {
  return asio::redirect_error(asio::use_awaitable, error);
}

/// What asio accepts would be inherited by programs that mcud starts.
void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

struct TcpEnds {
  tcp::endpoint client, server;
};

} // namespace

struct CommandPort::State : std::enable_shared_from_this<CommandPort::State> {
  struct Client;

  State(asio::any_io_executor on, Box& of, CommonOptions with, PortLimits at_most)
      : executor(std::move(on)),
        box(of),
        options(std::move(with)),
        limits(at_most),
        file(options.root + "/run/nasmcu/command.sock") {}

  template <class Acceptor>
  static Task<void> accept(std::shared_ptr<State> self, std::shared_ptr<Acceptor> acceptor);
  template <class Socket>
  void admit(Socket socket);
  static Task<void> serve(std::shared_ptr<State> self, std::shared_ptr<Client> client);
  static Task<void> talk(std::shared_ptr<State> self, std::shared_ptr<Client> client);
  static Task<void> turn_away(std::shared_ptr<State> self, std::shared_ptr<Client> client);
  static Task<bool> run_line(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                             std::string line);
  static Task<bool> send(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                         std::string text);
  static Task<void> hang_up(std::shared_ptr<State> self, std::shared_ptr<Client> client);
  bool may(const std::shared_ptr<Client>& client, const Request& request, const std::string& line);
  void stop();

  asio::any_io_executor executor;
  Box& box;
  CommonOptions options;
  PortLimits limits;
  bool remote_control = false;
  bool stopped = false;
  std::shared_ptr<tcp::acceptor> tcp_acceptor;
  std::shared_ptr<UnixStream::acceptor> unix_acceptor;
  std::string address; ///< of tcp_acceptor, as configured
  unsigned port = 0;
  UnixSocketFile file;
  std::set<std::shared_ptr<Client>> clients;     ///< being served
  std::set<std::shared_ptr<Client>> turned_away; ///< over the limit, being told so
  std::function<void()> on_shutdown;
};

/// One connection.
struct CommandPort::State::Client : std::enable_shared_from_this<Client> {
  Client(asio::generic::stream_protocol::socket connected, std::optional<TcpEnds> ends)
      : socket(std::move(connected)), timer(socket.get_executor()), tcp_ends(ends) {}

  /// Cancels what the socket is doing when `delay` is over.
  void limit(std::chrono::milliseconds delay) {
    timer.expires_after(delay);
    timer.async_wait([self = this->shared_from_this()](const ErrorCode& error) {
      if (error || self->timer.expiry() > std::chrono::steady_clock::now()) return;
      self->expired = true;
      self->cancel();
    });
  }
  void unlimit() { timer.expires_at(mcu::SteadyTime::max()); }

  void cancel() {
    ErrorCode ignored;
    socket.cancel(ignored);
  }

  asio::generic::stream_protocol::socket socket;
  asio::steady_timer timer;
  std::optional<TcpEnds> tcp_ends; ///< nothing on the Unix socket
  std::optional<Peer> peer;        ///< found out when first needed
  bool expired = false;
};

template <class Acceptor>
Task<void> CommandPort::State::accept(std::shared_ptr<State> self,
                                      std::shared_ptr<Acceptor> acceptor) {
  // Out of descriptors: waiting costs nothing, trying again at once a whole processor.
  constexpr std::chrono::milliseconds pause{100};
  while (acceptor->is_open()) {
    typename Acceptor::protocol_type::socket socket(self->executor);
    ErrorCode error;
    co_await acceptor->async_accept(socket, into(error));
    if (self->stopped || !acceptor->is_open()) co_return;
    if (!error) {
      self->admit(std::move(socket));
    } else if (error != boost::asio::error::connection_aborted) {
      asio::steady_timer timer(self->executor, pause);
      co_await timer.async_wait(into(error));
    }
  }
}

template <class Socket>
void CommandPort::State::admit(Socket socket) {
  close_on_exec(socket.native_handle());
  std::optional<TcpEnds> ends;
  if constexpr (std::is_same_v<Socket, tcp::socket>) {
    ErrorCode gone;
    const tcp::endpoint client_end = socket.remote_endpoint(gone);
    if (gone) return;
    const tcp::endpoint server_end = socket.local_endpoint(gone);
    if (gone) return;
    ends = TcpEnds{client_end, server_end};
    socket.set_option(tcp::no_delay(true), gone);
  }
  auto client = std::make_shared<Client>(std::move(socket), ends);
  if (clients.size() < limits.clients) {
    clients.insert(client);
    asio::co_spawn(executor, serve(shared_from_this(), client), asio::detached);
  } else if (turned_away.size() < limits.clients) {
    turned_away.insert(client);
    asio::co_spawn(executor, turn_away(shared_from_this(), client), asio::detached);
  } // else: closed without a word
}

Task<void> CommandPort::State::serve(std::shared_ptr<State> self, std::shared_ptr<Client> client) {
  try {
    co_await talk(self, client);
  } catch (const std::exception& error) {
    spdlog::error("command port: {}", error.what());
  }
  self->clients.erase(client);
  client->timer.cancel();
  ErrorCode ignored;
  client->socket.close(ignored);
}

Task<void> CommandPort::State::turn_away(std::shared_ptr<State> self,
                                         std::shared_ptr<Client> client) {
  client->limit(self->limits.linger);
  const bool sent = co_await send(self, client, std::string(legacy_error));
  if (sent) co_await hang_up(self, client);
  self->turned_away.erase(client);
  client->timer.cancel();
}

Task<void> CommandPort::State::talk(std::shared_ptr<State> self, std::shared_ptr<Client> client) {
  if (self->stopped) co_return;
  LineReader reader(self->limits.line);
  std::array<std::uint8_t, 512> buffer;
  bool first = true, open = true;
  client->limit(self->limits.idle);
  while (open) {
    ErrorCode error;
    const std::size_t size =
        co_await client->socket.async_read_some(asio::buffer(buffer), into(error));
    if (client->expired || self->stopped) break;
    reader.feed(std::span(buffer).first(size));
    while (std::optional<std::string> line = reader.next()) {
      if (first && looks_like_http(*line)) co_return;
      first = false;
      const bool go_on = co_await run_line(self, client, *line);
      if (!go_on || self->stopped) co_return;
    }
    if (error) open = false;
    if (reader.too_long()) break;
  }
  if (self->stopped) co_return;
  const LineReader::Rest rest = open ? LineReader::Rest{} : reader.finish();
  if (rest.kind == LineReader::Rest::Kind::line && !(first && looks_like_http(rest.text))) {
    const bool go_on = co_await run_line(self, client, rest.text);
    if (!go_on) co_return;
  }
  // Left here: over a limit, or cut off within a number.
  if (open || rest.kind == LineReader::Rest::Kind::cut) {
    client->expired = false;
    client->limit(self->limits.linger);
    const bool sent = co_await send(self, client, std::string(legacy_error));
    if (!sent) co_return;
  }
  co_await hang_up(self, client);
}

/// False when the client is to be closed, which is then done already.
Task<bool> CommandPort::State::run_line(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                                        std::string line) {
  const Request request = parse_request(line);
  Reply reply{std::string(legacy_error)};
  if (self->may(client, request, line)) {
    client->unlimit(); // the box has deadlines of its own
    Session session;
    session.box = &self->box;
    session.options = self->options;
    reply = co_await answer(session, request);
  }
  if (self->stopped) co_return false;
  client->limit(self->limits.idle);
  const bool sent = co_await send(self, client, reply.text);
  if (reply.then == Reply::Then::end_daemon) {
    spdlog::info("command port: ShutdownDaemon, ending");
    if (self->on_shutdown) self->on_shutdown();
  }
  if (!sent) co_return false;
  if (reply.then == Reply::Then::go_on) co_return true;
  co_await hang_up(self, client);
  co_return false;
}

Task<bool> CommandPort::State::send(std::shared_ptr<State> self, std::shared_ptr<Client> client,
                                    std::string text) {
  ErrorCode error;
  co_await asio::async_write(client->socket, asio::buffer(text), into(error));
  co_return !error && !self->stopped;
}

/// Closes our side and waits a little for the client's: closing with unread bytes would reset the
/// connection and could take the last answer with it.
Task<void> CommandPort::State::hang_up(std::shared_ptr<State> self,
                                       std::shared_ptr<Client> client) {
  ErrorCode error;
  client->socket.shutdown(asio::socket_base::shutdown_send, error);
  if (error || self->stopped) co_return;
  client->expired = false;
  client->limit(self->limits.linger);
  std::array<std::uint8_t, 512> buffer;
  while (!error && !client->expired && !self->stopped) {
    const std::size_t dropped =
        co_await client->socket.async_read_some(asio::buffer(buffer), into(error));
    (void)dropped;
  }
}

bool CommandPort::State::may(const std::shared_ptr<Client>& client, const Request& request,
                             const std::string& line) {
  if (request.access == Access::reading) return true;
  if (!client->peer)
    client->peer = client->tcp_ends
                       ? tcp_peer(client->tcp_ends->client, client->tcp_ends->server, options.root)
                       : unix_peer(client->socket.native_handle(), options.root);
  const bool yes = allowed(request.access, *client->peer, remote_control);
  const std::string_view word = request.legacy ? request.legacy->word
                                : request.verb ? request.verb->name
                                               : line;
  spdlog::log(yes ? spdlog::level::info : spdlog::level::warn, "command port: {} by {}{}", word,
              to_string(*client->peer), yes ? "" : ": denied");
  return yes;
}

void CommandPort::State::stop() {
  if (stopped) return;
  stopped = true;
  ErrorCode ignored;
  if (tcp_acceptor) tcp_acceptor->close(ignored);
  if (unix_acceptor) unix_acceptor->close(ignored);
  file.remove();
  for (const auto* set : {&clients, &turned_away})
    for (const std::shared_ptr<Client>& client : *set) {
      client->timer.cancel();
      client->cancel();
    }
}

CommandPort::CommandPort(asio::any_io_executor executor, Box& box, CommonOptions options,
                         PortLimits limits)
    : state_(std::make_shared<State>(std::move(executor), box, std::move(options), limits)) {
  state_->on_shutdown = [this] {
    if (on_shutdown) on_shutdown();
  };
}

CommandPort::~CommandPort() {
  stop();
  state_->on_shutdown = nullptr;
}

void CommandPort::stop() { state_->stop(); }

Status CommandPort::configure(const DaemonConfig& config) {
  state_->remote_control = config.remote_control;
  if (config.server_port == 0) {
    ErrorCode ignored;
    if (state_->tcp_acceptor) state_->tcp_acceptor->close(ignored);
    state_->tcp_acceptor.reset();
    return mcu::Done{};
  }
  const bool unchanged = state_->tcp_acceptor && state_->address == config.server_addr &&
                         state_->port == config.server_port;
  return unchanged ? Status(mcu::Done{}) : listen(config.server_addr, config.server_port);
}

Status CommandPort::listen(const std::string& address, unsigned port) {
  const auto refuse = [&](const std::string& why) {
    return mcu::Error{mcu::Errc::failed,
                      "cannot listen on " + address + " port " + std::to_string(port) + ": " + why};
  };
  ErrorCode error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) return refuse("not a numeric address");
  const tcp::endpoint endpoint(parsed, static_cast<std::uint16_t>(port));
  auto acceptor = std::make_shared<tcp::acceptor>(state_->executor);
  acceptor->open(endpoint.protocol(), error);
  if (error) return refuse(error.message());
  close_on_exec(acceptor->native_handle());
  acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return refuse(error.message());
  if (state_->tcp_acceptor) state_->tcp_acceptor->close(error);
  state_->tcp_acceptor = acceptor;
  state_->address = address;
  state_->port = port;
  asio::co_spawn(state_->executor, State::accept(state_, acceptor), asio::detached);
  return mcu::Done{};
}

Status CommandPort::open_unix_socket() {
  const Result<int> socket = state_->file.listen(state_->options.root);
  if (!socket) return socket.error();
  auto acceptor = std::make_shared<UnixStream::acceptor>(state_->executor);
  ErrorCode error;
  acceptor->assign(UnixStream(), *socket, error);
  if (error) return mcu::Error{mcu::Errc::failed, unix_path() + ": " + error.message()};
  state_->unix_acceptor = acceptor;
  asio::co_spawn(state_->executor, State::accept(state_, acceptor), asio::detached);
  return mcu::Done{};
}

unsigned CommandPort::tcp_port() const {
  ErrorCode error;
  if (!state_->tcp_acceptor) return 0;
  const tcp::endpoint endpoint = state_->tcp_acceptor->local_endpoint(error);
  return error ? 0 : endpoint.port();
}

const std::string& CommandPort::unix_path() const { return state_->file.path(); }
std::size_t CommandPort::clients() const { return state_->clients.size(); }

} // namespace nasmcu
