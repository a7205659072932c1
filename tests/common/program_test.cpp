// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include "temp_tree.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <common/notify.hpp>
#include <common/program.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <iostream>
#include <sstream>

using namespace nasmcu;
using namespace std::chrono_literals;

namespace {

struct Parsed {
  std::optional<int> exit;
  CommonOptions options;
  std::string out;
  std::string err;
};

Parsed run(std::vector<std::string> words) {
  words.insert(words.begin(), "/usr/bin/mcud");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Parsed parsed;
  std::ostringstream out;
  std::ostringstream err;
  std::streambuf* const old_out = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const old_err = std::cerr.rdbuf(err.rdbuf());
  CLI::App app{"test"};
  add_common_options(app, parsed.options);
  parsed.exit = parse(app, static_cast<int>(argv.size()), argv.data(), parsed.options);
  std::cout.rdbuf(old_out);
  std::cerr.rdbuf(old_err);
  parsed.out = out.str();
  parsed.err = err.str();
  return parsed;
}

const std::string small_board = "[board]\nname = Small\nmatch = acme,small\n";

} // namespace

TEST_CASE("every kind of failure has its exit code") {
  CHECK(exit_code(mcu::Errc::timeout) == 6);
  CHECK(exit_code(mcu::Errc::protocol) == 6);
  CHECK(exit_code(mcu::Errc::link_down) == 6);
  CHECK(exit_code(mcu::Errc::busy) == 6);
  CHECK(exit_code(mcu::Errc::unsupported) == 4);
  CHECK(exit_code(mcu::Errc::denied) == 5);
  CHECK(exit_code(mcu::Errc::not_running) == 3);
  CHECK(exit_code(mcu::Errc::invalid_argument) == 2);
  CHECK(exit_code(mcu::Errc::failed) == 1);
  CHECK(exit_code(mcu::Errc::asleep) == 0);
}

TEST_CASE("the common options are read") {
  const TempTree tree;
  const auto parsed = run({"--config", "c.conf", "--board", "qnap-ts433", "--root",
                           tree.root() + "/", "--log-level", "debug"});
  INFO(parsed.err);
  CHECK_FALSE(parsed.exit);
  CHECK(parsed.options.config == "c.conf");
  CHECK(parsed.options.board == "qnap-ts433");
  CHECK(parsed.options.root == tree.root());
  CHECK(parsed.options.log_level == "debug");
}

TEST_CASE("every spelling of the real root is the real root") {
  for (const char* root : {"/", "//", "/.", "/tmp/..", "/tmp/../"}) {
    const auto parsed = run({"--root", root});
    CHECK_FALSE(parsed.exit);
    CHECK(parsed.options.root.empty());
  }
  const TempTree tree;
  REQUIRE(::symlink("/", tree.path("slash").c_str()) == 0);
  CHECK(run({"--root", tree.path("slash")}).options.root.empty());
}

TEST_CASE("help and version go to stdout with 0, a usage error is one line on stderr with 2") {
  const auto help = run({"--help"});
  CHECK(help.exit == 0);
  CHECK(help.out.find("--board") != std::string::npos);
  const auto said = run({"--version"});
  CHECK(said.exit == 0);
  CHECK(said.out == std::string("nasmcu ") + version + "\n");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--nonsense"}, {"--log-level", "loud"}, {"--config"}, {"--root", "/nowhere/at/all"}}) {
    const auto wrong = run(words);
    CHECK(wrong.exit == 2);
    CHECK(wrong.out.empty());
    CHECK(wrong.err.starts_with("mcud: "));
    CHECK(std::count(wrong.err.begin(), wrong.err.end(), '\n') == 1);
  }
}

TEST_CASE(
    "the data folder: NASMCU_DATA, then the root's own, then the source tree of a built program") {
  const TempTree tree;
  {
    const Variable data("NASMCU_DATA", "/my/data");
    CHECK(data_dir(tree.root()) == "/my/data");
  }
  const Variable data("NASMCU_DATA", nullptr);
  CHECK(data_dir("") == NASMCU_SOURCE_DIR "/config");
  CHECK(data_dir(tree.root()) == NASMCU_SOURCE_DIR "/config");
}

TEST_CASE("a board is detected by its first compatible string, later ones are the fallback") {
  const TempTree tree;
  tree.write("proc/device-tree/compatible", std::string("qnap,ts433\0rockchip,rk3568\0", 27));
  CHECK(compatible_strings(tree.root()) ==
        std::vector<std::string>{"qnap,ts433", "rockchip,rk3568"});
  const auto board = find_board({"", "", tree.root(), "info"});
  REQUIRE(board);
  CHECK(board->id == "qnap-ts433");
  tree.write("proc/device-tree/compatible", std::string("acme,new\0dlink,dns327l\0", 23));
  CHECK(find_board({"", "", tree.root(), "info"})->id == "dlink-dns327l");
}

