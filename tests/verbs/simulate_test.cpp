// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <verbs/fake_box.hpp>

#include <verbs/outcome.hpp>

#include <filesystem>
#include <fstream>

using namespace nasmcu;

namespace {

/// A folder with a configuration, on a shipped board, without a box.
class Folder {
public:
  explicit Folder(const std::string& config = "") {
    path_ =
        std::filesystem::temp_directory_path() / ("nasmcu-simulate-" + std::to_string(::getpid()));
    std::filesystem::create_directory(path_);
    std::ofstream(path_ / "n.conf") << config;
  }
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string trace(const std::string& text) {
    std::ofstream(path_ / "trace.txt") << text;
    return path_ / "trace.txt";
  }
  Outcome run(const Arguments& arguments, bool json = false,
              const std::string& board = "qnap-ts433") {
    Session session;
    session.json = json;
    session.options.board = NASMCU_SOURCE_DIR "/config/boards/" + board + ".ini";
    session.options.config = path_ / "n.conf";
    return test::run(run_verb(session, "fan", arguments));
  }

private:
  std::filesystem::path path_;
};

} // namespace

TEST_CASE("a trace is simulated without a box, by the board's curve") {
  Folder folder;
  const Outcome outcome = folder.run({"system", "simulate", folder.trace("0 35\n3600 35\n")});
  CHECK(outcome.error.empty());
  CHECK(outcome.exit == exit_done);
  CHECK(outcome.text ==
        "system by curve 35:20 45:40 55:70 65:100, hysteresis 3 on sensor board, every 10 s for "
        "60 min\n0.0 speed changes an hour (0 in all)\n"
        "0 s at or above the limit (board 70 °C, cpu 85 °C)\n20.0 % mean duty, 20 to 20 %\n");
}

TEST_CASE("the configuration in force counts, and JSON has the same") {
  Folder folder("[Fan]\nPollTime = 5\nTempLow = 25\nTempHigh = 34\nHysteresis = 2\n");
  const Outcome outcome =
      folder.run({"simulate", folder.trace("0 board=71\n100 board=71 cpu=40\n")}, true);
  const Json json = Json::parse(outcome.text);
  CHECK(json["schema"] == 1);
  CHECK(json["fan"] == "system");
  CHECK(json["poll_seconds"] == 5);
  CHECK(json["seconds_above_limit"] == 100);
  CHECK(json["changes_per_hour"] == 0);
  CHECK(json["mean_duty"] == 100);
  CHECK(json["unused"] == Json::array({"cpu"}));
}

TEST_CASE("what cannot be simulated is told, with the exit code of its kind") {
  Folder folder;
  const std::string good = folder.trace("0 35\n");
  CHECK(folder.run({"system", "simulate"}).error == "usage: fan [NAME] simulate TRACE");
  CHECK(folder.run({"simulate"}).exit == exit_usage);
  CHECK(folder.run({"system", "simulate", good, "x"}).exit == exit_usage);
  CHECK(folder.run({"rear", "simulate", good}).exit == exit_no_device);
  CHECK(folder.run({"simulate", good}, false, "arduino-yun").error == "this board has no fan");
  CHECK(folder.run({"simulate", "/dev/null"}).error == "/dev/null: is no regular file");
  CHECK(folder.run({"simulate", "-"}).exit == exit_usage);
  const Outcome bad = folder.run({"simulate", folder.trace("0 35\nsoon 36\n")});
  CHECK(bad.exit == exit_usage);
  CHECK(bad.error.find("trace.txt:2: 'soon'") != std::string::npos);
  Folder wrong("[Fan]\nPollTime = 0\n");
  CHECK(wrong.run({"simulate", wrong.trace("0 35\n")}).error.find("n.conf:2: error:") !=
        std::string::npos);
}

TEST_CASE("a simulation reads files with the caller's rights, so never for the port") {
  const Verb& fan = *find_verb("fan");
  for (const Arguments& arguments :
       {Arguments{"simulate", "t"}, Arguments{"system", "simulate", "t"}, Arguments{"simulate"}}) {
    CHECK(access_of(fan, arguments) == Access::never_port);
    CHECK(needs_of(fan, arguments) == Needs::nothing);
  }
  const Arguments why{"system", "why"};
  CHECK(needs_of(fan, why) == Needs::box);
}
