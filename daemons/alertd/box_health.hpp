// SPDX-License-Identifier: MIT
// What mcud tells of fans, sensors and the microcontroller, judged over time. Pure.
#pragma once

#include <alertd/alert.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nasmcu::alertd {

struct FanHealth {
  std::string name;
  bool present = false;
  double duty = 0; ///< percent in force
  std::optional<unsigned> rpm;
  std::optional<unsigned> stall_below; ///< rpm; nothing: the board does not say
  bool alarm = false;                  ///< its own alarm line
  bool in_failsafe = false;
  std::string why;
};
struct SensorHealth {
  std::string name;
  bool present = false, valid = false, asleep = false;
  std::string reason;
  double celsius = 0; ///< only while valid
  std::optional<double> max;
};
struct BoxSeen {
  bool mcud = false; ///< it answers
  std::string why;   ///< ... why not
  bool has_link = false, link_up = false;
  std::string link_reason;
  std::vector<FanHealth> fans;
  std::vector<SensorHealth> sensors;
};

/// How long something must be wrong before it is said, so that one late answer is no alert.
struct Patience {
  std::chrono::seconds fan{30}, sensor{60}, link{30}, mcud{60};
};

class BoxHealth {
public:
  using Time = std::chrono::steady_clock::time_point;
  explicit BoxHealth(Patience patience = {}) : patience_(patience) {}
  /// Stalled (duty > 0 and rpm below stall_below, rpm 0 where there is no such limit; or its
  /// alarm): failed. At or above max: failed at once; within 3 degrees below it: still failed until
  /// it is 3 degrees below. A present sensor without a believable reading that is not asleep:
  /// warning. The link down: failed. mcud not answering: failed, and nothing else is said of the
  /// box then; as long as that may still be a restart, all stands as it was.
  ///
  /// What cannot be read proves nothing: a stalled fan whose speed is lost stays stalled, a hot
  /// sensor without a reading stays hot.
  std::vector<Finding> judge(const BoxSeen& seen, Time now);

private:
  void judge_fan(const FanHealth& fan, Time now);
  void judge_sensor(const SensorHealth& sensor, Time now);
  void judge_heat(const SensorHealth& sensor);
  void say(std::string id, std::string subject, std::string text, std::string state,
           Severity severity = Severity::failed);
  /// True when it has been wrong for `patience`.
  bool lasts(const std::string& id, bool wrong, std::chrono::seconds patience, Time now);
  const Finding* last_found(const std::string& id) const; ///< null: not found the last time

  Patience patience_;
  std::map<std::string, Time> since_;  ///< wrong since
  std::map<std::string, Time> before_; ///< `since_` of the last time: what has gone is forgotten
  std::vector<Finding> found_, last_;
};

} // namespace nasmcu::alertd
