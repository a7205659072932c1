// SPDX-License-Identifier: MIT
// The functions of libgpiod 1.6 that line_v1.cpp uses, on gpiod_model. A use against the library's
// rules (a value of a line that is not held ...) fails as the library or the kernel fails it.
#pragma once

#include "gpiod_model.hpp"

#include <gpiod.h>

#include <ctime>

struct gpiod_line {
  gpiod_chip* chip = nullptr;
  unsigned offset = 0;
  bool held = false;    ///< by this handle
  bool used = false;    ///< as it was when the handle was made: the library does not ask again
  std::string consumer; ///< likewise
};

struct gpiod_chip {
  std::shared_ptr<gpiod_model::Chip> model;
  std::map<unsigned, gpiod_line> lines = {};
};

namespace gpiod_model {

inline bool old_kernel = false; ///< cannot change a line that is held

inline Line& of(gpiod_line* line) { return line->chip->model->lines.at(line->offset); }
inline bool gone(const gpiod_line* line) { return line->chip->model->gone; }

} // namespace gpiod_model

using gpiod_model::fail;

extern "C" {

gpiod_chip* gpiod_chip_open(const char* path) {
  const auto found = gpiod_model::chips.find(path);
  if (found != gpiod_model::chips.end()) return new gpiod_chip{found->second};
  fail(ENOTTY);
  return nullptr;
}

void gpiod_line_release(gpiod_line* line) {
  if (!line->held) return;
  line->held = false;
  gpiod_model::let_go(*line->chip->model, line->offset);
}

void gpiod_chip_close(gpiod_chip* chip) {
  for (auto& [offset, line] : chip->lines) gpiod_line_release(&line);
  delete chip;
}

const char* gpiod_chip_label(gpiod_chip* chip) { return chip->model->label.c_str(); }

unsigned gpiod_chip_num_lines(gpiod_chip* chip) {
  return static_cast<unsigned>(chip->model->lines.size());
}

gpiod_line* gpiod_chip_get_line(gpiod_chip* chip, unsigned offset) {
  if (chip->model->gone || offset >= chip->model->lines.size()) {
    fail(chip->model->gone ? ENODEV : EINVAL);
    return nullptr;
  }
  gpiod_line& line = chip->lines[offset];
  const gpiod_model::Line& model = chip->model->lines[offset];
  line.chip = chip;
  line.offset = offset;
  line.used = model.held;
  line.consumer = model.consumer;
  return &line;
}

bool gpiod_line_is_used(gpiod_line* line) { return line->used; }

const char* gpiod_line_consumer(gpiod_line* line) {
  return line->consumer.empty() ? nullptr : line->consumer.c_str();
}

int gpiod_line_request(gpiod_line* line, const gpiod_line_request_config* config, int value) {
  const bool low = (config->flags & GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW) != 0;
  if (line->held) return fail(EBUSY);
  if (gpiod_model::hold(*line->chip->model, line->offset, config->consumer, low) != 0) return -1;
  line->held = true;
  gpiod_model::Line& model = gpiod_model::of(line);
  if (config->request_type == GPIOD_LINE_REQUEST_DIRECTION_OUTPUT)
    gpiod_model::drive_active(model, value != 0);
  if (config->request_type == GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES)
    return gpiod_model::watch_edges(model);
  return 0;
}

int gpiod_line_request_both_edges_events_flags(gpiod_line* line, const char* consumer, int flags) {
  const gpiod_line_request_config config = {consumer, GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES, flags};
  return gpiod_line_request(line, &config, 0);
}

int gpiod_line_request_output_flags(gpiod_line* line, const char* consumer, int flags, int value) {
  const gpiod_line_request_config config = {consumer, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags};
  return gpiod_line_request(line, &config, value);
}

int gpiod_line_set_config(gpiod_line* line, int direction, int flags, int value) {
  gpiod_model::Line& model = gpiod_model::of(line);
  if (!line->held || model.read_end >= 0) return fail(EPERM);
  if (gpiod_model::gone(line)) return fail(ENODEV);
  if (gpiod_model::old_kernel) return fail(EINVAL);
  model.active_low = (flags & GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW) != 0;
  if (direction == GPIOD_LINE_REQUEST_DIRECTION_OUTPUT)
    gpiod_model::drive_active(model, value != 0);
  return 0;
}

int gpiod_line_get_value(gpiod_line* line) {
  if (!line->held) return fail(EPERM);
  if (gpiod_model::gone(line)) return fail(ENODEV);
  return gpiod_model::of(line).active() ? 1 : 0;
}

int gpiod_line_set_value(gpiod_line* line, int value) {
  gpiod_model::Line& model = gpiod_model::of(line);
  if (!line->held || !model.output) return fail(EPERM);
  if (gpiod_model::gone(line)) return fail(ENODEV);
  gpiod_model::drive_active(model, value != 0);
  return 0;
}

int gpiod_line_event_get_fd(gpiod_line* line) {
  const int fd = line->held ? gpiod_model::of(line).read_end : -1;
  return fd >= 0 ? fd : fail(EPERM);
}

int gpiod_line_event_read_fd_multiple(int fd, gpiod_line_event* events, unsigned most) {
  for (auto& [path, chip] : gpiod_model::chips)
    for (gpiod_model::Line& line : chip->lines) {
      if (line.read_end != fd) continue;
      int count = 0;
      gpiod_model::Edge edge;
      while (count < static_cast<int>(most) && gpiod_model::take_edge(line, edge))
        events[count++] = {{static_cast<std::time_t>(edge.at / 1'000'000'000),
                            static_cast<long>(edge.at % 1'000'000'000)},
                           edge.active ? GPIOD_LINE_EVENT_RISING_EDGE
                                       : GPIOD_LINE_EVENT_FALLING_EDGE};
      return count > 0 ? count : fail(EAGAIN);
    }
  return fail(EBADF);
}

} // extern "C"
