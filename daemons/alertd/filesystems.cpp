// SPDX-License-Identifier: MIT
#include <alertd/filesystems.hpp>

#include <libmcu/model/text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace nasmcu::alertd {
namespace {

/// What is on such a file system has been made to fill it, and cannot be changed.
bool is_image(std::string_view type) {
  constexpr std::array<std::string_view, 6> images = {"squashfs", "iso9660", "udf",
                                                      "erofs",    "cramfs",  "romfs"};
  return std::find(images.begin(), images.end(), type) != images.end();
}

bool is_watched(const Mount& mount) {
  return mount.source.starts_with("/dev/") && !mount.source.starts_with("/dev/loop") &&
         mount.source != "/dev/fuse" && mount.point.starts_with('/') && !is_image(mount.type);
}

// --- judging

double percent_used(std::uint64_t size, std::uint64_t available) {
  if (size == 0) return 0;
  const std::uint64_t used = size - std::min(available, size);
  return 100 * static_cast<double>(used) / static_cast<double>(size);
}

/// Down, so that 99.96 % does not look full.
std::string percent_words(double percent) {
  return mcu::number_text(std::floor(percent * 10) / 10) + " %";
}

/// "3.2 GB", in the thousands that disks are sold in.
std::string bytes_words(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> units = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1000 && unit + 1 < units.size(); ++unit) value /= 1000;
  return mcu::number_text(std::floor(value * 10) / 10) + " " + units[unit];
}

/// By the mount point, which a file system keeps over boots: "/srv/my disk" -> "fs.srv.my_20disk".
/// Each point has an id of its own.
std::string filesystem_id(std::string_view point) {
  static constexpr std::string_view hex = "0123456789ABCDEF";
  if (point == "/") return "fs.rootfs";
  std::string id = "fs";
  for (const char c : point) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/')
      id += '.';
    else if (letter || c == '-')
      id += c;
    else
      id += {'_', hex[byte >> 4U], hex[byte & 0x0FU]};
  }
  return id;
}

/// "/srv (ext4 on /dev/md0)"; a hostile name of a mount point stays on its line.
std::string mount_words(const Mount& mount) {
  const std::string point = mcu::in_quotes(mount.point);
  const bool plain = point == "'" + mount.point + "'" && mount.point.find(' ') == std::string::npos;
  return (plain ? mount.point : point) + " (" + mount.type + " on " + mount.source + ")";
}

const Finding* found_before(const std::vector<Finding>& standing, const std::string& id) {
  const auto same = [&](const Finding& one) { return one.id == id; };
  const auto found = std::find_if(standing.begin(), standing.end(), same);
  return found == standing.end() ? nullptr : &*found;
}

/// A limit is passed when it is reached, and left only `hysteresis` below it.
std::optional<Severity> level_of(double percent, const SpaceLimits& limits, const Finding* before) {
  const auto past = [&](double limit, bool stood) {
    return percent >= limit || (stood && percent >= limit - limits.hysteresis);
  };
  if (past(limits.fail, before != nullptr && before->severity == Severity::failed))
    return Severity::failed;
  if (past(limits.warn, before != nullptr)) return Severity::warning;
  return {};
}

/// Something of a file system that is used up: bytes or inodes.
struct Use {
  std::string suffix; ///< of the id
  std::string noun;   ///< "space"
  double percent = 0;
  std::string left; ///< "3.2 GB of 4 TB are left"
  std::string advice;
};

std::vector<Use> uses_of(const Space& space) {
  std::vector<Use> uses;
  uses.push_back(
      {"space", "space", percent_used(space.size, space.available),
       bytes_words(space.available) + " of " + bytes_words(space.size) + " are left for users.",
       "Delete or move what is not needed; snapshots and logs count too."});
  uses.push_back({"inodes", "inodes", percent_used(space.inodes, space.inodes_free),
                  std::to_string(space.inodes_free) + " of " + std::to_string(space.inodes) +
                      " inodes are left.",
                  "Each file takes one: look for a folder with very many small files."});
  return uses;
}

std::optional<Finding> judge_use(const Mount& mount, const Use& use, const SpaceLimits& limits,
                                 const std::vector<Finding>& standing) {
  Finding finding;
  finding.id = filesystem_id(mount.point) + "." + use.suffix;
  const auto level = level_of(use.percent, limits, found_before(standing, finding.id));
  if (!level) return {};
  finding.severity = *level;
  finding.state = *level == Severity::failed ? "full" : "nearly full";
  finding.subject =
      mount_words(mount) + ": " + percent_words(use.percent) + " of its " + use.noun + " in use";
  finding.text = use.left + "\n" + use.advice;
  return finding;
}

Finding went_read_only(const Mount& mount) {
  Finding finding;
  finding.id = filesystem_id(mount.point) + ".read-only";
  finding.severity = Severity::failed;
  finding.state = "read-only";
  finding.subject = mount_words(mount) + " went read-only";
  finding.text = "It was mounted for writing; the kernel stopped that after an error, so that no "
                 "more harm is done.\nLook for the error with: journalctl -k\nSave what is on it "
                 "and check the disk, then unmount it and run fsck on " +
                 mount.source + ".";
  return finding;
}

void judge_space(const Filesystem& one, const SpaceLimits& limits,
                 const std::vector<Finding>& standing, std::vector<Finding>& findings) {
  if (one.space) {
    for (const Use& use : uses_of(*one.space))
      if (auto finding = judge_use(one.mount, use, limits, standing))
        findings.push_back(std::move(*finding));
    return;
  }
  for (const char* suffix : {".space", ".inodes"})
    if (const Finding* before = found_before(standing, filesystem_id(one.mount.point) + suffix))
      findings.push_back(*before);
}

} // namespace

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<MountLine> kept;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = parse_mount_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line) continue;
    // What is mounted over another one hides it: its space can no longer be asked for.
    std::erase_if(kept, [&](const MountLine& one) {
      return one.mount.point == line->mount.point && one.mount.source != line->mount.source;
    });
    if (!is_watched(line->mount)) continue;
    const auto same = [&](const MountLine& one) { return one.mount.source == line->mount.source; };
    const auto known = std::find_if(kept.begin(), kept.end(), same);
    if (known == kept.end()) {
      kept.push_back(std::move(*line));
      continue;
    }
    // Somebody wants to write to it as long as one of its mounts is for writing.
    line->mount.read_only = line->mount.read_only && known->mount.read_only;
    if (line->of_root && !known->of_root)
      *known = std::move(*line);
    else
      known->mount.read_only = line->mount.read_only;
  }
  std::vector<Mount> mounts;
  mounts.reserve(kept.size());
  for (MountLine& one : kept) mounts.push_back(std::move(one.mount));
  return mounts;
}

std::vector<Finding> judge_filesystems(const std::vector<Filesystem>& all,
                                       const SpaceLimits& limits,
                                       const std::vector<Finding>& standing) {
  std::vector<Finding> findings;
  for (const Filesystem& one : all) {
    if (!one.mount.super_read_only)
      judge_space(one, limits, standing, findings);
    else if (!one.mount.read_only)
      findings.push_back(went_read_only(one.mount));
  }
  return findings;
}

} // namespace nasmcu::alertd
