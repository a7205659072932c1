// SPDX-License-Identifier: MIT
#include <libmcu/kernel/find.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <optional>

namespace mcu {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "hwmon12" is a `hwmon` with a number.
bool numbered(std::string_view name, std::string_view kind) {
  return name.starts_with(kind) && all_digits(name.substr(kind.size()));
}

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// "FOLDER/NAME"
std::string below(std::string folder, std::string_view name) {
  if (!folder.ends_with('/')) folder += '/';
  return folder.append(name);
}

/// "'a', 'b'", cut behind a dozen.
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 12;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i)
    text += (i == 0 ? "" : ", ") + in_quotes(names[i]);
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text;
}

Error not_found(const std::string& what, const std::string& wanted,
                const std::vector<std::string>& there) {
  return {Errc::unsupported, "no " + what + " " + wanted + ": there " +
                                 (there.empty()       ? "is none"
                                  : there.size() == 1 ? "is only " + listed(there)
                                                      : "are " + listed(there))};
}

Error several(const std::string& what, const std::string& wanted,
              const std::vector<std::string>& there, const std::string& advice) {
  return {Errc::unsupported, "several " + what + " " + wanted + ": " +
                                 join({there.begin(), there.end()}) + "; " + advice};
}

/// The members of a class of devices, called KIND and a number, with a name of their own.
struct Member {
  std::string folder; ///< "hwmon3"
  std::string name;   ///< "qnapmcu"
};
std::vector<Member> members(const Files& files, const std::string& folder, std::string_view kind,
                            const std::string& name_file) {
  std::vector<Member> all;
  for (const std::string& one : files.list(folder))
    if (numbered(one, kind))
      if (auto name = files.read(below(below(folder, one), name_file)))
        all.push_back({one, std::string(trim(*name))});
  return all;
}

std::vector<std::string> names_of(const std::vector<Member>& all) {
  std::vector<std::string> names;
  for (const Member& one : all)
    if (std::find(names.begin(), names.end(), one.name) == names.end()) names.push_back(one.name);
  return names;
}

/// The only one of `all` that fits; the kernel's folder of it.
Result<std::string> only_one(const std::vector<Member>& all, const std::string& what,
                             std::string_view wanted, const std::string& advice) {
  std::vector<std::string> found;
  for (const Member& one : all)
    if (one.name == wanted) found.push_back(one.folder);
  if (found.size() == 1) return found.front();
  if (found.empty()) return not_found(what, in_quotes(wanted), names_of(all));
  return several(what + "s", in_quotes(wanted), found, advice);
}

} // namespace

Result<std::string> find_hwmon(const Files& files, const std::string& root, std::string_view chip) {
  const std::string folder = root + "/sys/class/hwmon/";
  const std::string_view name = chip.substr(0, chip.find('@'));
  const std::string device(chip.size() > name.size() ? chip.substr(name.size() + 1) : "");
  const std::vector<Member> all = members(files, folder, "hwmon", "name");
  std::vector<std::string> found, places;
  for (const Member& one : all) {
    if (one.name != name) continue;
    const std::string place = files.resolve(folder + one.folder + "/device");
    places.push_back(one.name + "@" + last_part(place));
    if (device.empty() || place.ends_with("/" + device)) found.push_back(one.folder);
  }
  if (found.size() == 1) return folder + found.front();
  if (found.empty())
    return not_found("hwmon chip", in_quotes(chip), places.empty() ? names_of(all) : places);
  return several("hwmon chips", in_quotes(chip), places, "the board file must say which");
}

Result<std::string> find_thermal_zone(const Files& files, const std::string& root,
                                      std::string_view type) {
  const std::string folder = root + "/sys/class/thermal/";
  auto found = only_one(members(files, folder, "thermal_zone", "type"), "thermal zone", type,
                        "nothing tells them apart");
  if (!found) return found;
  return folder + *found;
}

Result<std::string> find_led(const Files& files, const std::string& root,
                             const std::vector<std::string>& names) {
  const std::string folder = root + "/sys/class/leds/";
  const std::vector<std::string> all = files.list(folder);
  for (const std::string& name : names)
    if (std::find(all.begin(), all.end(), name) != all.end()) return folder + name;
  return not_found("LED", listed(names), all);
}

Result<std::string> find_input(const Files& files, const std::string& root, std::string_view name) {
  auto found = only_one(members(files, root + "/sys/class/input/", "event", "device/name"),
                        "input device", name, "nothing tells them apart");
  if (!found) return found;
  return root + "/dev/input/" + *found;
}

