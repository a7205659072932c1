// SPDX-License-Identifier: MIT
// The supervisor of the init scripts. See nasmcu-supervise(8).
#include <common/program.hpp>
#include <libmcu/model/text.hpp>
#include <supervise/pid_file.hpp>
#include <supervise/supervisor.hpp>

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <thread>

namespace {

using namespace nasmcu;
using namespace nasmcu::supervise;

/// LSB: what an init script's `status` says of a program that does not run.
constexpr int status_stopped = 3;
/// A daemon that is slower than this starts behind the init script's back.
constexpr int patience_ms = 10000;
/// Its own time to stop, a failsafe program, and some.
constexpr std::chrono::seconds stop_limit{20};

struct Wishes {
  Settings settings;
  CommonOptions common; ///< its root alone
  std::string pid_file, user, failsafe, log = "/dev/log";
  std::vector<std::string> groups;
  double sign_of_life = 30;
  bool background = false, stop = false, reload = false, status = false;
};

int complain(const std::string& words) {
  std::cerr << "nasmcu-supervise: " << words << "\n";
  return exit_failed;
}

void add_options(CLI::App& app, Wishes& wishes) {
  Command& daemon = wishes.settings.daemon;
  app.set_version_flag("--version", std::string("nasmcu ") + version, "print the version and exit");
  app.add_option("--name", wishes.settings.name, "the daemon's name; default: the program's")
      ->type_name("NAME");
  app.add_option("--pid-file", wishes.pid_file, "who supervises holds a lock on this file")
      ->type_name("FILE");
  app.add_option("--user", wishes.user, "run the daemon as this user")->type_name("USER");
  app.add_option("--groups", wishes.groups, "more groups for --user, with commas between")
      ->delimiter(',')
      ->type_name("GROUPS");
  app.add_flag("--set-clock", daemon.may_set_clock, "let --user set the system's clock");
  app.add_flag("--power-off", wishes.settings.may_power_off,
               "power off when the daemon asks for it");
  app.add_option("--root", wishes.common.root,
                 "with another one than / a power-off is only recorded in DIR/run/nasmcu/actions")
      ->type_name("DIR");
  app.add_option("--failsafe", wishes.failsafe, "run this after each bad end; words, no shell")
      ->type_name("COMMAND");
  app.add_option("--sign-of-life", wishes.sign_of_life,
                 "kill the daemon when it is silent for so long; 0: never")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 3600.0))
      ->capture_default_str();
  app.add_option("--oom-score", daemon.oom_score, "the daemon's oom_score_adj")
      ->type_name("N")
      ->check(CLI::Range(-1000, 1000))
      ->capture_default_str();
  app.add_flag("--background", wishes.background,
               "return when the daemon is ready; its words go to the log");
  app.add_option("--log", wishes.log, "the system log's socket, for --background")
      ->type_name("SOCKET")
      ->capture_default_str();
  app.add_flag("--stop", wishes.stop, "end who holds --pid-file, and its daemon");
  app.add_flag("--reload", wishes.reload, "have that daemon read its configuration again");
  app.add_flag("--status", wishes.status, "exit status 0: it runs, 3: it does not");
  app.add_option("COMMAND", daemon.words, "the daemon and its arguments, behind --");
}

/// "" or what is wrong with the command line.
std::string wrong_use(const Wishes& wishes) {
  const int verbs = (wishes.stop ? 1 : 0) + (wishes.reload ? 1 : 0) + (wishes.status ? 1 : 0);
  const std::vector<std::string>& words = wishes.settings.daemon.words;
  if (verbs > 1) return "one of --stop, --reload and --status is allowed";
  if (verbs == 1 && wishes.pid_file.empty()) return "--pid-file tells whom it is about";
  if (verbs == 1 && !words.empty()) return "no program is started then";
  if (verbs == 0 && words.empty()) return "the program to be supervised is missing";
  if (verbs == 0 && !words[0].starts_with('/')) return words[0] + ": the whole path is needed";
  if (wishes.user.empty() && (wishes.settings.daemon.may_set_clock || !wishes.groups.empty()))
    return "--groups and --set-clock belong to --user";
  return "";
}