TEST_CASE("an unknown box is told what was found and which file to write") {
  const TempTree tree;
  tree.write("proc/device-tree/compatible", std::string("acme,new\0", 9));
  const auto unknown = find_board({"", "", tree.root(), "info"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == mcu::Errc::unsupported);
  CHECK(unknown.error().what.find("'acme,new'") != std::string::npos);
  CHECK(unknown.error().what.find(tree.root() + "/etc/nasmcu/boards/NAME.ini") !=
        std::string::npos);
  for (const char* help : {"mcuctl boards", "mcuctl setup", "mcuctl report"})
    CHECK(unknown.error().what.find(help) != std::string::npos);
  CHECK(unknown.error().what.find('\n') == std::string::npos);
  const TempTree empty;
  CHECK(find_board({"", "", empty.root(), "info"}).error().what.find("/proc/device-tree") !=
        std::string::npos);
}

TEST_CASE("a box that is not known is one thing, a wrong name or file another") {
  const TempTree tree;
  CHECK(unknown_box({"", "", tree.root(), "off"}));
  CHECK_FALSE(unknown_box({"", "qnap-ts433", tree.root(), "off"}));
  CHECK_FALSE(unknown_box({"", "qnap-ts999", tree.root(), "off"}));
  CHECK(find_board({"", "qnap-ts999", tree.root(), "off"}).error().code ==
        mcu::Errc::invalid_argument);
  CHECK(find_board({"", tree.path("none.ini"), tree.root(), "off"}).error().code ==
        mcu::Errc::invalid_argument);
  tree.write("etc/nasmcu/board", "qnap-ts999\n");
  CHECK_FALSE(unknown_box({"", "", tree.root(), "off"}));
  CHECK(board_word(tree.root()) == "qnap-ts999");
  CHECK(find_board({"", "", tree.root(), "off"}).error().code == mcu::Errc::invalid_argument);
}

TEST_CASE("a service on an unknown box was ready and ends well") {
  const TempTree tree;
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = tree.path("notify");
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const Variable socket("NOTIFY_SOCKET", path.c_str());
  CHECK(end_on_unknown_box("this box is not known") == exit_done);
  char buffer[256];
  const ssize_t got = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
  ::close(fd);
  REQUIRE(got > 0);
  CHECK(std::string(buffer, static_cast<std::size_t>(got)).starts_with("READY=1\n"));
}

TEST_CASE("a board is named by id, by file, or in /etc/nasmcu/board") {
  const TempTree tree;
  CHECK(find_board({"", "qnap-ts133", tree.root(), "info"})->id == "qnap-ts133");
  const std::string file = tree.write("mine.ini", small_board);
  CHECK(find_board({"", file, tree.root(), "info"})->name == "Small");
  tree.write("etc/nasmcu/board", "dlink-dns320l\n");
  CHECK(find_board({"", "", tree.root(), "info"})->id == "dlink-dns320l");
  CHECK(find_board({"", "qnap-ts133", tree.root(), "info"})->id == "qnap-ts133");
  const auto wrong = find_board({"", "qnap-ts999", tree.root(), "info"});
  CHECK(wrong.error().what.find("'qnap-ts999'") != std::string::npos);
  CHECK(wrong.error().what.find("qnap-ts133") != std::string::npos);
}

TEST_CASE("a board file in /etc takes the place of the shipped one of that name") {
  const TempTree tree;
  tree.write("etc/nasmcu/boards/qnap-ts433.ini", small_board);
  CHECK(find_board({"", "qnap-ts433", tree.root(), "info"})->name == "Small");
  const auto files = board_files(tree.root());
  int seen = 0;
  for (const std::string& file : files) seen += file.ends_with("/qnap-ts433.ini") ? 1 : 0;
  CHECK(seen == 1);
}

TEST_CASE("a broken board file is an error, and does not hide the others") {
  const TempTree tree;
  tree.write("etc/nasmcu/boards/broken.ini", "[board]\nmatch = acme,small\n");
  CHECK(find_board({"", "broken", tree.root(), "off"}).error().what.find("has errors") !=
        std::string::npos);
  CHECK(find_board({"", "qnap-ts433", tree.root(), "off"}).ok());
}

TEST_CASE("notify sends one datagram to the service manager's socket") {
  const TempTree tree;
  const std::string path = tree.path("notify");
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const Variable socket("NOTIFY_SOCKET", path.c_str());
  notify("READY=1");
  char buffer[64];
  const ssize_t got = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
  ::close(fd);
  REQUIRE(got == 7);
  CHECK(std::string(buffer, 7) == "READY=1");
  notify("into the void"); // the socket is closed: no signal, no wait
}

TEST_CASE("the watchdog interval is half of what was asked of this very process") {
  const Variable usec("WATCHDOG_USEC", "30000000");
  {
    const Variable pid("WATCHDOG_PID", nullptr);
    CHECK(watchdog_interval() == std::chrono::microseconds(15s));
  }
  {
    const Variable pid("WATCHDOG_PID", "1");
    CHECK_FALSE(watchdog_interval());
  }
  const Variable bad("WATCHDOG_USEC", "soon");
  CHECK_FALSE(watchdog_interval());
}