Result<RtcNode> find_rtc(const Files& files, const std::string& root, std::string_view name) {
  const std::string folder = root + "/sys/class/rtc/";
  std::vector<Member> all = members(files, folder, "rtc", "name");
  const bool by_number = numbered(name, "rtc");
  // "rtc-pcf85063 0-0051": the driver, and where it found the chip.
  for (Member& one : all)
    one.name = by_number ? one.folder : std::string(one.name.substr(0, one.name.find(' ')));
  auto found = only_one(all, "clock", name, "say rtc0, rtc1 ...");
  if (!found) return found.error();
  return RtcNode{folder + *found, root + "/dev/" + *found};
}

Result<std::string> find_watchdog(const Files& files, const std::string& root,
                                  std::string_view identity) {
  auto found = only_one(members(files, root + "/sys/class/watchdog/", "watchdog", "identity"),
                        "watchdog", identity, "nothing tells them apart");
  if (!found) return found;
  return root + "/dev/" + *found;
}

namespace {

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (!part.empty()) parts.emplace_back(part);
    path.remove_prefix(std::min(part.size() + 1, path.size()));
  }
  return parts;
}

bool hex(std::string_view text, std::size_t least, std::size_t most) {
  return text.size() >= least && text.size() <= most &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// "0002:21:00.0"
bool is_pci_address(std::string_view text) {
  const auto first = text.find(':');
  if (first == std::string_view::npos || !hex(text.substr(0, first), 4, 8)) return false;
  const std::string_view rest = text.substr(first + 1);
  return rest.size() == 7 && hex(rest.substr(0, 2), 2, 2) && rest[2] == ':' &&
         hex(rest.substr(3, 2), 2, 2) && rest[5] == '.' && rest[6] >= '0' && rest[6] <= '7';
}

/// A device's path below /sys/devices, part by part, from the outermost.
struct Chain {
  std::string base; ///< .../sys/devices
  std::vector<std::string> parts;

  std::string path(std::size_t upto) const {
    std::string text = base;
    for (std::size_t i = 0; i <= upto; ++i) text += "/" + parts[i];
    return text;
  }
};

/// "pci", "platform" or another bus; by its link or, where a tree has none, by its looks.
std::string bus_of(const Files& files, const Chain& chain, std::size_t index) {
  const std::string link = files.resolve(chain.path(index) + "/subsystem");
  if (!link.empty()) return last_part(link);
  const std::string& part = chain.parts[index];
  if (is_pci_address(part)) return "pci";
  const bool bridge = part.starts_with("pci") && part.find(':') != std::string::npos;
  return index > 0 && chain.parts.front() == "platform" && !bridge ? "platform" : "";
}

/// "platform-3c0800000.pcie-pci-0002:21:00.0": of a row of devices on one bus the innermost.
std::string controller_name(const Files& files, const Chain& chain, std::size_t inside) {
  std::string name, bus_before;
  for (std::size_t i = inside; i-- > 0;) {
    const std::string bus = bus_of(files, chain, i);
    if (bus != bus_before && (bus == "pci" || bus == "platform"))
      name.insert(0, bus + "-" + chain.parts[i] + (name.empty() ? "" : "-"));
    bus_before = bus;
  }
  return name;
}

/// The port's number within its controller, counted from 1.
std::string port_number(const Files& files, const std::string& root, const Chain& chain,
                        std::size_t ata) {
  const std::string& name = chain.parts[ata];
  if (auto number = files.read(root + "/sys/class/ata_port/" + name + "/port_no"))
    if (all_digits(trim(*number))) return std::string(trim(*number));
  // Older kernels do not tell; ports of one controller are numbered in a row.
  int position = 1;
  for (const std::string& one : files.list(ata == 0 ? chain.base : chain.path(ata - 1))) {
    if (one == name) break;
    if (numbered(one, "ata")) ++position;
  }
  return std::to_string(position);
}

/// "H:B:T:L": 0 and 0 for the only disk of a port.
struct Target {
  std::string bus = "0", target = "0";
};
Target target_of(const std::string& scsi) {
  Target result;
  const auto first = scsi.find(':');
  const auto second = scsi.find(':', first + 1);
  const auto third = scsi.find(':', second + 1);
  if (first == std::string::npos || second == std::string::npos || third == std::string::npos)
    return result;
  result.bus = scsi.substr(first + 1, second - first - 1);
  result.target = scsi.substr(second + 1, third - second - 1);
  return result;
}

/// A disk with its port's names. Older versions of udev leave out where on the port it is; ours
/// does so for the first one, which has no port multiplier or other disk beside it.
struct Named {
  DiskOnPort on;
  std::string exact; ///< "...-ata-1.0"
};

std::string drivetemp_of(const Files& files, const std::string& root, const std::string& device) {
  for (const std::string& one : files.list(device + "/hwmon"))
    if (files.read(below(below(device + "/hwmon", one), "name")).value_or("") == "drivetemp")
      return below(root + "/sys/class/hwmon", one);
  const std::string folder = root + "/sys/class/hwmon/";
  for (const Member& one : members(files, folder, "hwmon", "name"))
    if (one.name == "drivetemp" && files.resolve(folder + one.folder + "/device") == device)
      return folder + one.folder;
  return {};
}

std::optional<Named> named_disk(const Files& files, const std::string& root,
                                const std::string& disk) {
  const std::string sysfs = root + "/sys/block/" + disk;
  const std::string device = files.resolve(sysfs + "/device");
  const std::string base = files.resolve(root + "/sys/devices");
  if (base.empty() || !device.starts_with(base + "/")) return {};
  const Chain chain{base, parts_of(std::string_view(device).substr(base.size()))};
  const auto ata = std::find_if(chain.parts.begin(), chain.parts.end(),
                                [](const std::string& part) { return numbered(part, "ata"); });
  if (ata == chain.parts.end()) return {};
  const auto index = static_cast<std::size_t>(ata - chain.parts.begin());
  const std::string plain =
      controller_name(files, chain, index) + "-ata-" + port_number(files, root, chain, index);
  const Target at = target_of(chain.parts.back());
  Named named;
  named.exact = plain + "." + (at.bus == "0" ? at.target : at.bus + ".0");
  named.on.port = at.bus == "0" && at.target == "0" ? plain : named.exact;
  named.on.disk = {disk, sysfs, drivetemp_of(files, root, device)};
  return named;
}

std::vector<Named> named_disks(const Files& files, const std::string& root) {
  std::vector<Named> all;
  for (const std::string& disk : files.list(root + "/sys/block"))
    if (auto named = named_disk(files, root, disk)) all.push_back(std::move(*named));
  return all;
}

/// The disks whose port answers to this name; the whole name goes before its end.
std::vector<const Named*> on_port(const std::vector<Named>& all, const std::string& port) {
  std::vector<const Named*> whole, end;
  for (const Named& one : all) {
    if (one.on.port == port || one.exact == port) whole.push_back(&one);
    if (one.on.port.ends_with("-" + port) || one.exact.ends_with("-" + port)) end.push_back(&one);
  }
  // Versions of udev differ in whether the platform in front of a PCI bus is named.
  return whole.empty() && port.starts_with("pci-") ? end : whole;
}

} // namespace

