// SPDX-License-Identifier: MIT
#include <alertd/array_roster.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace nasmcu::alertd {
namespace {

using RosterJson = nlohmann::json;

/// Far more than a box has; arrays that exist no longer go first.
constexpr std::size_t most_members = 256;

std::optional<RosterMember> member_from(const std::string& record) {
  const RosterJson json = RosterJson::parse(record, nullptr, false);
  if (!json.is_object()) return {};
  const auto text = [&json](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  RosterMember member{text("array"), text("slot"), text("serial"), text("bay")};
  if (member.array.empty() || member.slot.empty() || member.serial.empty()) return {};
  return member;
}

const PresentDisk* by_name(const std::vector<PresentDisk>& disks, const std::string& name) {
  const auto found = std::find_if(disks.begin(), disks.end(),
                                  [&](const PresentDisk& disk) { return disk.name == name; });
  return found == disks.end() ? nullptr : &*found;
}

/// The disk as it is now. One in its bay whose number nobody has read yet is taken for it.
const PresentDisk* find_again(const std::vector<PresentDisk>& disks, const RosterMember& member) {
  const PresentDisk* likely = nullptr;
  for (const PresentDisk& disk : disks) {
    if (disk.serial == member.serial) return &disk;
    if (disk.serial.empty() && !disk.bay.empty() && disk.bay == member.bay) likely = &disk;
  }
  return likely;
}

/// All members of a whole array; nothing when one of them could not be known again.
std::optional<std::vector<RosterMember>> roster_of(const MdArray& array,
                                                   const std::vector<PresentDisk>& disks) {
  std::vector<RosterMember> members;
  for (const MdMember& member : array.members) {
    if (!in_sync(member)) continue;
    const PresentDisk* disk = by_name(disks, member.disk);
    if (disk == nullptr || disk->serial.empty()) return {};
    members.push_back({array.uuid, member.slot, disk->serial, disk->bay});
  }
  if (members.size() != array.disks) return {};
  return members;
}

/// Another disk has its place, or it is back itself.
bool is_taken(const RosterMember& lost, const MdArray& array,
              const std::vector<PresentDisk>& disks) {
  return std::any_of(array.members.begin(), array.members.end(), [&](const MdMember& member) {
    const PresentDisk* disk = by_name(disks, member.disk);
    return member.slot == lost.slot || (disk != nullptr && disk->serial == lost.serial);
  });
}

} // namespace

ArrayRoster::ArrayRoster(std::span<const std::string> records) {
  for (const std::string& record : records)
    if (auto member = member_from(record)) members_.push_back(std::move(*member));
}

void ArrayRoster::note(const std::vector<MdArray>& arrays, const std::vector<PresentDisk>& disks) {
  for (const MdArray& array : arrays) {
    if (array.uuid.empty() || array.disks == 0 || array.degraded > 0) continue;
    auto members = roster_of(array, disks);
    if (!members) continue;
    std::erase_if(members_, [&](const RosterMember& old) { return old.array == array.uuid; });
    members_.insert(members_.end(), members->begin(), members->end());
  }
  if (members_.size() > most_members)
    std::erase_if(members_, [&](const RosterMember& old) {
      return std::none_of(arrays.begin(), arrays.end(),
                          [&](const MdArray& array) { return array.uuid == old.array; });
    });
  std::sort(members_.begin(), members_.end(), [](const RosterMember& a, const RosterMember& b) {
    return a.array != b.array ? a.array < b.array : a.slot < b.slot;
  });
}

std::vector<Finding> ArrayRoster::lost(const std::vector<MdArray>& arrays,
                                       const std::vector<PresentDisk>& disks) const {
  std::vector<Finding> findings;
  for (const MdArray& array : arrays) {
    if (array.degraded == 0 || array.uuid.empty()) continue;
    for (const RosterMember& member : members_) {
      if (member.array != array.uuid || is_taken(member, array, disks)) continue;
      const PresentDisk* disk = find_again(disks, member);
      findings.push_back(lost_member(array, disk != nullptr ? "/dev/" + disk->name : "",
                                     {disk != nullptr ? disk->bay : member.bay, member.serial}));
    }
  }
  return findings;
}

std::vector<std::string> ArrayRoster::records() const {
  std::vector<std::string> lines;
  lines.reserve(members_.size());
  for (const RosterMember& member : members_)
    lines.push_back(RosterJson{
        {"array", member.array},
        {"slot", member.slot},
        {"serial", member.serial},
        {"bay",
         member.bay}}.dump());
  return lines;
}

} // namespace nasmcu::alertd
