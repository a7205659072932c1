// SPDX-License-Identifier: MIT
#pragma once

#include <libmcu/model/result.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mcusim {

/// The control socket: one line in, one JSON line out, for any number of clients up to 64.
class Control {
public:
  using Handler = std::function<nlohmann::json(std::string_view line)>;

  Control(boost::asio::any_io_executor executor, std::string path, Handler handler);
  ~Control(); ///< as stop()
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  mcu::Status start();
  /// Ends every session and removes the socket.
  void stop();

private:
  struct Impl;
  std::shared_ptr<Impl> impl_; ///< shared with pending handlers
};

} // namespace mcusim
