// SPDX-License-Identifier: MIT
#include <shutdown/hook.hpp>

#include <shutdown/errand.hpp>
#include <shutdown/frame.hpp>
#include <shutdown/log.hpp>
#include <shutdown/mounts.hpp>

#include <libmcu/link/descriptor.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace nasmcu::shutdown {
namespace {

std::string sent_file(const std::string& root) { return root + "/run/nasmcu/power-off-sent"; }
std::string delay_file(const std::string& root) { return root + "/run/nasmcu/poweroff-delay"; }

Surroundings look_around(const mcu::Files& files) {
  const char* runlevel = std::getenv("RUNLEVEL");
  return {::geteuid(), files.read("/proc/1/comm").value_or(""), runlevel ? runlevel : ""};
}

/// A table longer than a file of /sys.
std::string read_whole(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  ::close(fd);
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

} // namespace

Hook::Hook(CommonOptions options)
    : options_(std::move(options)), system_(options_.root, "nasmcu-shutdown") {}

Facts Hook::find_facts(Verb verb) {
  Facts facts;
  facts.verb = verb;
  if (system_.real()) {
    const Surroundings around = look_around(files_);
    facts.not_going_down = not_going_down(around);
    facts.last_program = !systemd_is_last(around);
  }
  const auto board = find_board(options_);
  if (!board) {
    facts.no_supply = "nothing to do: " + board.error().what;
    return facts;
  }
  // A mistake in the configuration must not keep the power on: its default is used, and said.
  ConfigFile file = load_config(options_.config, options_.root);
  for (const mcu::Diagnostic& one : file.diagnostics)
    if (one.severity == mcu::Diagnostic::Severity::error) tell(mcu::to_string(one));
  config_ = std::move(file.config);
  const auto asked = files_.read(delay_file(options_.root));
  auto supply =
      find_supply(*board, config_, asked ? std::optional<std::string>(*asked) : std::nullopt,
                  files_, options_.root);
  if (supply) {
    supply_ = std::move(*supply);
    baud_ = board->mcu->baud;
    facts.waits = supply_.waits();
    facts.sent_before = files_.exists(sent_file(options_.root));
  } else {
    facts.no_supply = supply.error().what;
  }
  return facts;
}

int Hook::run(Verb verb) {
  const auto now = &std::chrono::steady_clock::now;
  // Before anything is stopped: what this program needs must not have to come from a disk.
  const bool locked = ::mlockall(MCL_CURRENT | MCL_FUTURE) == 0;
  const int failure = errno;
  Machine machine(find_facts(verb), now());
  if (system_.real() && machine.step() != Step::end) {
    open_kernel_log();
    if (!locked) tell(std::string("memory is not locked: ") + std::strerror(failure));
  }
  const bool begun = machine.step() != Step::end;
  while (machine.step() != Step::end) {
    const Outcome outcome = carry_out(machine);
    machine.done(outcome, now());
  }
  tell(std::string(name(verb)) + ": " + machine.why());
  return begun && !machine.acknowledged() ? exit_failed : exit_done;
}

Outcome Hook::carry_out(const Machine& machine) {
  switch (machine.step()) {
  case Step::look: return look();
  case Step::stop_arrays: return stop_all_arrays(machine.until());
  case Step::write_back: return write_back(machine.until());
  case Step::settle_disks: return settle_disks(machine.until());
  case Step::send: return send(machine.until());
  case Step::switch_off: return switch_off();
  case Step::end: break;
  }
  return {};
}

Outcome Hook::look() const {
  const auto writable = writable_on_disk(read_whole(options_.root + "/proc/self/mountinfo"));
  if (!writable) return {false, writable.error().what};
  if (!writable->empty()) return {false, "still writable: " + joined(*writable)};
  return {};
}

Outcome Hook::stop_all_arrays(Time until) const {
  const auto stop = [this] {
    for (const std::string& line : stop_arrays(files_, system_)) tell(line);
    return std::string();
  };
  const auto ended = run_errands({stop}, until);
  if (ended[0]) return {ended[0]->empty(), *ended[0]};
  tell("arrays: not stopped in time");
  return {false, "not in time"};
}

Outcome Hook::write_back(Time until) const {
  const auto sync = [this] {
    if (system_.real())
      ::sync();
    else if (const mcu::Status noted = system_.record("sync", {}); !noted)
      return noted.error().what;
    return std::string();
  };
  const auto ended = run_errands({sync}, until);
  if (!ended[0]) return {false, "not in time"};
  return {ended[0]->empty(), *ended[0]};
}

Outcome Hook::settle_disks(Time until) const {
  const auto disks = find_disks(files_, system_);
  std::vector<Errand> errands;
  for (const auto& disk : disks)
    errands.emplace_back([&disk] {
      std::string note;
      std::string failed = settle(*disk, note);
      if (failed.empty()) tell(note);
      return failed;
    });
  const auto ended = run_errands(errands, until);
  std::vector<std::string> failed;
  for (std::size_t i = 0; i < disks.size(); ++i) {
    if (!ended[i])
      failed.push_back(disks[i]->name() + " did not answer in time");
    else if (!ended[i]->empty())
      failed.push_back(*ended[i]);
  }
  return {failed.empty(), joined(failed)};
}

Outcome Hook::send(Time until) {
  if (supply_.waits())
    tell("the MCU shall cut the power in " + std::to_string(supply_.delay.count()) + " s (" +
         supply_.delay_from + ")");
  const auto may = [this, until]() -> mcu::Status {
    // A program that was stopped in between must not cut the power of what came after it.
    if (std::chrono::steady_clock::now() > until)
      return mcu::Error{mcu::Errc::denied, "the time for it is over"};
    const Outcome nothing_writable = look();
    if (!nothing_writable.ok) return mcu::Error{mcu::Errc::denied, nothing_writable.words};
    return leave_note();
  };
  return send_power_off(std::move(supply_), {baud_, config_.serial.byte_gap}, may, until);
}

/// /run is in memory: the note is gone with the next start. Of two at the same time one leaves it.
mcu::Status Hook::leave_note() const {
  const std::string file = sent_file(options_.root);
  ::mkdir((options_.root + "/run/nasmcu").c_str(), 0755);
  const mcu::Descriptor fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (fd.get() < 0) return mcu::os_error(file, "cannot leave the note", errno);
  return {};
}

Outcome Hook::switch_off() const {
  if (!system_.real()) return {};
  // As halt(8) would: but its program may be on a disk that has no power any more.
  ::reboot(RB_POWER_OFF);
  return {false, std::strerror(errno)};
}

} // namespace nasmcu::shutdown
