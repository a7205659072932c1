// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <kernel/sys_tree.hpp>

#include <libmcu/kernel/loans.hpp>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

using namespace mcu;

namespace {

/// Two LEDs with their triggers, and the journal of their box.
struct LoanBox {
  LoanBox() {
    tree.write("sys/class/leds/a/trigger", "heartbeat");
    tree.write("sys/class/leds/b/trigger", "disk-activity");
    tree.write("sys/class/hwmon/hwmon3/name", "qnapmcu\n");
    tree.write("sys/class/hwmon/hwmon3/pwm1_enable", "2");
    tree.write("sys/class/hwmon/hwmon3/pwm1", "77");
  }
  std::unique_ptr<Loans> loans() const {
    return std::make_unique<Loans>(files, tree.path("run/nasmcu/loans"));
  }
  Loan led(const std::string& name) const {
    const std::string path = "sys/class/leds/" + name + "/trigger";
    return {"", "", {{tree.path(path), tree.read(path)}}};
  }
  Loan fan() const {
    return {tree.path("sys/class/hwmon/hwmon3/name"),
            "qnapmcu",
            {{tree.path("sys/class/hwmon/hwmon3/pwm1_enable"), "2"},
             {tree.path("sys/class/hwmon/hwmon3/pwm1"), "77"}}};
  }
  std::string enable() const { return tree.path("sys/class/hwmon/hwmon3/pwm1_enable"); }

  SysTree tree;
  std::shared_ptr<FaultyFiles> files = std::make_shared<FaultyFiles>();
};

} // namespace

TEST_CASE("a loan survives its line, whatever is in it") {
  for (const Loan& loan :
       {Loan{"", "", {{"/sys/a", "none"}}},
        Loan{"/sys/name", "qnap mcu", {{"/sys/a", ""}, {"/sys/b", "2"}}},
        Loan{"/sys/a\tb", "x\\ty\n", {{"/sys/\\", "\t\n\\n\\"}, {"/sys/a", "[none] timer"}}}}) {
    const std::string line = to_line(loan);
    CHECK(line.find('\n') == std::string::npos);
    const auto back = loan_from_line(line);
    REQUIRE(back);
    CHECK(*back == loan);
  }
}

TEST_CASE("a damaged line is an error and never half a loan") {
  const std::string line = to_line({"/sys/name", "x", {{"/sys/a", "1"}, {"/sys/b", "2"}}});
  for (const std::string& bad :
       {std::string(), std::string("loan"), std::string("loan\t\t"),
        std::string("loan\t\t\t/sys/a"), "x" + line, line + "\t/sys/c", line + "\\", line + "\\x",
        line + "\tsys/c\t1", std::string("loan\tname\tx\t/sys/a\t1"),
        line.substr(0, line.rfind('\t'))}) {
    CAPTURE(bad);
    const auto loan = loan_from_line(bad);
    REQUIRE_FALSE(loan);
    CHECK(loan.error().code == Errc::protocol);
  }
}

TEST_CASE("a loan is on file before it is taken, and off it when it was given back") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  REQUIRE(loans->note(box.led("a")).ok());
  CHECK(box.tree.read("run/nasmcu/loans") == to_line(box.led("a")) + "\n");
  REQUIRE(loans->note(box.fan()).ok());
  CHECK(loans->has(box.enable()));
  CHECK_FALSE(loans->has(box.tree.path("sys/class/hwmon/hwmon3/pwm1"))); // not the first path
  REQUIRE(loans->all().size() == 2);

  box.tree.write("sys/class/hwmon/hwmon3/pwm1_enable", "1");
  box.tree.write("sys/class/hwmon/hwmon3/pwm1", "255");
  REQUIRE(loans->give_back(box.enable()).ok());
  CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1_enable") == "2");
  CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1") == "77");
  CHECK_FALSE(loans->has(box.enable()));
  CHECK(box.tree.read("run/nasmcu/loans") == to_line(box.led("a")) + "\n");
  CHECK(loans->give_back(box.enable()).ok()); // there is none any more
  REQUIRE(loans->give_back_all().ok());
  CHECK_FALSE(box.tree.exists("run/nasmcu/loans"));
}

TEST_CASE("what counts is the state before the first loan") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  REQUIRE(loans->note(box.led("a")).ok());
  box.tree.write("sys/class/leds/a/trigger", "timer"); // ours by now
  REQUIRE(loans->note(box.led("a")).ok());
  REQUIRE(loans->give_back_all().ok());
  CHECK(box.tree.read("sys/class/leds/a/trigger") == "heartbeat");
}

