// SPDX-License-Identifier: MIT
// A simulated MCU on a wire: the shell around SimMcu, FaultInjector and pacing. It lives in the
// caller's io_context, so a test can run it beside the code under test.
#pragma once

#include <mcusim/faults.hpp>
#include <mcusim/sim_mcu.hpp>
#include <mcusim/trace.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mcusim {

struct SimulatorOptions {
  std::string protocol = "wt61p803";
  std::string link;                ///< symbolic link to the pty; empty: no link
  std::string listen;              ///< Unix socket, instead of a pty
  unsigned baud = 0;               ///< 0: the MCU's own
  bool pace = false;               ///< bytes take their time on the wire
  std::string trace;               ///< file; empty: none
  std::vector<std::string> faults; ///< "drop=0.05,flip=0.01"
  McuOptions mcu;
};

/// Says what is wrong with the options that a person has given: unknown protocol, bad fault.
mcu::Status check(const SimulatorOptions& options);

class Simulator {
public:
  Simulator(boost::asio::any_io_executor executor, SimulatorOptions options);
  ~Simulator(); ///< as stop()
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// Opens the wire. Fails on an unknown protocol, a bad fault, a path that is taken.
  mcu::Status start();
  /// Closes the wire and removes its path; what is pending ends by itself.
  void stop();

  /// What the host opens: the link, the pty itself without one, or the socket.
  std::string link_path() const;
  /// Preconditions of both: start() succeeded.
  SimMcu& mcu();
  FaultInjector& faults();

  /// One line of the control socket. Never throws.
  nlohmann::json command(std::string_view line);

  /// Called with everything that passes the wire, as the trace file shows it.
  std::function<void(Direction, mcu::ByteView, Time)> on_wire;

private:
  struct Impl;
  std::shared_ptr<Impl> impl_; ///< shared with pending handlers
};

} // namespace mcusim
