// SPDX-License-Identifier: MIT
#pragma once

#include <mcusim/random.hpp>
#include <mcusim/sim_mcu.hpp>

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace mcusim {

enum class Fault : std::size_t {
  drop,        ///< the whole reply is lost
  drop_byte,   ///< one byte of the reply is lost
  drop_ack,    ///< the acknowledge behind a data frame is lost
  drop_data,   ///< the data frame in front of an acknowledge is lost
  flip,        ///< one bit of the reply is wrong
  dup,         ///< the reply comes twice
  late,        ///< the MCU is busy first, by default longer than the host waits
  split,       ///< pauses of 1 to 10 ms within the reply
  noise,       ///< 1 to 8 random bytes before the reply
  surplus,     ///< two zero bytes behind the reply
  ack_first,   ///< the acknowledge overtakes its data frame
  silent,      ///< the MCU neither does nor answers anything
  refuse,      ///< the MCU does not do it and says so; where the protocol has words for that
  host_drop,   ///< one byte of the host's frame is lost
  unsolicited, ///< 1 to 4 random bytes that nobody asked for
};

std::vector<std::string_view> fault_names();

/// Stands between a simulated MCU and the wire and damages what passes, by seeded chance. Pure.
class FaultInjector {
public:
  explicit FaultInjector(std::uint64_t seed);

  /// "KIND RATE", "KIND on", "KIND off", "KIND once" (the next reply that it can apply to), "KIND"
  /// (on), "off" (everything).
  mcu::Status set(const Words& words);
  /// The command line's form: "drop=0.05,flip=0.01,silent".
  mcu::Status set_list(std::string_view list);
  void set_late(Duration late) { late_ = late; }

  /// Asked for each frame that reaches the MCU.
  Verdict judge(bool may_refuse);
  /// What really reaches the wire of a reply.
  Reply damage(Reply reply);
  /// True when the byte does not reach the MCU. `frame_start`: the MCU is between frames.
  bool loses_host_byte(bool frame_start, std::size_t shortest_frame);
  /// Bytes that nobody asked for, when it is time for some; else none.
  mcu::Bytes unsolicited();

  bool active(Fault fault) const { return rule(fault).rate > 0 || rule(fault).once; }
  std::uint64_t count(Fault fault) const { return rule(fault).count; }
  nlohmann::json counts() const;   ///< injected so far, by kind
  nlohmann::json settings() const; ///< rates in force; "once" where that is pending

private:
  struct Rule {
    double rate = 0;
    bool once = false;
    std::uint64_t count = 0;
  };
  static constexpr std::size_t kinds = 15;

  const Rule& rule(Fault fault) const { return rules_[static_cast<std::size_t>(fault)]; }
  Rule& rule(Fault fault) { return rules_[static_cast<std::size_t>(fault)]; }
  bool strikes(Fault fault);
  mcu::Status set_rate(Fault fault, const std::string& rate);
  void flip_bit(Reply& reply);
  void lose_byte(Reply& reply);
  Reply split(const Reply& reply);
  mcu::Bytes random_bytes(unsigned most);

  std::array<Rule, kinds> rules_;
  Random random_;
  Duration late_ = std::chrono::milliseconds(600);
  std::size_t host_rest_ = 0; ///< bytes to come of the host's frame that loses one
  std::size_t host_lost_ = 0; ///< how many come behind the lost one
};

} // namespace mcusim
