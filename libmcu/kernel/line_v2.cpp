// SPDX-License-Identifier: MIT
// Lines through libgpiod 2 (Debian 13).
#include <libmcu/kernel/gpio_chips.hpp>

#include <libmcu/kernel/files.hpp>

#include <gpiod.h>

#include <cerrno>
#include <optional>

namespace mcu {
namespace {

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};
template <class T, auto Function>
using Owned = std::unique_ptr<T, Free<Function>>;

using Chip = Owned<gpiod_chip, &gpiod_chip_close>;
using ChipInfo = Owned<gpiod_chip_info, &gpiod_chip_info_free>;
using LineInfo = Owned<gpiod_line_info, &gpiod_line_info_free>;
using Settings = Owned<gpiod_line_settings, &gpiod_line_settings_free>;
using LineConfig = Owned<gpiod_line_config, &gpiod_line_config_free>;
using RequestConfig = Owned<gpiod_request_config, &gpiod_request_config_free>;
using Request = Owned<gpiod_line_request, &gpiod_line_request_release>;
using Events = Owned<gpiod_edge_event_buffer, &gpiod_edge_event_buffer_free>;

constexpr std::size_t most_events = 16;

Result<Chip> open_chip(const std::string& path) {
  Chip chip(gpiod_chip_open(path.c_str()));
  if (!chip) return os_error(path, "cannot open", errno);
  return chip;
}

Result<ChipInfo> info_of(gpiod_chip* chip, const std::string& path) {
  ChipInfo info(gpiod_chip_get_info(chip));
  if (!info) return os_error(path, "cannot be asked", errno);
  return info;
}

/// What a line shall be: an input with both edges, as it is, or an output that starts with a value.
LineConfig config_for(const LineSpec& spec, gpiod_line_direction direction,
                      std::optional<gpiod_line_value> value = {}) {
  const Settings settings(gpiod_line_settings_new());
  LineConfig config(gpiod_line_config_new());
  if (!settings || !config) return nullptr;
  gpiod_line_settings_set_active_low(settings.get(), spec.active_low);
  gpiod_line_settings_set_event_clock(settings.get(), GPIOD_LINE_CLOCK_MONOTONIC);
  int failed = gpiod_line_settings_set_direction(settings.get(), direction);
  if (direction == GPIOD_LINE_DIRECTION_INPUT)
    failed |= gpiod_line_settings_set_edge_detection(settings.get(), GPIOD_LINE_EDGE_BOTH);
  if (value) failed |= gpiod_line_settings_set_output_value(settings.get(), *value);
  failed |= gpiod_line_config_add_line_settings(config.get(), &spec.line, 1, settings.get());
  return failed == 0 ? std::move(config) : nullptr;
}

std::string holder_of(gpiod_chip* chip, unsigned line) {
  const LineInfo info(gpiod_chip_get_line_info(chip, line));
  if (!info || !gpiod_line_info_is_used(info.get())) return {};
  const char* consumer = gpiod_line_info_get_consumer(info.get());
  return consumer == nullptr ? "" : consumer;
}

/// A request outlives the chip's handle.
Result<Request> request_line(const std::string& path, const LineSpec& spec,
                             const std::string& consumer, gpiod_line_direction direction) {
  const auto chip = open_chip(path);
  if (!chip) return chip.error();
  const auto info = info_of(chip->get(), path);
  if (!info) return info.error();
  const std::size_t lines = gpiod_chip_info_get_num_lines(info->get());
  if (spec.line >= lines) return no_such_line(spec, lines);
  const RequestConfig who(gpiod_request_config_new());
  const LineConfig config = config_for(spec, direction);
  if (!who || !config) return line_refused(spec, "cannot be described", ENOMEM, {});
  gpiod_request_config_set_consumer(who.get(), consumer.c_str());
  Request request(gpiod_chip_request_lines(chip->get(), who.get(), config.get()));
  if (request) return request;
  const int number = errno;
  return line_refused(spec, "cannot be taken", number, holder_of(chip->get(), spec.line));
}

class Input final : public InputLine {
public:
  Input(Request request, Events events, LineSpec spec)
      : request_(std::move(request)), events_(std::move(events)), spec_(std::move(spec)) {}

