// SPDX-License-Identifier: MIT
// LEDs of the kernel's LED class.
#include <libmcu/devices/backends.hpp>
#include <libmcu/devices/kernel_node.hpp>
#include <libmcu/kernel/find.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace mcu {
namespace {

// Milliseconds lit and dark. What a driver makes of them is read back: qnap-mcu has 100, 250 (its
// USB LED) and 500 only.
constexpr int fast_delay = 100;
constexpr int slow_delay = 500;
// The kernel's own where a driver does not say.
constexpr long long usual_full = 255;
// The kernel lights a LED behind a slow bus in its own time, and qnap-mcu ignores that a dark LED
// shall blink.
constexpr std::chrono::milliseconds lighting_up{20};
/// The files of a trigger come with it as root's, and udev gives them to us a moment later
/// (60-nasmcu.rules): half a second in all.
constexpr std::chrono::milliseconds rights_pause{20};
constexpr int rights_tries = 25;

/// Files of a LED, and what to write into them, in order.
using Writes = std::vector<std::pair<std::string, std::string>>;

/// Who drives a LED by itself, and who could: "none [timer] disk-activity".
struct Triggers {
  std::string active = "none";
  std::vector<std::string> all; ///< empty: the LED knows no triggers
  bool has(std::string_view trigger) const {
    return std::find(all.begin(), all.end(), trigger) != all.end();
  }
};

Triggers parse_triggers(std::string_view text) {
  Triggers triggers;
  triggers.all = split_words(text);
  for (std::string& word : triggers.all)
    if (word.size() > 2 && word.front() == '[' && word.back() == ']') {
      word = word.substr(1, word.size() - 2);
      triggers.active = word;
      return triggers;
    }
  // A plain file in place of the kernel's holds the last word that was written.
  if (triggers.all.size() == 1) triggers.active = triggers.all.front();
  return triggers;
}

Result<Triggers> read_triggers(const Files& files, const std::string& led) {
  if (!files.exists(led + "/trigger")) return Triggers{};
  const auto text = files.read(led + "/trigger");
  if (!text) return text.error();
  return parse_triggers(*text);
}

/// Writes until one is refused.
Status write_all(const Files& files, const std::string& led, const Writes& writes) {
  for (const auto& [file, text] : writes)
    if (const Status put = files.write(led + "/" + file, text); !put) return put;
  return {};
}

Status write_when_allowed(const Files& files, const std::string& led, const Writes& writes) {
  Status put = write_all(files, led, writes);
  for (int i = 1; !put && i < rights_tries; ++i) {
    std::this_thread::sleep_for(rights_pause);
    put = write_all(files, led, writes);
  }
  return put;
}

/// What gives the LED back to whoever has it now.
Result<Writes> restoring(const Files& files, const std::string& led) {
  Writes writes;
  const auto triggers = read_triggers(files, led);
  if (!triggers) return triggers.error();
  std::vector<std::string> values;
  if (!triggers->all.empty()) writes.emplace_back("trigger", triggers->active);
  if (triggers->active == "none") values = {"brightness"};
  if (triggers->active == "timer") values = {"delay_on", "delay_off"};
  for (const std::string& file : values) {
    auto old = files.read(led + "/" + file);
    if (!old) return old.error();
    writes.emplace_back(file, *std::move(old));
  }
  return writes;
}

/// Precondition: the LED has the trigger `timer`.
Result<LedState> blink(const Files& files, const std::string& led, bool fast,
                       const std::string& active, const std::string& full) {
  if (active != "timer") {
    // Taking a trigger away darkens the LED, so that comes before it is lit.
    if (active != "none")
      if (const Status off = files.write(led + "/trigger", "none"); !off) return off.error();
    if (const Status lit = files.write(led + "/brightness", full); !lit) return lit.error();
    std::this_thread::sleep_for(lighting_up);
    if (const Status on = files.write(led + "/trigger", "timer"); !on) return on.error();
  }
  const std::string delay = std::to_string(fast ? fast_delay : slow_delay);
  const Writes delays = {{"delay_on", delay}, {"delay_off", delay}};
  const Status set =
      active == "timer" ? write_all(files, led, delays) : write_when_allowed(files, led, delays);
  if (!set) return set.error();
  const auto lit = files.number(led + "/delay_on");
  if (!lit) return lit.error();
  return *lit < slow_delay ? LedState::blink_fast : LedState::blink_slow;
}

struct Shown {
  LedState state = LedState::off;
  bool can_blink = false;
};

/// Shows `wanted`, or what is nearest to it.
Result<Shown> show(const Files& files, const std::string& led, LedState wanted, bool could_blink) {
  const auto triggers = read_triggers(files, led);
  if (!triggers) return triggers.error();
  const auto most = files.number(led + "/max_brightness");
  const std::string full = std::to_string(most ? *most : usual_full);
  Shown shown{LedState::off, could_blink || triggers->has("timer")};
  const bool fast = wanted == LedState::blink_fast;
  if ((fast || wanted == LedState::blink_slow) && shown.can_blink) {
    const auto state = blink(files, led, fast, triggers->active, full);
    if (!state) return state.error();
    shown.state = *state;
    return shown;
  }
  Writes writes;
  if (triggers->active != "none") writes.emplace_back("trigger", "none");
  writes.emplace_back("brightness", wanted == LedState::off ? "0" : full);
  if (const Status put = write_all(files, led, writes); !put) return put.error();
  const auto lit = files.number(led + "/brightness");
  if (!lit) return lit.error();
  shown.state = *lit == 0 ? LedState::off : LedState::on;
  return shown;
}

class KernelLed : public Led {
public:
  KernelLed(KernelSide& side, const LedSpec& spec) : Led(spec), node_(side) {}
  Availability availability() const override { return node_.availability(); }
  void refresh() override {
    std::vector<std::string> names = {spec().device.address};
    names.insert(names.end(), spec().fallback.begin(), spec().fallback.end());
    const std::string before = place();
    node_.place(find_led(*node_.side().files, node_.side().root, names));
    if (place() != before) can_blink_ = false;
  }
  void close() override { node_.leave(); }

