// SPDX-License-Identifier: MIT
#include <mcusim/unix_socket.hpp>
#include <mcusim/wire.hpp>

#include <boost/asio/buffer.hpp>

#include <array>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace mcusim {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

class SocketWire final : public Wire, public std::enable_shared_from_this<SocketWire> {
public:
  SocketWire(const asio::any_io_executor& executor, std::string path)
      : acceptor_(executor), host_(executor), path_(std::move(path)) {}
  ~SocketWire() override { close(); }

  mcu::Status open() override {
    close();
    const mcu::Status status = listen_at(acceptor_, path_);
    if (status.ok()) accept();
    return status;
  }

  void close() override {
    error_code ignored;
    if (acceptor_.is_open()) ::unlink(path_.c_str());
    acceptor_.close(ignored);
    host_.close(ignored);
  }

  bool is_open() const override { return acceptor_.is_open(); }
  std::string path() const override { return path_; }

  bool write(mcu::ByteView bytes) override {
    if (!host_.is_open()) return false;
    const ssize_t sent =
        ::send(host_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(bytes.size());
  }

private:
  /// One host at a time: the next one waits in the queue until this one has gone.
  void accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](error_code error, stream_protocol::socket host) {
          if (error) return;
          self->host_ = std::move(host);
          self->read_host();
        });
  }

  void read_host() {
    host_.async_read_some(asio::buffer(buffer_),
                          [self = shared_from_this()](error_code error, std::size_t size) {
                            self->take(error, size);
                          });
  }

  void take(error_code error, std::size_t size) {
    if (!acceptor_.is_open()) return;
    if (error) {
      error_code ignored;
      host_.close(ignored);
      accept();
      return;
    }
    if (on_bytes) on_bytes({buffer_.data(), size});
    if (host_.is_open()) read_host();
  }

  stream_protocol::acceptor acceptor_;
  stream_protocol::socket host_;
  std::string path_;
  std::array<std::uint8_t, 512> buffer_{};
};

} // namespace

std::shared_ptr<Wire> make_socket_wire(asio::any_io_executor executor, std::string path) {
  return std::make_shared<SocketWire>(executor, std::move(path));
}

} // namespace mcusim
