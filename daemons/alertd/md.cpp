// SPDX-License-Identifier: MIT
#include <alertd/md.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace nasmcu::alertd {
namespace {

constexpr std::string_view member_prefix = "dev-";
/// More slots are not drawn as [U_].
constexpr unsigned most_drawn = 64;

bool is_digit_of_node(char c) { return c >= '0' && c <= '9'; }

// --- reading

std::string word_in(const mcu::Files& files, const std::string& path) {
  const auto text = files.read(path);
  return text ? std::string(mcu::trim(*text)) : std::string();
}

unsigned count_in(const mcu::Files& files, const std::string& path) {
  // "4", while it is reshaped "4 (3)".
  const auto words = mcu::split_words(word_in(files, path));
  const auto value = words.empty() ? std::nullopt : mcu::parse_integer(words.front());
  constexpr long most = 100000;
  return value && *value > 0 && *value < most ? static_cast<unsigned>(*value) : 0;
}

/// "123 / 456" in percent; nothing for "none" and "delayed".
std::optional<double> share_done(const std::string& text) {
  const auto words = mcu::split_words(text);
  if (words.size() != 3 || words[1] != "/") return {};
  const auto done = mcu::parse_decimal(words[0]);
  const auto all = mcu::parse_decimal(words[2]);
  if (!done || !all || *all <= 0) return {};
  return std::clamp(100 * *done / *all, 0.0, 100.0);
}

/// Hexadecimal digits alone: the kernel and mdadm put different marks between them.
std::string bare_uuid(std::string_view text) {
  std::string digits;
  for (const char c : mcu::lower(text))
    if (is_digit_of_node(c) || (c >= 'a' && c <= 'f')) digits += c;
  const bool is_one = digits.size() == 32 && digits.find_first_not_of('0') != std::string::npos;
  return is_one ? digits : std::string();
}

/// Newer kernels tell it themselves, before that udev has noted what mdadm found.
std::string uuid_of(const mcu::Files& files, const std::string& root, const std::string& block) {
  std::string own = bare_uuid(word_in(files, block + "/md/uuid"));
  const std::string number = word_in(files, block + "/dev"); // "9:0"
  if (!own.empty() || number.empty()) return own;
  constexpr std::string_view key = "E:MD_UUID=";
  const std::string noted = word_in(files, root + "/run/udev/data/b" + number);
  for (const std::string& line : mcu::split_words(noted))
    if (line.starts_with(key)) return bare_uuid(line.substr(key.size()));
  return {};
}

std::optional<MdMember> read_member(const mcu::Files& files, const std::string& folder,
                                    const std::string& entry) {
  // ENODEV when it has just been removed: the folder goes later than its contents.
  const auto state = files.read(folder + "/state");
  const auto slot = files.read(folder + "/slot");
  if (!state || !slot) return {};
  MdMember member;
  member.node = entry.substr(member_prefix.size());
  std::replace(member.node.begin(), member.node.end(), '!', '/'); // "cciss!c0d0" in sysfs
  member.disk = whole_disk(member.node);
  member.state = mcu::trim(*state);
  member.slot = mcu::trim(*slot);
  return member;
}

/// "external:imsm": a container; "external:/md127/0", "external:-md127/0": an array in one.
bool is_container(std::string_view metadata) {
  constexpr std::string_view external = "external:";
  if (!metadata.starts_with(external)) return false;
  metadata.remove_prefix(external.size());
  return !metadata.empty() && metadata.front() != '/' && metadata.front() != '-';
}

std::optional<MdArray> read_array(const mcu::Files& files, const std::string& root,
                                  const std::string& node) {
  const std::string block = root + "/sys/block/" + node, md = block + "/md";
  MdArray array;
  array.node = node;
  array.array_state = word_in(files, md + "/array_state");
  if (array.array_state.empty()) return {};
  array.uuid = uuid_of(files, root, block);
  array.level = word_in(files, md + "/level");
  if (is_container(word_in(files, md + "/metadata_version"))) array.level = "container";
  array.disks = count_in(files, md + "/raid_disks");
  // The action first: at the end of a rebuild `degraded` is taken back before the action is idle,
  // so the other order could see a degraded array that nobody rebuilds.
  array.action = word_in(files, md + "/sync_action");
  array.done = share_done(word_in(files, md + "/sync_completed"));
  array.degraded = count_in(files, md + "/degraded");
  const std::string below = md + "/";
  for (const std::string& entry : files.list(md)) {
    if (!entry.starts_with(member_prefix)) continue;
    if (auto member = read_member(files, below + entry, entry))
      array.members.push_back(std::move(*member));
  }
  return array;
}

// --- judging

bool has_flag(const MdMember& member, std::string_view flag) {
  std::string_view rest = member.state;
  while (true) {
    const auto end = std::min(rest.find(','), rest.size());
    if (mcu::trim(rest.substr(0, end)) == flag) return true;
    if (end == rest.size()) return false;
    rest.remove_prefix(end + 1);
  }
}

/// Has a slot and is not in sync yet.
bool is_filled(const MdMember& member) {
  return has_flag(member, "spare") && !has_flag(member, "faulty") &&
         mcu::parse_integer(member.slot);
}

/// The beginning of all ids of an array. Eight digits tell arrays apart and can still be typed.
std::string array_id(const MdArray& array) {
  return "md." + (array.uuid.empty() ? array.node : array.uuid.substr(0, 8));
}

std::string fit_for_id(std::string text) {
  for (char& c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !is_digit_of_node(c) && c != '.' && c != '-') c = '_';
  }
  return text;
}

