// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <kernel/sys_tree.hpp>

#include <sys/stat.h>

using namespace mcu;

TEST_CASE("a file is read without the line feed at its end, and no further than 4096 bytes") {
  const SysTree tree;
  const Files files;
  CHECK(*files.read(tree.write("name", "qnapmcu\n")) == "qnapmcu");
  CHECK(files.read(tree.write("empty", "")).value_or("x").empty());
  CHECK(files.read(tree.write("long", std::string(9000, 'x')))->size() == 4096);
}

TEST_CASE("what is not there is `unsupported`, with the path and the system's words") {
  const SysTree tree;
  const Files files;
  const auto missing = files.read(tree.path("sys/none"));
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::unsupported);
  CHECK(missing.error().what == tree.path("sys/none") + ": cannot open: No such file or directory");
  tree.write("file", "");
  CHECK(files.read(tree.path("file/below")).error().code == Errc::unsupported);
  CHECK(files.read(tree.path("sys")).error().code == Errc::failed); // a folder
}

TEST_CASE("writing never makes a file, and replaces what a longer text left") {
  const SysTree tree;
  const Files files;
  CHECK(files.write(tree.path("new"), "1").error().code == Errc::unsupported);
  CHECK_FALSE(tree.exists("new"));
  tree.write("trigger", "heartbeat\n");
  CHECK(files.write(tree.path("trigger"), "none").ok());
  CHECK(tree.read("trigger") == "none");
}

TEST_CASE("each errno of a device has its kind of failure") {
  const auto code = [](int number) { return os_error("/sys/x", "cannot read", number).code; };
  for (const int gone : {ENOENT, ENOTDIR, ENODEV, ENXIO}) CHECK(code(gone) == Errc::unsupported);
  for (const int wrong : {EIO, EREMOTEIO, EPROTO, EBADMSG}) CHECK(code(wrong) == Errc::protocol);
  CHECK(code(ETIMEDOUT) == Errc::timeout);
  CHECK(code(EBUSY) == Errc::busy);
  for (const int other : {EACCES, EPERM, EROFS, EINVAL}) CHECK(code(other) == Errc::failed);
  CHECK(os_error("/sys/x", "cannot read", EIO).what == "/sys/x: cannot read: Input/output error");
}

TEST_CASE("a folder's names come sorted by their numbers; one that is not there has none") {
  const SysTree tree;
  const Files files;
  for (const char* name : {"hwmon10", "hwmon9", "hwmon0", ".hidden"})
    tree.folder("sys/class/hwmon/" + std::string(name));
  CHECK(files.list(tree.path("sys/class/hwmon")) ==
        std::vector<std::string>{"hwmon0", "hwmon9", "hwmon10"});
  CHECK(files.list(tree.path("sys/class/none")).empty());
}

TEST_CASE("links are followed to their end, and lead nowhere when it is gone") {
  const SysTree tree;
  const Files files;
  tree.folder("sys/devices/platform/chip");
  tree.link("sys/class/a", "sys/devices/platform/chip");
  tree.link("b", "sys/class/a");
  CHECK(files.resolve(tree.path("b")) == files.resolve(tree.path("sys/devices/platform/chip")));
  CHECK(files.exists(tree.path("b")));
  tree.remove("sys/devices/platform/chip");
  CHECK(files.resolve(tree.path("b")).empty());
  CHECK_FALSE(files.exists(tree.path("b")));
}

TEST_CASE("whole numbers are read strictly, and beyond 32 bits") {
  const SysTree tree;
  const Files files;
  CHECK(*files.number(tree.write("n", "-5000\n")) == -5000);
  CHECK(*files.number(tree.write("n", " 42 \n")) == 42);
  CHECK(*files.number(tree.write("n", "4102444800\n")) == 4102444800LL); // a wake-up in 2100
  for (const char* bad : {"", "\n", "12x", "1.5", "x", "99999999999999999999"}) {
    const auto number = files.number(tree.write("n", bad));
    CAPTURE(bad);
    REQUIRE_FALSE(number);
    CHECK(number.error().code == Errc::protocol);
  }
  CHECK(files.number(tree.path("none")).error().code == Errc::unsupported);
}
