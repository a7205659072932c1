// SPDX-License-Identifier: MIT
// Buttons and buzzers on an input device: input:DEVICE-NAME/KEY_POWER[,switch].
#include <libmcu/devices/backends.hpp>

#include <libmcu/devices/beeper.hpp>
#include <libmcu/devices/input_hub.hpp>
#include <libmcu/kernel/find.hpp>
#include <libmcu/model/text.hpp>

#include <linux/input-event-codes.h>

#include <algorithm>
#include <utility>

namespace mcu {
namespace {

struct CodeOnDevice {
  std::string device;
  std::string word; ///< "KEY_POWER"
  InputCode code;
};

Result<CodeOnDevice> code_on_device(const DeviceUri& uri) {
  const auto slash = uri.address.rfind('/');
  if (slash == std::string::npos)
    return Error{Errc::invalid_argument, in_quotes(to_string(uri)) + " names no key: it looks like "
                                                                     "input:DEVICE-NAME/KEY_POWER"};
  const bool as_switch = std::find(uri.flags.begin(), uri.flags.end(), "switch") != uri.flags.end();
  const std::string word = uri.address.substr(slash + 1);
  const auto code = input_code(word, as_switch);
  if (!code) return code.error();
  return CodeOnDevice{uri.address.substr(0, slash), word, *code};
}

/// What both kinds share: a code of a device that the hub keeps open.
class OnInput {
public:
  OnInput(const BackendContext& context, const DeviceUri& uri, std::string device)
      : hub_(*context.kernel->inputs),
        code_(code_on_device(uri)),
        device_(std::move(device)),
        reason_(code_ ? "not looked for yet" : code_.error().what) {}

protected:
  Availability presence() const { return {present_, present_ ? "" : reason_}; }
  Error refusal() const { return {Errc::unsupported, device_ + " is not available: " + reason_}; }
  InputHub& hub() { return hub_; }
  /// Precondition: the board file named a code.
  const CodeOnDevice& what() const { return *code_; }
  bool named() const { return code_.ok(); }

  Result<InputDevice*> look() {
    present_ = false;
    if (!code_) return refusal();
    auto found = hub_.open(code_->device);
    if (!found) {
      reason_ = found.error().what;
      return found;
    }
    if (!(*found)->has(code_->code)) {
      reason_ = "input device " + code_->device + " has no " + code_->word +
                (code_->code.type == EV_SW && !code_->word.starts_with("SW_") ? " switch" : "");
      return refusal();
    }
    present_ = true;
    return found;
  }
  void leave(const void* who) {
    present_ = false;
    reason_ = code_ ? "closed" : code_.error().what;
    if (code_) hub_.listen(code_->device, who, nullptr);
  }

private:
  InputHub& hub_;
  Result<CodeOnDevice> code_;
  std::string device_; ///< "button copy"
  bool present_ = false;
  std::string reason_;
};

class InputButton final : public Button, OnInput {
public:
  InputButton(const BackendContext& context, const ButtonSpec& spec)
      : Button(spec),
        OnInput(context, spec.device, "button " + spec.name),
        kernel_(context.kernel) {}
  ~InputButton() override { leave(this); }

  Availability availability() const override { return presence(); }
  bool polled() const override { return false; }
  std::chrono::milliseconds resolution() const override { return poll_; }

  Task<Result<bool>> pressed() override {
    if (!presence().present) co_return refusal();
    const auto state = state_now();
    co_return state;
  }

  void refresh() override {
    if (!named()) return;
    hub().listen(what().device, this, [this](const InputEvent& event) {
      if (event.code == what().code) tell(event.value != 0);
    });
    // Nobody knows whether a button that is gone is pressed: it must not count as held for long.
    const bool pressed = look() && state_now().value_or(false);
    if (presence().present) poll_ = poll_now();
    if (!presence().present || std::exchange(was_there_, true)) return tell(pressed);
    told_ = pressed; // how it starts is no edge
  }

  void close() override { leave(this); }

private:
  Result<bool> state_now() {
    const auto device = hub().open(what().device);
    if (!device) return device.error();
    const auto state = (*device)->state(what().code);
    if (!state) return state.error();
    return *state != 0;
  }

  /// The pace of a device that the kernel has to ask; others have no such file.
  std::chrono::milliseconds poll_now() const {
    const auto node = find_input(*kernel_->files, kernel_->root, what().device);
    if (!node) return {};
    const std::string event = node->substr(node->rfind('/'));
    const auto pace =
        kernel_->files->number(kernel_->root + "/sys/class/input" + event + "/device/poll");
    constexpr long long longest = 10000;
    return std::chrono::milliseconds(std::clamp(pace.value_or(0), 0LL, longest));
  }

  void tell(bool pressed) {
    if (std::exchange(told_, pressed) != pressed && on_edge) on_edge(pressed);
  }

  KernelSide* kernel_;
  std::chrono::milliseconds poll_{0};
  bool told_ = false;
  bool was_there_ = false;
};

class InputBuzzer final : public Buzzer, OnInput {
public:
  InputBuzzer(const BackendContext& context, const BuzzerSpec& spec)
      : OnInput(context, spec.device, "the buzzer"),
        bell_(context.executor),
        tone_(context.executor) {}
  ~InputBuzzer() override { leave(this); }

  const std::string& name() const override { return buzzer_name; }
  Availability availability() const override { return presence(); }

  void refresh() override {
    if (!named()) return;
    hub().listen(what().device, this, [](const InputEvent&) {}); // keeps the device open
    (void)look();
  }

  void close() override {
    bell_.stop();
    tone_.stop();
    leave(this);
  }

  /// A device with a tone has it for long sounds (on a QNAP each non-zero value is one beep of the
  /// MCU's, short for the bell and long for the tone); others hold the bell.
  Task<Status> beep(BeepLength length) override {
    if (!presence().present) co_return refusal();
    constexpr InputCode tone = {EV_SND, SND_TONE};
    constexpr int hertz = 1000;
    const auto device = hub().open(what().device);
    const bool toned = length == BeepLength::extended && device && (*device)->has(tone);
    Beeper::Switch sound = [this, code = toned ? tone : what().code, pitch = toned ? hertz : 1](
                               bool on) { return sound_now(code, on ? pitch : 0); };
    Task<Status> beeping = (toned ? tone_ : bell_).beep(std::move(sound), duration_of(length));
    const Status done = co_await std::move(beeping);
    co_return done;
  }

private:
  Status sound_now(InputCode code, int value) {
    const auto device = hub().open(what().device);
    return device ? (*device)->sound(code, value) : device.error();
  }

  Beeper bell_, tone_;
};

} // namespace

const Backend input_backend = {
    .scheme = "input",
    .button = &make<InputButton, Button, ButtonSpec>,
    .buzzer = &make<InputBuzzer, Buzzer, BuzzerSpec>,
};

} // namespace mcu