/// "array md0 (raid1)".
std::string array_words(const MdArray& array) {
  return "array " + array.node + (array.level.empty() ? "" : " (" + array.level + ")");
}

/// "disk 2 (/dev/sdb, serial WD-X)", "/dev/sdb (no serial number)", "the disk (serial WD-X)".
std::string member_words(const std::string& device, const DiskOf& place) {
  const std::string serial = place.serial.empty() ? "no serial number" : "serial " + place.serial;
  if (place.bay.empty()) return (device.empty() ? "the disk" : device) + " (" + serial + ")";
  return "disk " + place.bay + " (" + (device.empty() ? "" : device + ", ") + serial + ")";
}

/// "[U_]" as /proc/mdstat has it.
std::string picture(const MdArray& array) {
  if (array.disks == 0 || array.disks > most_drawn) return {};
  std::string slots(array.disks, '_');
  for (const MdMember& member : array.members) {
    const auto slot = mcu::parse_integer(member.slot);
    if (slot && in_sync(member) && *slot >= 0 && *slot < static_cast<long>(array.disks))
      slots[static_cast<std::size_t>(*slot)] = 'U';
  }
  return "[" + slots + "]";
}

std::string progress_words(const MdArray& array) {
  if (!array.done) return "It has not begun or does not tell how far it is.";
  return mcu::number_text(std::floor(*array.done * 10) / 10) + " % are done.";
}

std::string members_words(const MdArray& array) {
  std::string text = "Members:";
  for (const MdMember& member : array.members)
    text += " /dev/" + member.node + " (" + member.state + ")";
  return text + (array.members.empty() ? " none." : ".");
}

Finding array_finding(const MdArray& array, std::string_view what, Severity severity) {
  Finding finding;
  finding.id = fit_for_id(array_id(array)) + "." + std::string(what);
  finding.severity = severity;
  return finding;
}

bool is_down(const MdArray& array) {
  if (array.level == "container") return false; // always inactive: only the arrays in it run
  return array.array_state == "inactive" || array.array_state == "broken";
}

Finding down_finding(const MdArray& array) {
  Finding finding = array_finding(array, "down", Severity::failed);
  const bool broken = array.array_state == "broken";
  finding.subject = array_words(array) + (broken ? " is broken" : " is not running");
  finding.state = array.array_state;
  finding.text = (broken ? "Too many of its disks have failed; what it held cannot be reached.\n"
                         : "Not enough of its disks are there to start it, or it was not told to "
                           "run.\n") +
                 members_words(array) + "\nLook at it with: mdadm --detail /dev/" + array.node;
  return finding;
}

Finding degraded_finding(const MdArray& array) {
  Finding finding = array_finding(array, "degraded", Severity::failed);
  const std::string of = array.disks > 0 ? " of " + std::to_string(array.disks) : "";
  const std::string missing = std::to_string(array.degraded) + of + " members missing";
  finding.subject = array_words(array) + " is degraded: " + missing;
  finding.state = missing;
  finding.text = "It runs with what is left " + picture(array) + ". " + members_words(array) + "\n";
  if (array.action == "recover")
    finding.text += "Not all that is missing is being rebuilt. " + progress_words(array) + "\n";
  finding.text += "Replace the disk, partition it as the others are, then: mdadm --manage /dev/" +
                  array.node + " --add /dev/PARTITION";
  return finding;
}

/// The same id as degraded_finding(): the one becomes the other, and back.
Finding recovering_finding(const MdArray& array, const std::vector<const MdMember*>& filled,
                           const FindDisk& find) {
  Finding finding = array_finding(array, "degraded", Severity::rebuilding);
  finding.subject = array_words(array) + " is being rebuilt";
  finding.state = "rebuilding";
  if (filled.size() == 1) {
    const DiskOf place = find ? find(filled.front()->disk) : DiskOf{};
    finding.bay = place.bay;
    finding.disk = "/dev/" + filled.front()->disk;
    finding.serial = place.serial;
  }
  finding.text = progress_words(array) + " " + picture(array) + " " + members_words(array) +
                 "\nThere is nothing to do but wait; the data can be used meanwhile.";
  return finding;
}

