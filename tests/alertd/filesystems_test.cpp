// SPDX-License-Identifier: MIT
// The tables of mounts are synthetic, after proc(5).
#include <catch.hpp>

#include <alertd/filesystems.hpp>

#include <limits>
#include <random>
#include <set>

using namespace nasmcu::alertd;

namespace {

Mount only_mount(const std::string& text) {
  const auto mounts = parse_mountinfo(text);
  INFO(text);
  REQUIRE(mounts.size() == 1);
  return mounts.front();
}

/// A file system of 1000 bytes and no inodes, so much per mill of it in use.
Filesystem used(unsigned per_mill, const std::string& point = "/srv") {
  return {{point, "/dev/md0", "ext4", false, false}, Space{1000, 1000 - per_mill, 0, 0}};
}

/// Judges again and again, with what was found the last time.
struct FilesystemWatch {
  SpaceLimits limits{90, 97, 2};
  std::vector<Finding> found = {};

  /// "", "warning" or "failed": what is found of the only file system.
  std::string look(const Filesystem& one) {
    found = judge_filesystems({one}, limits, found);
    REQUIRE(found.size() <= 1);
    return found.empty() ? "" : std::string(name(found.front().severity));
  }
};

} // namespace

TEST_CASE("a line of mountinfo is read with and without optional fields") {
  const Mount plain =
      only_mount("36 35 9:0 / /srv rw,noatime - ext4 /dev/md0 rw,errors=remount-ro\n");
  CHECK(plain.point == "/srv");
  CHECK(plain.source == "/dev/md0");
  CHECK(plain.type == "ext4");
  CHECK_FALSE(plain.read_only);
  CHECK_FALSE(plain.super_read_only);
  const Mount shared =
      only_mount("36 35 8:1 / / rw shared:1 master:2 propagate_from:3 - btrfs /dev/sda1 rw");
  CHECK(shared.point == "/");
  CHECK(shared.type == "btrfs");
}

TEST_CASE("the escapes of mountinfo are undone, and other backslashes are kept") {
  const Mount mount =
      only_mount(R"(36 35 9:0 / /srv/my\040disk\011\134\012\043 rw - ext4 /dev/mapper/a\040b rw)");
  CHECK(mount.point == "/srv/my disk\t\\\n#");
  CHECK(mount.source == "/dev/mapper/a b");
  CHECK(only_mount(R"(1 1 9:0 / /a\04 rw - ext4 /dev/x rw)").point == R"(/a\04)");
  CHECK(only_mount(R"(1 1 9:0 / /a\9\ rw - ext4 /dev/x rw)").point == R"(/a\9\)");
  CHECK(only_mount(R"(1 1 9:0 / /a\777 rw - ext4 /dev/x rw)").point == R"(/a\777)");
}

TEST_CASE("only local file systems on block devices are watched") {
  CHECK(parse_mountinfo("1 1 0:5 / /proc rw - proc proc rw\n"
                        "2 1 0:6 / /dev rw - devtmpfs udev rw\n"
                        "3 1 0:7 / /run rw - tmpfs tmpfs rw\n"
                        "4 1 0:8 / /mnt/nas rw - nfs4 nas:/srv rw\n"
                        "5 1 0:9 / /mnt/win rw - cifs //nas/share rw\n"
                        "6 1 7:0 / /snap/x ro - squashfs /dev/loop0 ro\n"
                        "7 1 7:1 / /mnt/image rw - ext4 /dev/loop1 rw\n"
                        "8 1 31:2 / /rom ro - squashfs /dev/mtdblock2 ro\n"
                        "9 1 11:0 / /media/cd ro - iso9660 /dev/sr0 ro\n"
                        "10 1 11:1 / /media/dvd ro - udf /dev/sr1 ro\n"
                        "11 1 0:10 / /run/user rw - fuse.x /dev/fuse rw\n")
            .empty());
  CHECK(only_mount("1 1 8:1 / /mnt rw - fuseblk /dev/sdc1 rw").type == "fuseblk");
}

TEST_CASE("a source with bind mounts is one file system, named by the mount of its root") {
  const Mount mount = only_mount("1 1 9:0 /docker/x /var/lib/docker ro - ext4 /dev/md0 rw\n"
                                 "2 1 9:0 / /srv rw - ext4 /dev/md0 rw\n"
                                 "3 1 9:0 / /export ro - ext4 /dev/md0 rw\n");
  CHECK(mount.point == "/srv");
  CHECK_FALSE(mount.read_only);
  // Of two folders of it the first one.
  CHECK(only_mount("1 1 9:0 /@ / rw - btrfs /dev/sda1 rw,subvol=/@\n"
                   "2 1 9:0 /@home /home rw - btrfs /dev/sda1 rw,subvol=/@home\n")
            .point == "/");
}