Result<DiskNode> find_disk(const Files& files, const std::string& root, std::string_view port) {
  const std::vector<Named> all = named_disks(files, root);
  const std::vector<const Named*> found = on_port(all, std::string(port));
  if (found.size() == 1) return found.front()->on.disk;
  std::vector<std::string> ports;
  ports.reserve(all.size());
  for (const Named& one : all) ports.push_back(one.on.port);
  if (found.empty()) return not_found("disk on port", in_quotes(port), ports);
  ports.clear();
  for (const Named* one : found) ports.push_back(one->on.port + " (" + one->on.disk.name + ")");
  Error error = several("disks on port", in_quotes(port), ports, "the board file must say which");
  error.code = Errc::invalid_argument;
  return error;
}

std::vector<DiskOnPort> disks_on_ports(const Files& files, const std::string& root) {
  std::vector<DiskOnPort> all;
  for (Named& one : named_disks(files, root)) all.push_back(std::move(one.on));
  return all;
}

namespace {

/// Drivers write '-' where hwmon, which does not allow it, has '_'.
bool alike(std::string one, std::string other) {
  std::replace(one.begin(), one.end(), '-', '_');
  std::replace(other.begin(), other.end(), '-', '_');
  return !one.empty() && one == other;
}

} // namespace

std::vector<BoundZone> zones_driving(const Files& files, const std::string& root,
                                     const std::string& hwmon) {
  const std::string driver = last_part(files.resolve(hwmon + "/device/driver"));
  const std::string chip = files.read(hwmon + "/name").value_or("");
  const std::string folder = root + "/sys/class/thermal/";
  std::vector<BoundZone> zones;
  for (const Member& one : members(files, folder, "thermal_zone", "type")) {
    const std::string zone = folder + one.folder;
    const std::vector<std::string> inside = files.list(zone);
    const bool drives = std::any_of(inside.begin(), inside.end(), [&](const std::string& link) {
      if (!numbered(link, "cdev")) return false;
      const std::string type = files.read(below(below(zone, link), "type")).value_or("");
      return (!driver.empty() && type == driver) || alike(type, chip);
    });
    if (!drives) continue;
    // A kernel that cannot switch a zone off has no `mode`.
    zones.push_back({zone, one.name, files.read(zone + "/policy").value_or(""),
                     files.read(zone + "/mode").value_or("enabled") != "disabled"});
  }
  return zones;
}

} // namespace mcu