Finding syncing_finding(const MdArray& array) {
  const bool reshape = array.action == "reshape";
  Finding finding = array_finding(array, array.action, Severity::rebuilding);
  finding.subject = array_words(array) + (reshape ? " is being reshaped" : " is being resynced");
  finding.state = array.action;
  finding.text = std::string(reshape ? "Its shape is changed as somebody asked for. "
                                     : "It is new, or was not stopped cleanly: its disks are made "
                                       "to agree. ") +
                 progress_words(array) +
                 "\nThere is nothing to do but wait; the data can be used meanwhile.";
  return finding;
}

Finding member_finding(const MdArray& array, const std::string& key, const std::string& device,
                       const DiskOf& place) {
  Finding finding = array_finding(array, "member." + fit_for_id(key), Severity::failed);
  finding.state = "faulty";
  finding.bay = place.bay;
  finding.disk = device;
  finding.serial = place.serial;
  return finding;
}

Finding failed_member(const MdArray& array, const MdMember& member, const DiskOf& place) {
  const std::string device = "/dev/" + member.disk;
  std::string key = member.node; // the best there is for a disk without serial number and bay
  if (!place.bay.empty()) key = "bay" + place.bay;
  if (!place.serial.empty()) key = place.serial;
  Finding finding = member_finding(array, key, device, place);
  finding.subject = member_words(device, place) + " has failed in " + array_words(array);
  finding.text = "The kernel has put /dev/" + member.node + " out of the array after errors.\n" +
                 "Take it out with: mdadm --manage /dev/" + array.node + " --remove /dev/" +
                 member.node + "\nThen replace the disk; it must not go on as it is.";
  return finding;
}

std::vector<Finding> condition_of(const MdArray& array, const FindDisk& find) {
  if (is_down(array)) return {down_finding(array)};
  std::vector<Finding> findings;
  std::vector<const MdMember*> filled;
  for (const MdMember& member : array.members)
    if (is_filled(member)) filled.push_back(&member);
  const bool some_only = !filled.empty() && filled.size() < array.degraded;
  if (array.action == "recover" && !some_only)
    findings.push_back(recovering_finding(array, filled, find));
  else if (array.degraded > 0)
    findings.push_back(degraded_finding(array));
  if (array.action == "resync" || array.action == "reshape")
    findings.push_back(syncing_finding(array));
  return findings;
}

} // namespace

bool in_sync(const MdMember& member) {
  return has_flag(member, "in_sync") && !has_flag(member, "faulty");
}

Finding lost_member(const MdArray& array, const std::string& device, const DiskOf& place) {
  Finding finding = member_finding(array, place.serial, device, place);
  finding.subject = member_words(device, place) + " is no longer in " + array_words(array);
  finding.text = "The array was whole with it, and runs without it now";
  finding.text += device.empty() ? "; the box does not see the disk.\n" : ".\n";
  finding.text += "If it has failed, replace it. If it is well, give it back with: mdadm --manage "
                  "/dev/" +
                  array.node + " --add /dev/PARTITION";
  return finding;
}

std::string whole_disk(const std::string& node) {
  const auto last = node.find_last_not_of("0123456789");
  if (last == std::string::npos || last + 1 == node.size()) return node;
  std::string base = node.substr(0, last + 1);
  // sda1, hda1, vda1, xvda1: letters, then the partition.
  const bool letters = base.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos;
  for (const std::string_view kind : {"sd", "hd", "vd", "xvd"})
    if (letters && base.size() > kind.size() && base.starts_with(kind)) return base;
  // nvme0n1p1, mmcblk0p1, md0p1: a name that ends in a digit has a p before the partition.
  if (base.size() > 1 && base.back() == 'p' && is_digit_of_node(base[base.size() - 2]))
    return base.substr(0, base.size() - 1);
  return node;
}

std::vector<MdArray> read_arrays(const mcu::Files& files, const std::string& root) {
  std::vector<MdArray> arrays;
  for (const std::string& node : files.list(root + "/sys/block")) {
    if (!node.starts_with("md")) continue;
    if (auto array = read_array(files, root, node)) arrays.push_back(std::move(*array));
  }
  return arrays;
}

std::vector<Finding> judge_arrays(const std::vector<MdArray>& arrays, const FindDisk& find) {
  std::vector<Finding> findings;
  for (const MdArray& array : arrays) {
    for (Finding& one : condition_of(array, find)) findings.push_back(std::move(one));
    for (const MdMember& member : array.members)
      if (has_flag(member, "faulty"))
        findings.push_back(failed_member(array, member, find ? find(member.disk) : DiskOf{}));
  }
  return findings;
}

} // namespace nasmcu::alertd