TEST_CASE("a file system is read-only by wish when all of its mounts are") {
  CHECK(only_mount("1 1 9:0 / /srv ro - ext4 /dev/md0 ro\n2 1 9:0 /a /a ro - ext4 /dev/md0 ro")
            .read_only);
  for (const char* text :
       {"1 1 9:0 / /srv ro - ext4 /dev/md0 ro\n2 1 9:0 /a /a rw - ext4 /dev/md0 ro",
        "1 1 9:0 /a /a rw - ext4 /dev/md0 ro\n2 1 9:0 / /srv ro - ext4 /dev/md0 ro"})
    CHECK_FALSE(only_mount(text).read_only);
}

TEST_CASE("a mount that another one hides is not watched") {
  CHECK(only_mount("1 1 8:1 / /srv rw - ext4 /dev/sda1 rw\n2 1 9:0 / /srv rw - ext4 /dev/md0 rw")
            .source == "/dev/md0");
  CHECK(parse_mountinfo("1 1 8:1 / /srv rw - ext4 /dev/sda1 rw\n"
                        "2 1 0:5 / /srv rw - tmpfs tmpfs rw")
            .empty());
  // The other way round, as automount has it.
  CHECK(only_mount("1 1 0:5 / /srv rw - autofs systemd-1 rw\n2 1 8:1 / /srv rw - ext4 /dev/sda1 rw")
            .source == "/dev/sda1");
}

TEST_CASE("lines that cannot be read are left out, and the others are still good") {
  const std::string good = "36 35 9:0 / /srv rw - ext4 /dev/md0 rw\n";
  for (const char* bad : {"", "-", "garbage", "36 35 9:0 / /mnt rw", "36 35 9:0 / /mnt rw -",
                          "36 35 9:0 / /mnt rw - ext4 /dev/sda1", "1 1 9:0 / /mnt rw - ext4",
                          "36 35 9:0 / mnt rw - ext4 /dev/sda1 rw", "- - - - - - - - -",
                          "\xff\xfe\x01 \x02", "36 35 9:0 / /mnt rw shared:1 ext4 /dev/sda1 rw"}) {
    INFO(bad);
    CHECK(parse_mountinfo(bad).empty());
    CHECK(only_mount(std::string(bad) + "\n" + good + bad).point == "/srv");
  }
}

TEST_CASE("any bytes are read without harm") {
  std::mt19937 random(7); // NOLINT: the same bytes in each run
  const std::string letters("1 :/-\\04rwo,\n\0dev\xff", 19);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned n = random() % 120; n > 0; --n) text += letters[random() % letters.size()];
    for (const Mount& mount : parse_mountinfo(text)) CHECK(mount.source.starts_with("/dev/"));
  }
}

TEST_CASE("a file system fills: nothing, a warning, then failed") {
  FilesystemWatch watch;
  CHECK(watch.look(used(899)).empty());
  CHECK(watch.look(used(900)) == "warning");
  const Finding first = watch.found.front();
  CHECK(first.id == "fs.srv.space");
  CHECK(first.state == "nearly full");
  CHECK(first.subject == "/srv (ext4 on /dev/md0): 90 % of its space in use");
  CHECK(watch.look(used(969)) == "warning");
  CHECK(watch.found.front().state == first.state); // nobody is told of each percent
  CHECK(watch.look(used(970)) == "failed");
  CHECK(watch.found.front().id == first.id);
  CHECK(watch.found.front().state == "full");
  CHECK(watch.look(used(1000)) == "failed");
}

TEST_CASE("a limit is left only when the use is so much below it") {
  FilesystemWatch watch;
  CHECK(watch.look(used(970)) == "failed");
  CHECK(watch.look(used(950)) == "failed");
  CHECK(watch.look(used(949)) == "warning");
  CHECK(watch.look(used(960)) == "warning"); // and is reached at the limit itself again
  CHECK(watch.look(used(880)) == "warning");
  CHECK(watch.look(used(879)).empty());
  CHECK(watch.look(used(899)).empty());
  CHECK(watch.look(used(980)) == "failed");
  CHECK(watch.look(used(100)).empty());
}

TEST_CASE("a file system whose space could not be asked stands as it was") {
  FilesystemWatch watch;
  Filesystem unknown = used(0);
  unknown.space.reset();
  CHECK(watch.look(unknown).empty());
  CHECK(watch.look(used(990)) == "failed");
  const auto before = watch.found;
  CHECK(watch.look(unknown) == "failed");
  CHECK(watch.found == before);
  CHECK(watch.look(used(10)).empty());
}

TEST_CASE("a file system that is no longer mounted is no finding") {
  const auto before = judge_filesystems({used(990)}, SpaceLimits(), {});
  REQUIRE(before.size() == 1);
  CHECK(judge_filesystems({}, SpaceLimits(), before).empty());
}

