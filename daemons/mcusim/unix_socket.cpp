// SPDX-License-Identifier: MIT
#include <mcusim/unix_socket.hpp>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace mcusim {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;
using mcu::Errc;
using mcu::Error;

static mcu::Status clear_place(stream_protocol::acceptor& acceptor, const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return mcu::Done{};
  if (!S_ISSOCK(found.st_mode)) {
    return Error{Errc::failed, path + " exists and is no socket; give another path"};
  }
  stream_protocol::socket probe(acceptor.get_executor());
  error_code error;
  probe.connect(stream_protocol::endpoint(path), error);
  if (!error) return Error{Errc::busy, "another program listens at " + path};
  ::unlink(path.c_str());
  return mcu::Done{};
}

mcu::Status listen_at(stream_protocol::acceptor& acceptor, const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Error{Errc::invalid_argument,
                 "the path " + path + " is too long for a Unix socket (107 bytes at most)"};
  }
  const mcu::Status clear = clear_place(acceptor, path);
  if (!clear.ok()) return clear;
  error_code error;
  acceptor.open(stream_protocol(), error);
  if (!error) acceptor.bind(stream_protocol::endpoint(path), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) return mcu::Done{};
  error_code ignored;
  acceptor.close(ignored);
  return Error{Errc::failed, "cannot listen at " + path + ": " + error.message()};
}

} // namespace mcusim
