// SPDX-License-Identifier: MIT
// Lines through libgpiod 1.6 (Debian 12).
#include <libmcu/kernel/gpio_chips.hpp>

#include <libmcu/kernel/files.hpp>

#include <gpiod.h>

#include <array>
#include <cerrno>

namespace mcu {
namespace {

struct CloseChip {
  void operator()(gpiod_chip* chip) const { gpiod_chip_close(chip); }
};
/// Releases its lines when it is closed.
using Chip = std::unique_ptr<gpiod_chip, CloseChip>;

struct Handle {
  Chip chip;
  gpiod_line* line = nullptr; ///< the chip's
};

int flags_of(const LineSpec& spec) {
  return spec.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
}

Result<Chip> open_chip(const std::string& path) {
  Chip chip(gpiod_chip_open(path.c_str()));
  if (!chip) return os_error(path, "cannot open", errno);
  return chip;
}

Result<Handle> open_line(const std::string& path, const LineSpec& spec) {
  auto chip = open_chip(path);
  if (!chip) return chip.error();
  Handle handle{std::move(chip).value(), nullptr};
  const unsigned lines = gpiod_chip_num_lines(handle.chip.get());
  if (spec.line >= lines) return no_such_line(spec, lines);
  handle.line = gpiod_chip_get_line(handle.chip.get(), spec.line);
  if (handle.line == nullptr) return line_refused(spec, "cannot be found", errno, {});
  return handle;
}

Error refused(const Handle& handle, const LineSpec& spec, const std::string& what) {
  const int number = errno;
  const char* holder = gpiod_line_is_used(handle.line) ? gpiod_line_consumer(handle.line) : nullptr;
  return line_refused(spec, what, number, holder == nullptr ? "" : holder);
}

class Input final : public InputLine {
public:
  Input(Handle handle, LineSpec spec) : handle_(std::move(handle)), spec_(std::move(spec)) {}

  int fd() const override { return gpiod_line_event_get_fd(handle_.line); }

  Result<bool> active() override {
    const int value = gpiod_line_get_value(handle_.line);
    if (value < 0) return line_lost(spec_, "cannot be read", errno);
    return value == 1;
  }

  Result<std::vector<LineEdge>> edges() override {
    std::vector<LineEdge> seen;
    for (;;) {
      const LineNews news = line_news(fd());
      if (news == LineNews::none) return seen;
      if (news == LineNews::gone) return line_lost(spec_, "hung up", ENODEV);
      if (const Status read = read_some(seen); !read) return read.error();
    }
  }

private:
  Status read_some(std::vector<LineEdge>& seen) {
    std::array<gpiod_line_event, 16> events{};
    const int count = gpiod_line_event_read_fd_multiple(fd(), events.data(), events.size());
    if (count < 0 && errno != EAGAIN) return line_lost(spec_, "cannot be read", errno);
    for (int i = 0; i < count; ++i) {
      const gpiod_line_event& event = events.at(static_cast<std::size_t>(i));
      constexpr std::int64_t second = 1'000'000'000;
      // Rising is towards active: the kernel has turned an active-low line round already.
      seen.push_back({event.event_type == GPIOD_LINE_EVENT_RISING_EDGE,
                      edge_time(event.ts.tv_sec * second + event.ts.tv_nsec)});
    }
    return {};
  }

  Handle handle_;
  LineSpec spec_;
};

class Output final : public OutputLine {
public:
  Output(Handle handle, LineSpec spec, bool active)
      : handle_(std::move(handle)), spec_(std::move(spec)), active_(active) {}

  Status set(bool active) override {
    if (gpiod_line_set_value(handle_.line, active ? 1 : 0) != 0)
      return line_lost(spec_, "cannot be set", errno);
    active_ = active;
    return {};
  }
  bool active() const override { return active_; }

private:
  Handle handle_;
  LineSpec spec_;
  bool active_;
};

Result<std::string> label(const std::string& path) {
  const auto chip = open_chip(path);
  if (!chip) return chip.error();
  return std::string(gpiod_chip_label(chip->get()));
}

Result<std::unique_ptr<InputLine>> input(const std::string& path, const LineSpec& spec,
                                         const std::string& consumer) {
  auto handle = open_line(path, spec);
  if (!handle) return handle.error();
  if (gpiod_line_request_both_edges_events_flags(handle->line, consumer.c_str(), flags_of(spec)) !=
      0)
    return refused(*handle, spec, "cannot be watched");
  return std::unique_ptr<InputLine>(std::make_unique<Input>(std::move(handle).value(), spec));
}

/// Kernels before 5.5 cannot change a line that is held: it is let go and taken again.
bool drive(gpiod_line* line, const gpiod_line_request_config& as_is, int value) {
  if (gpiod_line_set_config(line, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, as_is.flags, value) == 0)
    return true;
  gpiod_line_release(line);
  return gpiod_line_request_output_flags(line, as_is.consumer, as_is.flags, value) == 0;
}

/// Taken as it is, read, and only then made an output that says the same.
Result<std::unique_ptr<OutputLine>> output(const std::string& path, const LineSpec& spec,
                                           const std::string& consumer) {
  auto handle = open_line(path, spec);
  if (!handle) return handle.error();
  const gpiod_line_request_config as_is = {consumer.c_str(), GPIOD_LINE_REQUEST_DIRECTION_AS_IS,
                                           flags_of(spec)};
  if (gpiod_line_request(handle->line, &as_is, 0) != 0)
    return refused(*handle, spec, "cannot be taken");
  const int value = gpiod_line_get_value(handle->line);
  if (value < 0) return line_refused(spec, "cannot be read", errno, {});
  if (!drive(handle->line, as_is, value))
    return line_refused(spec, "cannot be made an output", errno, {});
  return std::unique_ptr<OutputLine>(
      std::make_unique<Output>(std::move(handle).value(), spec, value == 1));
}

} // namespace

const GpioChips libgpiod_chips = {&label, &input, &output};

} // namespace mcu