/// Waits for the end, which frees the lock.
int stop(pid_t holder, const std::string& pid_file) {
  if (::kill(holder, SIGTERM) != 0)
    return complain("process " + std::to_string(holder) + " is not ours to end");
  const auto limit = std::chrono::steady_clock::now() + stop_limit;
  while (PidFile::holder(pid_file) == holder) {
    if (std::chrono::steady_clock::now() > limit)
      return complain("process " + std::to_string(holder) + " does not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return exit_done;
}

int command_running(const Wishes& wishes) {
  const pid_t holder = PidFile::holder(wishes.pid_file);
  if (wishes.stop) return holder == 0 ? exit_done : stop(holder, wishes.pid_file);
  if (holder == 0) return status_stopped;
  if (wishes.reload && ::kill(holder, SIGHUP) != 0)
    return complain("process " + std::to_string(holder) + " is not ours");
  return exit_done;
}

/// The parent's part of --background: what the child tells is our exit status.
int await_child(int pipe) {
  pollfd told = {pipe, POLLIN, 0};
  unsigned char code = exit_failed;
  if (::poll(&told, 1, patience_ms) == 0)
    return complain("not ready after " + std::to_string(patience_ms / 1000) +
                    " s; it is kept trying");
  if (::read(pipe, &code, 1) != 1) return exit_failed;
  return code;
}

void leave_terminal(Log& log, const std::string& socket) {
  log.to_system(socket);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, stream);
  if (nothing > STDERR_FILENO) ::close(nothing);
  if (::chdir("/") != 0) return; // it would only keep a file system busy
}

int look_after(Wishes wishes, int told) {
  Log log(wishes.settings.name);
  PidFile file(wishes.pid_file);
  if (!wishes.pid_file.empty())
    if (const mcu::Status taken = file.take(); !taken) return complain(taken.error().what);
  Supervisor supervisor(std::move(wishes.settings), log);
  if (const mcu::Status ready = supervisor.prepare(); !ready) return complain(ready.error().what);
  // Who supervises must outlive what it supervises.
  set_oom_score(-1000);
  if (wishes.background) leave_terminal(log, wishes.log);
  supervisor.on_settled = [told](int code) {
    const auto byte = static_cast<unsigned char>(code);
    if (told >= 0 && ::write(told, &byte, 1) == 1) ::close(told);
  };
  const int code = supervisor.run();
  if (!wishes.pid_file.empty()) file.remove();
  return code;
}

int in_background(Wishes wishes) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return complain("no pipe");
  const pid_t child = ::fork();
  if (child < 0) return complain("no process");
  if (child > 0) {
    ::close(ends[1]);
    return await_child(ends[0]);
  }
  ::close(ends[0]);
  ::setsid();
  ::signal(SIGPIPE, SIG_IGN); // the init script may have given up
  return look_after(std::move(wishes), ends[1]);
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Keeps a daemon of the suite running where no systemd does.", "nasmcu-supervise"};
  Wishes wishes;
  add_options(app, wishes);
  if (const auto code = parse(app, argc, argv, wishes.common)) return *code;
  if (const std::string wrong = wrong_use(wishes); !wrong.empty()) {
    complain(wrong + " (see nasmcu-supervise --help)");
    return exit_usage;
  }
  if (wishes.stop || wishes.reload || wishes.status) return command_running(wishes);

  Settings& settings = wishes.settings;
  settings.root = wishes.common.root;
  if (settings.name.empty())
    settings.name = std::filesystem::path(settings.daemon.words[0]).filename();
  settings.failsafe = mcu::split_words(wishes.failsafe);
  settings.rules.has_failsafe = !settings.failsafe.empty();
  settings.rules.sign_of_life =
      std::chrono::milliseconds(static_cast<long>(wishes.sign_of_life * 1000));
  if (wishes.sign_of_life > 0)
    settings.daemon.watchdog_usec = std::to_string(settings.rules.sign_of_life.count() * 1000);
  settings.collects_words = wishes.background;
  if (!wishes.user.empty()) {
    auto identity = find_identity(wishes.user, wishes.groups);
    if (!identity) return complain(identity.error().what);
    settings.daemon.identity = std::move(*identity);
  }
  return wishes.background ? in_background(std::move(wishes)) : look_after(std::move(wishes), -1);
}
