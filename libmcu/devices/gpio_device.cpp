// SPDX-License-Identifier: MIT
// Buttons, LEDs and buzzers on a line of the kernel's: gpio:CHIP-LABEL/LINE[,active-low].
#include <libmcu/devices/backends.hpp>

#include <libmcu/devices/beeper.hpp>
#include <libmcu/devices/debounce.hpp>
#include <libmcu/kernel/fd_reader.hpp>
#include <libmcu/kernel/gpio_line.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace mcu {
namespace {

Result<LineSpec> line_spec(const DeviceUri& uri) {
  const auto slash = uri.address.rfind('/');
  const auto number = slash == std::string::npos
                          ? std::nullopt
                          : parse_integer(std::string_view(uri.address).substr(slash + 1));
  if (!number || *number < 0 || *number > std::numeric_limits<int>::max())
    return Error{Errc::invalid_argument,
                 in_quotes(to_string(uri)) + " is no line: a line looks like gpio:LABEL/14"};
  const bool low = std::find(uri.flags.begin(), uri.flags.end(), "active-low") != uri.flags.end();
  return LineSpec{uri.address.substr(0, slash), static_cast<unsigned>(*number), low};
}

/// What gpioinfo shows as the line's holder.
std::string consumer(const std::string& device) { return "nasmcu " + device; }

/// What all kinds share: a line that is held while it is there, and why it is not.
template <class Line>
class OnLine {
public:
  using Opener = Result<std::unique_ptr<Line>> (*)(const std::string& root, const LineSpec& spec,
                                                   const std::string& consumer);
  OnLine(const BackendContext& context, const DeviceUri& uri, std::string device, Opener opener)
      : context_(context),
        spec_(line_spec(uri)),
        device_(std::move(device)),
        opener_(opener),
        reason_(spec_ ? "not looked for yet" : spec_.error().what) {}

protected:
  Availability presence() const { return {line_ != nullptr, line_ ? "" : reason_}; }
  Error refusal() const { return {Errc::unsupported, device_ + " is not available: " + reason_}; }
  Line* line() const { return line_.get(); }
  const BackendContext& context() const { return context_; }

  /// True when it was not held before and is now.
  bool take() {
    if (line_ || !spec_) return false;
    auto taken = opener_(context_.kernel->root, *spec_, consumer(device_));
    if (!taken) {
      reason_ = taken.error().what;
      return false;
    }
    line_ = std::move(taken).value();
    reason_.clear();
    return true;
  }
  void let_go(const std::string& why) {
    line_.reset();
    reason_ = why;
  }
  /// For an error of the line: whether it went, so that everybody looks again.
  void lost(const Error& error) {
    if (error.code == Errc::unsupported && context_.kernel->look_again)
      context_.kernel->look_again();
  }

private:
  BackendContext context_;
  Result<LineSpec> spec_;
  std::string device_; ///< "button copy"
  Opener opener_;
  std::unique_ptr<Line> line_;
  std::string reason_;
};

class GpioButton final : public Button, OnLine<InputLine> {
public:
  GpioButton(const BackendContext& context, const ButtonSpec& spec)
      : Button(spec),
        OnLine(context, spec.device, "button " + spec.name, &open_input),
        timer_(context.executor) {}

  Availability availability() const override { return presence(); }
  bool polled() const override { return false; }

  Task<Result<bool>> pressed() override {
    if (line() == nullptr) co_return refusal();
    const Result<bool> active = line()->active();
    if (!active) lost(active.error());
    co_return active;
  }

  void refresh() override {
    if (line() != nullptr && !broken_.empty()) drop(broken_);
    if (line() != nullptr)
      if (const auto active = line()->active(); !active) drop(active.error().what);
    if (!take()) return;
    broken_.clear();
    const auto active = line()->active();
    if (!active) return drop(active.error().what);
    debounce_ = Debounce(*active);
    listen();
    if (std::exchange(was_taken_, true)) return tell(*active);
    told_ = *active; // how it starts is no edge
  }

  void close() override {
    timer_.cancel();
    reader_.reset();
    let_go("closed");
  }

private:
  /// Nobody knows whether a button that is gone is pressed: it must not count as held for long.
  void drop(const std::string& why) {
    timer_.cancel();
    reader_.reset();
    let_go(why);
    tell(false);
  }

  void listen() {
    reader_ = std::make_unique<FdReader>(
        context().executor, line()->fd(), [this] { return read(); },
        [kernel = context().kernel] {
          if (kernel->look_again) kernel->look_again();
        });
  }

  bool read() {
    const auto edges = line()->edges();
    if (!edges) {
      broken_ = edges.error().what;
      return false;
    }
    for (const LineEdge& edge : *edges)
      for (const bool change : debounce_.edge(edge.active, edge.at)) tell(change);
    arm();
    return true;
  }

  void arm() {
    if (line() == nullptr || !debounce_.deadline()) return;
    timer_.expires_at(*debounce_.deadline());
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](auto cancelled) {
      if (!cancelled && !alive.expired()) settle();
    });
  }

  void settle() {
    if (line() == nullptr) return;
    const auto active = line()->active();
    if (!active) return; // the reader finds out
    if (const auto change = debounce_.settle(*active, std::chrono::steady_clock::now()))
      tell(*change);
  }

  void tell(bool pressed) {
    if (std::exchange(told_, pressed) != pressed && on_edge) on_edge(pressed);
  }

  asio::steady_timer timer_;
  Debounce debounce_{false};
  bool told_ = false;
  bool was_taken_ = false;
  std::string broken_; ///< why no edges come any more
  std::unique_ptr<FdReader> reader_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// An output shows whether its chip is there by taking the state that it has.
class Output : public OnLine<OutputLine> {
public:
  using OnLine::OnLine;

protected:
  void look() {
    if (line() != nullptr)
      if (const Status same = line()->set(line()->active()); !same) let_go(same.error().what);
    take();
  }
  Status drive(bool active) {
    if (line() == nullptr) return refusal();
    Status driven = line()->set(active);
    if (!driven) lost(driven.error());
    return driven;
  }
};

class GpioLed final : public Led, Output {
public:
  GpioLed(const BackendContext& context, const LedSpec& spec)
      : Led(spec), Output(context, spec.device, "led " + spec.name, &open_output) {}

  Availability availability() const override { return presence(); }
  void refresh() override { look(); }
  void close() override { let_go("closed"); }

  /// A line cannot blink by itself: the nearest is `on`.
  Task<Result<LedState>> set(LedState state) override {
    const bool on = state != LedState::off;
    if (const Status driven = drive(on); !driven) co_return driven.error();
    co_return on ? LedState::on : LedState::off;
  }
};

class GpioBuzzer final : public Buzzer, Output {
public:
  GpioBuzzer(const BackendContext& context, const BuzzerSpec& spec)
      : Output(context, spec.device, "the buzzer", &open_output), beeper_(context.executor) {}

  const std::string& name() const override { return buzzer_name; }
  Availability availability() const override { return presence(); }
  void refresh() override { look(); }
  void close() override {
    beeper_.stop();
    let_go("closed");
  }

  Task<Status> beep(BeepLength length) override {
    return beeper_.beep([this](bool on) { return drive(on); }, duration_of(length));
  }

private:
  Beeper beeper_;
};

} // namespace

const Backend gpio_backend = {
    .scheme = "gpio",
    .led = &make<GpioLed, Led, LedSpec>,
    .button = &make<GpioButton, Button, ButtonSpec>,
    .buzzer = &make<GpioBuzzer, Buzzer, BuzzerSpec>,
};

} // namespace mcu