  int fd() const override { return gpiod_line_request_get_fd(request_.get()); }

  Result<bool> active() override {
    const gpiod_line_value value = gpiod_line_request_get_value(request_.get(), spec_.line);
    if (value == GPIOD_LINE_VALUE_ERROR) return line_lost(spec_, "cannot be read", errno);
    return value == GPIOD_LINE_VALUE_ACTIVE;
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
    const int count =
        gpiod_line_request_read_edge_events(request_.get(), events_.get(), most_events);
    if (count < 0 && errno != EAGAIN) return line_lost(spec_, "cannot be read", errno);
    for (int i = 0; i < count; ++i) {
      gpiod_edge_event* event =
          gpiod_edge_event_buffer_get_event(events_.get(), static_cast<unsigned long>(i));
      // Rising is towards active: the kernel has turned an active-low line round already.
      seen.push_back(
          {gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
           edge_time(static_cast<std::int64_t>(gpiod_edge_event_get_timestamp_ns(event)))});
    }
    return {};
  }

  Request request_;
  Events events_;
  LineSpec spec_;
};

class Output final : public OutputLine {
public:
  Output(Request request, LineSpec spec, bool active)
      : request_(std::move(request)), spec_(std::move(spec)), active_(active) {}

  Status set(bool active) override {
    const auto value = active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    if (gpiod_line_request_set_value(request_.get(), spec_.line, value) != 0)
      return line_lost(spec_, "cannot be set", errno);
    active_ = active;
    return {};
  }
  bool active() const override { return active_; }

private:
  Request request_;
  LineSpec spec_;
  bool active_;
};

Result<std::string> label(const std::string& path) {
  const auto chip = open_chip(path);
  if (!chip) return chip.error();
  const auto info = info_of(chip->get(), path);
  if (!info) return info.error();
  return std::string(gpiod_chip_info_get_label(info->get()));
}

Result<std::unique_ptr<InputLine>> input(const std::string& path, const LineSpec& spec,
                                         const std::string& consumer) {
  auto request = request_line(path, spec, consumer, GPIOD_LINE_DIRECTION_INPUT);
  if (!request) return request.error();
  Events events(gpiod_edge_event_buffer_new(most_events));
  if (!events) return line_refused(spec, "cannot be watched", ENOMEM, {});
  return std::unique_ptr<InputLine>(
      std::make_unique<Input>(std::move(request).value(), std::move(events), spec));
}

/// Taken as it is, read, and only then made an output that says the same.
Result<std::unique_ptr<OutputLine>> output(const std::string& path, const LineSpec& spec,
                                           const std::string& consumer) {
  auto request = request_line(path, spec, consumer, GPIOD_LINE_DIRECTION_AS_IS);
  if (!request) return request.error();
  const gpiod_line_value value = gpiod_line_request_get_value(request->get(), spec.line);
  if (value == GPIOD_LINE_VALUE_ERROR) return line_refused(spec, "cannot be read", errno, {});
  const LineConfig config = config_for(spec, GPIOD_LINE_DIRECTION_OUTPUT, value);
  if (!config) return line_refused(spec, "cannot be described", ENOMEM, {});
  if (gpiod_line_request_reconfigure_lines(request->get(), config.get()) != 0)
    return line_refused(spec, "cannot be made an output", errno, {});
  return std::unique_ptr<OutputLine>(
      std::make_unique<Output>(std::move(request).value(), spec, value == GPIOD_LINE_VALUE_ACTIVE));
}

} // namespace

const GpioChips libgpiod_chips = {&label, &input, &output};

} // namespace mcu
