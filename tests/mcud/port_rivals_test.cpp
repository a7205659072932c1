// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "../common/temp_tree.hpp"

#include <mcud/port_rivals.hpp>

#include <filesystem>

using nasmcu::port_rivals;

namespace {

std::vector<std::string> rivals(const TempTree& tree, const std::string& tty = "ttyS1") {
  return port_rivals(mcu::Files(), tree.root(), tree.path("dev/" + tty));
}

bool tells(const std::vector<std::string>& all, const std::string& words) {
  return all.size() == 1 && all[0].find(words) != std::string::npos;
}

} // namespace

TEST_CASE("a port that nobody else has is nothing to tell of") {
  const TempTree tree;
  tree.write("etc/inittab", "1:2345:respawn:/sbin/getty 38400 tty1\n"
                            "#T0:23:respawn:/sbin/getty -L ttyS1 9600 vt100\n"
                            "T2:23:respawn:/sbin/getty -L ttyS10 9600 vt100\n");
  tree.write("sys/class/tty/console/active", "tty0 ttyS0\n");
  tree.write("sys/fs/cgroup/system.slice/system-serial\\x2dgetty.slice/"
             "serial-getty@ttyS0.service/cgroup.procs",
             "17\n");
  CHECK(rivals(tree).empty());
}

TEST_CASE("a login prompt that systemd runs on the port is told, with the way to end it") {
  const TempTree tree;
  tree.write("sys/fs/cgroup/system.slice/system-serial\\x2dgetty.slice/"
             "serial-getty@ttyS1.service/cgroup.procs",
             "17\n");
  CHECK(tells(rivals(tree), "systemctl mask --now serial-getty@ttyS1.service"));
}

TEST_CASE("the older hierarchy of control groups tells as well") {
  const TempTree tree;
  tree.write("sys/fs/cgroup/systemd/system.slice/system-getty.slice/getty@ttyS1.service/tasks", "");
  CHECK(tells(rivals(tree), "systemctl mask --now getty@ttyS1.service"));
}

TEST_CASE("a login prompt of /etc/inittab is told by its entry") {
  const TempTree tree;
  tree.write("etc/inittab", "id:2:initdefault:\n"
                            "T1:23:respawn:/sbin/getty -L ttyS1 9600 vt100");
  CHECK(tells(rivals(tree), "take entry T1 out of /etc/inittab"));
  tree.write("etc/inittab", "# " + std::string(5000, '-') + "\n" + // long comments are read through
                                "T7:23:respawn:/sbin/getty -L ttyS1 9600 vt100\n");
  CHECK(tells(rivals(tree), "take entry T7 out of /etc/inittab"));
}

TEST_CASE("the kernel's console on the port is told") {
  const TempTree tree;
  tree.write("sys/class/tty/console/active", "tty0 ttyS1\n");
  CHECK(tells(rivals(tree), "take console=ttyS1 off the kernel's command line"));
}

TEST_CASE("a link leads to the port's own name") {
  const TempTree tree;
  tree.write("sys/class/tty/console/active", "ttyS1\n");
  tree.write("dev/ttyS1", "");
  std::filesystem::create_symlink("ttyS1", tree.path("dev/nasmcu-mcu"));
  CHECK(tells(rivals(tree, "nasmcu-mcu"), "console=ttyS1"));
}