TEST_CASE("inodes run out by themselves, and not where none are counted") {
  Filesystem one = used(100);
  one.space->inodes = 100;
  one.space->inodes_free = 10;
  auto findings = judge_filesystems({one}, SpaceLimits(), {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].id == "fs.srv.inodes");
  CHECK(findings[0].severity == Severity::warning);
  CHECK(findings[0].text.starts_with("10 of 100 inodes are left."));
  one.space->inodes_free = 12; // within the hysteresis
  CHECK(judge_filesystems({one}, SpaceLimits(), findings).size() == 1);
  CHECK(judge_filesystems({one}, SpaceLimits(), {}).empty());
  one.space->inodes_free = 0;
  one.space->available = 0;
  findings = judge_filesystems({one}, SpaceLimits(), findings);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].id == "fs.srv.space");
  CHECK(findings[0].severity == Severity::failed);
  CHECK(findings[1].severity == Severity::failed);
  one.space->inodes = 0;
  CHECK(judge_filesystems({one}, SpaceLimits(), {}).size() == 1);
}

TEST_CASE("numbers of a size that cannot be are no finding, and large ones are counted right") {
  Filesystem one = used(0);
  one.space = Space{0, 0, 0, 0};
  CHECK(judge_filesystems({one}, SpaceLimits(), {}).empty());
  one.space = Space{100, 200, 10, 20}; // more left than there is
  CHECK(judge_filesystems({one}, SpaceLimits(), {}).empty());
  const auto most = std::numeric_limits<std::uint64_t>::max();
  one.space = Space{most, most / 20, 0, 0};
  const auto findings = judge_filesystems({one}, SpaceLimits(), {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].severity == Severity::warning);
  one.space = Space{4'000'000'000'000, 799'000, 0, 0};
  const auto nearly = judge_filesystems({one}, SpaceLimits(), {});
  REQUIRE(nearly.size() == 1);
  CHECK(nearly[0].subject.find("99.9 %") != std::string::npos);
  CHECK(nearly[0].text.starts_with("799 kB of 4 TB are left"));
}

TEST_CASE("a file system that the kernel made read-only is failed") {
  Filesystem one = used(100);
  one.mount.super_read_only = true;
  const auto findings = judge_filesystems({one}, SpaceLimits(), {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].id == "fs.srv.read-only");
  CHECK(findings[0].severity == Severity::failed);
  CHECK(findings[0].state == "read-only");
  CHECK(findings[0].subject == "/srv (ext4 on /dev/md0) went read-only");
  CHECK(findings[0].text.find("fsck on /dev/md0") != std::string::npos);
}

TEST_CASE("a file system that is read-only by wish is no finding, even when it is full") {
  Filesystem one = used(1000);
  one.mount.read_only = one.mount.super_read_only = true;
  CHECK(judge_filesystems({one}, SpaceLimits(), {}).empty());
  // A read-only mount of one that is written elsewhere can fill.
  one.mount.super_read_only = false;
  CHECK(judge_filesystems({one}, SpaceLimits(), {}).size() == 1);
}

TEST_CASE("an error of the kernel is seen in mountinfo as the file system's own ro") {
  const auto error = only_mount("1 1 9:0 / /srv rw,relatime - ext4 /dev/md0 ro,errors=remount-ro");
  CHECK_FALSE(error.read_only);
  CHECK(error.super_read_only);
  CHECK(judge_filesystems({{error, {}}}, SpaceLimits(), {}).size() == 1);
  const auto wish = only_mount("1 1 9:0 / /srv ro,relatime - ext4 /dev/md0 ro");
  CHECK(wish.read_only);
  CHECK(judge_filesystems({{wish, {}}}, SpaceLimits(), {}).empty());
  // "errors=remount-ro" and the like are other words.
  const auto good = only_mount("1 1 9:0 / /srv rw,prot - ext4 /dev/md0 errors=remount-ro,rwo");
  CHECK_FALSE(good.read_only);
  CHECK_FALSE(good.super_read_only);
}

TEST_CASE("each mount point has an id of its own that fits") {
  const std::vector<std::string> points = {"/",        "/srv",     "/srv/a b", "/srv/a_b",
                                           "/srv/a.b", "/srv/a/b", "/srv/a-b", "/root",
                                           "/srv/ä",   "/srv/A"};
  std::set<std::string> ids;
  for (const std::string& point : points) {
    const auto findings = judge_filesystems({used(950, point)}, SpaceLimits(), {});
    REQUIRE(findings.size() == 1);
    INFO(findings[0].id);
    CHECK(findings[0].id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789._-") == std::string::npos);
    ids.insert(findings[0].id);
  }
  CHECK(ids.size() == points.size());
  CHECK(ids.contains("fs.rootfs.space"));
  CHECK(ids.contains("fs.srv.a_20b.space"));
}

TEST_CASE("a name of a mount point cannot add a line to the subject") {
  const auto findings = judge_filesystems({used(950, "/a\nSubject: b")}, SpaceLimits(), {});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].subject.find('\n') == std::string::npos);
}
