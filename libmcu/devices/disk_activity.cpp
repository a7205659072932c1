// SPDX-License-Identifier: MIT
#include <libmcu/devices/disk_activity.hpp>

namespace mcu {

Result<DiskActivity> read_activity(const Files& files, const std::string& block) {
  DiskActivity activity;
  const auto stat = files.read(block + "/stat");
  if (!stat) return stat.error();
  const auto accesses = accesses_of(*stat);
  if (!accesses) return Error{Errc::protocol, block + "/stat is not what it should be"};
  activity.accesses = *accesses;
  const std::string power = block + "/device/power/";
  const std::string status = files.read(power + "runtime_status").value_or("");
  if (status.starts_with("suspend"))
    activity.power = DiskActivity::Power::suspended;
  else if (status == "active" && files.read(power + "control").value_or("") == "auto")
    activity.power = DiskActivity::Power::active;
  return activity;
}

} // namespace mcu