TEST_CASE("a number that belongs to another chip by now is left alone, and can be borrowed anew") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  REQUIRE(loans->note(box.fan()).ok());
  box.tree.write("sys/class/hwmon/hwmon3/name", "other\n");
  box.tree.write("sys/class/hwmon/hwmon3/pwm1_enable", "5");
  Loan other = box.fan();
  other.guard_value = "other";
  other.writes = {{box.enable(), "5"}};

  SECTION("given back") {
    CHECK(loans->give_back_all().ok());
    CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1_enable") == "5");
    CHECK(loans->all().empty());
  }
  SECTION("borrowed") {
    REQUIRE(loans->note(other).ok());
    box.tree.write("sys/class/hwmon/hwmon3/pwm1_enable", "1");
    CHECK(loans->give_back_all().ok());
    CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1_enable") == "5");
    CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1") == "77"); // untouched
  }
}

TEST_CASE("one that cannot be given back stays, and does not stop the others") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  REQUIRE(loans->note(box.led("a")).ok());
  REQUIRE(loans->note(box.fan()).ok());
  REQUIRE(loans->note(box.led("b")).ok());
  for (const char* led : {"a", "b"})
    box.tree.write("sys/class/leds/" + std::string(led) + "/trigger", "none");
  box.tree.write("sys/class/hwmon/hwmon3/pwm1", "255");
  box.files->fail("pwm1_enable", EIO);
  const Status given = loans->give_back_all();
  REQUIRE_FALSE(given);
  CHECK_THAT(given.error().what,
             ContainsSubstring("pwm1_enable") && ContainsSubstring("Input/output error"));
  CHECK(box.tree.read("sys/class/leds/a/trigger") == "heartbeat");
  CHECK(box.tree.read("sys/class/leds/b/trigger") == "disk-activity");
  CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1") == "77"); // its second write counts too
  REQUIRE(loans->all().size() == 1);
  CHECK(box.tree.read("run/nasmcu/loans") == to_line(box.fan()) + "\n");
  box.files->heal();
  CHECK(loans->give_back_all().ok());
  CHECK(loans->all().empty());
}

TEST_CASE("the latest loan is given back first") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  // A zone's policy first, then the fan that it drives: the fan must be back before the zone is.
  REQUIRE(loans->note({"", "", {{box.enable(), "first"}}}).ok());
  REQUIRE(loans
              ->note({"",
                      "",
                      {{box.tree.path("sys/class/leds/a/trigger"), "x"}, {box.enable(), "second"}}})
              .ok());
  REQUIRE(loans->give_back_all().ok());
  CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1_enable") == "first");
}

TEST_CASE("a node that went is forgotten: it comes back as the kernel makes it") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  REQUIRE(loans->note(box.led("a")).ok());
  REQUIRE(loans->note(box.fan()).ok());
  box.tree.remove("sys/class/leds/a");
  box.tree.remove("sys/class/hwmon/hwmon3");
  CHECK(loans->give_back_all().ok());
  CHECK(loans->all().empty());
}

TEST_CASE("what a killed process borrowed is given back at the next start") {
  const LoanBox box;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto loans = box.loans();
    if (!loans->open() || !loans->note(box.led("a")) || !loans->note(box.fan())) ::_exit(1);
    box.tree.write("sys/class/leds/a/trigger", "none");
    box.tree.write("sys/class/hwmon/hwmon3/pwm1_enable", "1");
    ::raise(SIGKILL);
    ::_exit(2);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  CHECK(box.tree.read("sys/class/leds/a/trigger") == "none");
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  CHECK(loans->all() ==
        std::vector<Loan>{Loan{"", "", {{box.led("a").writes[0].first, "heartbeat"}}}, box.fan()});
  REQUIRE(loans->give_back_all().ok());
  CHECK(box.tree.read("sys/class/leds/a/trigger") == "heartbeat");
  CHECK(box.tree.read("sys/class/hwmon/hwmon3/pwm1_enable") == "2");
}

TEST_CASE("only one program owns the hardware, also while the journal is rewritten") {
  const LoanBox box;
  const auto first = box.loans();
  REQUIRE(first->open().ok());
  CHECK(first->open().ok()); // it has it already
  REQUIRE(first->note(box.led("a")).ok());
  const auto second = box.loans();
  const Status taken = second->open();
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::busy);
  CHECK_THAT(taken.error().what, ContainsSubstring(box.tree.path("run/nasmcu/loans")) &&
                                     ContainsSubstring("mcuctl without --direct"));
  CHECK(second->all().empty());
  first->close();
  REQUIRE(second->open().ok());
  CHECK(second->all().size() == 1);
  CHECK(first->open().error().code == Errc::busy);
}

