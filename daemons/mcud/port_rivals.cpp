// SPDX-License-Identifier: MIT
#include <mcud/port_rivals.hpp>

#include <common/text_file.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace nasmcu {
namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// A unit that runs has a folder here: the first place is that of the unified hierarchy, the second
/// one of the older kind.
bool runs(const mcu::Files& files, const std::string& root, const std::string& slice,
          const std::string& unit) {
  constexpr std::array<std::string_view, 2> hierarchies = {"/sys/fs/cgroup",
                                                           "/sys/fs/cgroup/systemd"};
  return std::any_of(hierarchies.begin(), hierarchies.end(), [&](std::string_view hierarchy) {
    return files.exists(root + std::string(hierarchy) + "/system.slice/" + slice + "/" + unit);
  });
}

/// The id of an entry of /etc/inittab that starts something on the tty: "T1:23:respawn:/sbin/getty
/// -L ttyS1 9600 vt100"; empty without.
std::string inittab_entry(const std::string& text, const std::string& tty) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = mcu::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.starts_with('#') || line.find(":respawn:") == std::string_view::npos) continue;
    const std::vector<std::string> words = mcu::split_words(line);
    if (std::find(words.begin(), words.end(), tty) != words.end())
      return std::string(line.substr(0, line.find(':')));
  }
  return {};
}

/// For one name of the tty.
void look_for(const mcu::Files& files, const std::string& root, const std::string& tty,
              const std::string& port, std::vector<std::string>& found) {
  const std::string problem =
      " on " + port + ", which is the MCU's: both get half of each answer; ";
  for (const std::string kind : {"serial-getty", "getty"}) {
    const std::string unit = kind + "@" + tty + ".service";
    // The name of a slice has its own hyphens escaped.
    const std::string slice =
        kind == "getty" ? "system-getty.slice" : "system-serial\\x2dgetty.slice";
    if (runs(files, root, slice, unit))
      found.push_back("a login prompt runs" + problem + "end it: systemctl mask --now " + unit);
  }
  const std::string entry = inittab_entry(read_text_file(root + "/etc/inittab").value_or(""), tty);
  if (!entry.empty())
    found.push_back("a login prompt is configured" + problem + "take entry " + entry +
                    " out of /etc/inittab, then: telinit q");
  const std::vector<std::string> consoles =
      mcu::split_words(files.read(root + "/sys/class/tty/console/active").value_or(""));
  if (std::find(consoles.begin(), consoles.end(), tty) != consoles.end())
    found.push_back("the kernel's console is" + problem + "take console=" + tty +
                    " off the kernel's command line");
}

} // namespace

std::vector<std::string> port_rivals(const mcu::Files& files, const std::string& root,
                                     const std::string& port) {
  std::vector<std::string> found;
  look_for(files, root, last_part(port), port, found);
  // /dev/nasmcu-mcu is a link.
  const std::string real = last_part(files.resolve(port));
  if (!real.empty() && real != last_part(port)) look_for(files, root, real, port, found);
  return found;
}

} // namespace nasmcu
