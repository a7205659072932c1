// SPDX-License-Identifier: MIT
// Lines of a fake chip: a Unix stream socket ROOT/dev/gpiochipN, one connection a line. Text, a
// line each; values are levels (1 high), active-low is ours.
//
//   chip:   gpiochip LABEL LINES           greeting
//   we:     in LINE | out LINE 0|1|keep    once; keep: with the level that it has
//   chip:   value 0|1                      taken, with this level
//           error WORDS                    refused; "error busy ...": somebody has it
//   chip:   value 0|1                      at each change of an input
//   we:     set 0|1                        an output
#include <libmcu/kernel/gpio_chips.hpp>

#include <libmcu/kernel/fake_socket.hpp>
#include <libmcu/kernel/files.hpp>
#include <libmcu/model/text.hpp>

#include <cerrno>

namespace mcu {
namespace {

struct Greeting {
  std::string label;
  std::size_t lines = 0;
};

Result<Greeting> greeting(FakeSocket& chip, const std::string& path) {
  const auto line = chip.line();
  if (!line) return line.error();
  const auto words = split_words(*line);
  if (words.size() == 3 && words[0] == "gpiochip")
    if (const auto lines = parse_integer(words[2]); lines && *lines >= 0)
      return Greeting{words[1], static_cast<std::size_t>(*lines)};
  return Error{Errc::protocol, path + " says " + in_quotes(*line) + " in place of " +
                                   in_quotes("gpiochip LABEL LINES")};
}

/// The level behind "value"; nothing for other lines.
std::optional<bool> level_in(std::string_view line) {
  if (line == "value 0") return false;
  if (line == "value 1") return true;
  return std::nullopt;
}

struct Taken {
  FakeSocket chip;
  bool high = false;
};

Result<Taken> take(const std::string& path, const LineSpec& spec, const std::string& request) {
  auto chip = FakeSocket::connect(path);
  if (!chip) return chip.error();
  const auto hello = greeting(chip.value(), path);
  if (!hello) return hello.error();
  if (spec.line >= hello->lines) return no_such_line(spec, hello->lines);
  if (const Status sent = chip->send(request); !sent) return sent.error();
  const auto answer = chip->line();
  if (!answer) return answer.error();
  if (const auto high = level_in(*answer)) return Taken{std::move(chip).value(), *high};
  if (answer->starts_with("error busy")) return line_refused(spec, {}, EBUSY, {});
  return Error{Errc::failed, to_string(spec) + ": the chip says " + in_quotes(*answer)};
}

class Input final : public InputLine {
public:
  Input(Taken taken, LineSpec spec) : taken_(std::move(taken)), spec_(std::move(spec)) {}

  int fd() const override { return taken_.chip.fd(); }

  Result<bool> active() override {
    if (const Status heard = hear(); !heard) return heard.error();
    return taken_.high != spec_.active_low;
  }

  Result<std::vector<LineEdge>> edges() override {
    const Status heard = hear();
    if (!heard && edges_.empty()) return heard.error();
    return std::exchange(edges_, {});
  }

private:
  Status hear() {
    const auto lines = taken_.chip.lines();
    if (!lines) return line_lost(spec_, "hung up", ENODEV);
    for (const std::string& line : *lines)
      if (const auto high = level_in(line)) {
        taken_.high = *high;
        edges_.push_back({*high != spec_.active_low, std::chrono::steady_clock::now()});
      }
    return {};
  }

  Taken taken_;
  LineSpec spec_;
  std::vector<LineEdge> edges_; ///< heard, not told yet
};

class Output final : public OutputLine {
public:
  Output(Taken taken, LineSpec spec)
      : chip_(std::move(taken.chip)),
        spec_(std::move(spec)),
        active_(taken.high != spec_.active_low) {}

  Status set(bool active) override {
    const Status sent = chip_.send(active != spec_.active_low ? "set 1" : "set 0");
    if (!sent)
      return sent.error().code == Errc::unsupported ? line_lost(spec_, "hung up", ENODEV) : sent;
    active_ = active;
    return {};
  }
  bool active() const override { return active_; }

private:
  FakeSocket chip_;
  LineSpec spec_;
  bool active_;
};

Result<std::string> label(const std::string& path) {
  auto chip = FakeSocket::connect(path);
  if (!chip) return chip.error();
  auto hello = greeting(chip.value(), path);
  if (!hello) return hello.error();
  return hello->label;
}

Result<std::unique_ptr<InputLine>> input(const std::string& path, const LineSpec& spec,
                                         const std::string&) {
  auto taken = take(path, spec, "in " + std::to_string(spec.line));
  if (!taken) return taken.error();
  return std::unique_ptr<InputLine>(std::make_unique<Input>(std::move(taken).value(), spec));
}

Result<std::unique_ptr<OutputLine>> output(const std::string& path, const LineSpec& spec,
                                           const std::string&) {
  auto taken = take(path, spec, "out " + std::to_string(spec.line) + " keep");
  if (!taken) return taken.error();
  return std::unique_ptr<OutputLine>(std::make_unique<Output>(std::move(taken).value(), spec));
}

} // namespace

const GpioChips fake_chips = {&label, &input, &output};

} // namespace mcu