TEST_CASE("nobody else can even open the lock, and everybody can look into the folder") {
  const LoanBox box;
  const mode_t before = ::umask(0077);
  const auto loans = box.loans();
  const Status opened = loans->open();
  const Status noted = loans->note(box.led("a"));
  ::umask(before);
  REQUIRE(opened.ok());
  REQUIRE(noted.ok());
  struct stat found {};
  const auto mode = [&](const std::string& below) {
    REQUIRE(::stat(box.tree.path(below).c_str(), &found) == 0);
    return found.st_mode & 07777U;
  };
  CHECK(mode("run/nasmcu") == 0755);
  CHECK(mode("run/nasmcu/loans.lock") == 0600);
  CHECK(mode("run/nasmcu/loans") == 0600);
}

TEST_CASE(
    "without a place for the journal it is kept in memory, and the words say what that costs") {
  const LoanBox box;
  box.tree.write("run", "a file where a folder should be");
  const auto loans = box.loans();
  const Status opened = loans->open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::failed);
  CHECK_THAT(opened.error().what,
             ContainsSubstring("loans.lock") && ContainsSubstring("after a crash"));
  REQUIRE(loans->note(box.led("a")).ok());
  box.tree.write("sys/class/leds/a/trigger", "none");
  REQUIRE(loans->give_back_all().ok());
  CHECK(box.tree.read("sys/class/leds/a/trigger") == "heartbeat");
}

TEST_CASE("a journal that cannot be written is a failure of note(), and the loan is still known") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  box.tree.folder("run/nasmcu/loans.new"); // in its way
  const Status noted = loans->note(box.led("a"));
  REQUIRE_FALSE(noted);
  CHECK_THAT(noted.error().what,
             ContainsSubstring("loans.new") && ContainsSubstring("after a crash"));
  box.tree.write("sys/class/leds/a/trigger", "none");
  REQUIRE(loans->give_back_all().ok());
  CHECK(box.tree.read("sys/class/leds/a/trigger") == "heartbeat");
}

TEST_CASE("a damaged line is left out and named, the others count") {
  const LoanBox box;
  box.tree.write("run/nasmcu/loans",
                 to_line(box.led("a")) + "\n\nloan\tdam\n" + to_line(box.fan()) + "\n");
  const auto loans = box.loans();
  const Status opened = loans->open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::failed);
  CHECK_THAT(opened.error().what, ContainsSubstring("run/nasmcu/loans:3: 'loan\\x09dam'"));
  CHECK(loans->all() == std::vector<Loan>{box.led("a"), box.fan()});
  CHECK(box.loans()->open().error().code == Errc::busy); // locked all the same
}

TEST_CASE("a journal longer than a small file is read in full") {
  const LoanBox box;
  const auto first = box.loans();
  REQUIRE(first->open().ok());
  for (int i = 0; i < 200; ++i)
    REQUIRE(first->note({"", "", {{box.tree.path("sys/" + std::to_string(i)), "x"}}}).ok());
  first->close();
  const auto second = box.loans();
  REQUIRE(second->open().ok());
  CHECK(second->all() == first->all());
}

TEST_CASE("a loan without anything to write is refused") {
  const LoanBox box;
  CHECK(box.loans()->note({"/sys/name", "x", {}}).error().code == Errc::invalid_argument);
}

TEST_CASE("loans are noted while others are given back in another thread") {
  const LoanBox box;
  const auto loans = box.loans();
  REQUIRE(loans->open().ok());
  const auto loan = [&](int i) {
    const std::string below = "sys/node" + std::to_string(i);
    box.tree.write(below, "ours");
    return Loan{"", "", {{box.tree.path(below), "before"}}};
  };
  std::thread giver([&] {
    for (int i = 0; i < 50; ++i) (void)loans->give_back_all();
  });
  for (int i = 0; i < 100; ++i) CHECK(loans->note(loan(i)).ok());
  giver.join();
  REQUIRE(loans->give_back_all().ok());
  CHECK(loans->all().empty());
  for (int i = 0; i < 100; ++i) CHECK(box.tree.read("sys/node" + std::to_string(i)) == "before");
}

TEST_CASE("the job that gives back outlives the loans") {
  const LoanBox box;
  auto loans = box.loans();
  REQUIRE(loans->note(box.led("a")).ok());
  box.tree.write("sys/class/leds/a/trigger", "none");
  const auto job = loans->giving_back();
  loans.reset();
  CHECK(job().ok());
  CHECK(box.tree.read("sys/class/leds/a/trigger") == "heartbeat");
}