  Task<Result<LedState>> set(LedState state) override {
    wanted_ = state;
    const Status borrowed = co_await borrow();
    if (!borrowed) co_return about("led " + name(), borrowed.error());
    // All in one job, and the state that was asked for last: two who ask at once leave the LED as
    // the later one wants it.
    const auto job = [wanted = wanted_, can = can_blink_](const Files& files,
                                                          const std::string& led) {
      return show(files, led, wanted, can);
    };
    const auto shown = co_await node_.run<Result<Shown>>(job);
    if (!shown) co_return about("led " + name(), shown.error());
    can_blink_ = shown->can_blink;
    co_return shown->state;
  }

private:
  std::string place() const { return node_.present() ? node_.path() : std::string(); }

  /// Notes what the LED was before it is changed for the first time.
  Task<Status> borrow() {
    Loans& loans = node_.side().loans;
    if (loans.has(place() + "/trigger") || loans.has(place() + "/brightness")) co_return Done{};
    const std::string led = place();
    auto writes = co_await node_.run<Result<Writes>>(&restoring);
    if (!writes) co_return writes.error();
    for (auto& [file, text] : *writes) file = led + "/" + file;
    // When it cannot be noted the LED shows what it shall all the same: that a disk has failed is
    // worth more than the LED's old use after a crash.
    (void)loans.note(Loan{"", "", *std::move(writes)});
    co_return Done{};
  }

  KernelNode node_;
  LedState wanted_ = LedState::off;
  bool can_blink_ = false;
};

std::unique_ptr<Led> make_led(const BackendContext& context, const LedSpec& spec) {
  return std::make_unique<KernelLed>(*context.kernel, spec);
}

} // namespace

const Backend led_backend = {"led", nullptr, nullptr, &make_led};

} // namespace mcu
