// SPDX-License-Identifier: MIT
// What the kernel and smartd say: md arrays in sysfs, mount tables, messages.
//   input: lines; "/path=text" is a file of sysfs (| for a line feed), all of it a mount table too
#include "fuzz.hpp"

#include <alertd/array_roster.hpp>
#include <alertd/filesystems.hpp>
#include <alertd/md.hpp>
#include <alertd/smartd.hpp>
#include <shutdown/mounts.hpp>

#include <map>
#include <set>

namespace fuzz {
namespace {

using namespace nasmcu::alertd;

/// Files in memory.
class Tree : public mcu::Files {
public:
  explicit Tree(const std::string& text) {
    for (const std::string& line : lines_of(text)) {
      const std::size_t equals = line.find('=');
      if (!line.starts_with("/") || equals == std::string::npos) continue;
      std::string content = line.substr(equals + 1);
      std::ranges::replace(content, '|', '\n');
      files_[line.substr(0, equals)] = content;
    }
  }
  mcu::Result<std::string> read(const std::string& path) const override {
    const auto found = files_.find(path);
    if (found == files_.end()) return mcu::Error{mcu::Errc::unsupported, path + ": not there"};
    return found->second;
  }
  std::vector<std::string> list(const std::string& folder) const override {
    std::set<std::string> names;
    const std::string front = folder + "/";
    for (const auto& [path, content] : files_)
      if (path.starts_with(front))
        names.insert(path.substr(front.size(), path.find('/', front.size()) - front.size()));
    return {names.begin(), names.end()};
  }

private:
  std::map<std::string, std::string> files_;
};

void check_id(const Finding& finding) {
  const bool plain = std::ranges::all_of(finding.id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  require(plain && !finding.id.empty(), "an id is one word", finding.id);
  require(!finding.subject.empty(), "a finding has a subject", finding.id);
}

void check_arrays(const std::string& text) {
  const std::vector<MdArray> arrays = read_arrays(Tree(text), "");
  const auto find = [](const std::string& disk) { return DiskOf{"1", disk}; };
  const auto findings = judge_arrays(arrays, find);
  for (const Finding& finding : findings) check_id(finding);
  for (const MdArray& array : arrays) {
    if (array.done) require(*array.done >= 0 && *array.done <= 100, "progress is 0 to 100 percent");
    const bool faulty = std::ranges::any_of(
        array.members, [](const MdMember& member) { return member.state == "faulty"; });
    require(!faulty || !findings.empty(), "a faulty member is found", array.node);
    const bool down = array.array_state == "broken" && array.level != "container";
    require(!down || !findings.empty(), "a broken array is found", array.node);
  }
  ArrayRoster roster;
  roster.note(arrays, {{"sda", "1", "A"}, {"sdb", "2", "B"}});
  for (const Finding& finding : roster.lost(arrays, {{"sda", "1", "A"}})) check_id(finding);
}

void check_mounts(const std::string& text) {
  std::vector<Filesystem> all;
  for (Mount& mount : parse_mountinfo(text)) {
    require(mount.source.starts_with("/dev/"), "local file systems only", mount.source);
    all.push_back({std::move(mount), Space{1000, 10, 100, 1}});
  }
  const auto findings = judge_filesystems(all, {}, {});
  for (const Finding& finding : findings) check_id(finding);
  for (const Finding& finding : judge_filesystems(all, {}, findings)) check_id(finding);
  // Safety rule 5: a table that means nothing is never "nothing is mounted".
  const auto writable = nasmcu::shutdown::writable_on_disk(text);
  if (!writable) require(!writable.error().what.empty(), "an error has words", text);
  if (writable) require(text.find(" / ") != std::string::npos, "a table has its root", text);
}

void check_messages(const std::string& text) {
  for (const std::string& line : lines_of(text)) {
    const auto finding = judge_message({"/dev/sda", line, text, text});
    if (finding && *finding) check_id(**finding);
    require(serial_in(line).size() <= line.size(), "a serial number is a part of what was said",
            line);
    (void)whole_disk(line);
  }
}

} // namespace

void run(ByteView input) {
  const std::string text = text_of(input);
  check_arrays(text);
  check_mounts(text);
  check_messages(text);
}

} // namespace fuzz
