// SPDX-License-Identifier: MIT
// The functions of libgpiod 2 that line_v2.cpp uses, on gpiod_model. A use against the library's
// rules (a value of an input ...) fails as the library or the kernel fails it.
#pragma once

#include "gpiod_model.hpp"

#include <gpiod.h>

struct gpiod_chip {
  std::shared_ptr<gpiod_model::Chip> model;
};
struct gpiod_chip_info {
  std::shared_ptr<gpiod_model::Chip> model;
};
struct gpiod_line_info {
  bool used;
  std::string consumer;
};
struct gpiod_line_settings {
  gpiod_line_direction direction = GPIOD_LINE_DIRECTION_AS_IS;
  gpiod_line_edge edge = GPIOD_LINE_EDGE_NONE;
  gpiod_line_clock clock = GPIOD_LINE_CLOCK_REALTIME;
  gpiod_line_value value = GPIOD_LINE_VALUE_INACTIVE;
  bool active_low = false;
};
struct gpiod_line_config {
  std::map<unsigned, gpiod_line_settings> lines = {};
};
struct gpiod_request_config {
  std::string consumer = {};
};
struct gpiod_line_request {
  std::shared_ptr<gpiod_model::Chip> model;
  unsigned offset;
};
struct gpiod_edge_event {
  gpiod_model::Edge edge;
};
struct gpiod_edge_event_buffer {
  std::vector<gpiod_edge_event> events;
};

namespace gpiod_model {

inline Line& of(gpiod_line_request* request) { return request->model->lines.at(request->offset); }

inline int apply(Line& line, const gpiod_line_settings& settings) {
  line.active_low = settings.active_low;
  stop_edges(line);
  if (settings.direction == GPIOD_LINE_DIRECTION_OUTPUT)
    drive_active(line, settings.value == GPIOD_LINE_VALUE_ACTIVE);
  if (settings.direction == GPIOD_LINE_DIRECTION_INPUT) line.output = false;
  if (settings.edge == GPIOD_LINE_EDGE_NONE) return 0;
  // Only both edges with the clock that everybody here counts by are played.
  const bool as_played = settings.edge == GPIOD_LINE_EDGE_BOTH &&
                         settings.clock == GPIOD_LINE_CLOCK_MONOTONIC &&
                         settings.direction == GPIOD_LINE_DIRECTION_INPUT;
  return as_played ? watch_edges(line) : fail(EINVAL);
}

} // namespace gpiod_model

using gpiod_model::fail;

extern "C" {

gpiod_chip* gpiod_chip_open(const char* path) {
  const auto found = gpiod_model::chips.find(path);
  if (found != gpiod_model::chips.end()) return new gpiod_chip{found->second};
  fail(ENOTTY);
  return nullptr;
}
void gpiod_chip_close(gpiod_chip* chip) { delete chip; }

gpiod_chip_info* gpiod_chip_get_info(gpiod_chip* chip) {
  if (!chip->model->gone) return new gpiod_chip_info{chip->model};
  fail(ENODEV);
  return nullptr;
}
void gpiod_chip_info_free(gpiod_chip_info* info) { delete info; }
const char* gpiod_chip_info_get_label(gpiod_chip_info* info) { return info->model->label.c_str(); }
size_t gpiod_chip_info_get_num_lines(gpiod_chip_info* info) { return info->model->lines.size(); }

gpiod_line_info* gpiod_chip_get_line_info(gpiod_chip* chip, unsigned offset) {
  const gpiod_model::Line& line = chip->model->lines.at(offset);
  return new gpiod_line_info{line.held, line.consumer};
}
void gpiod_line_info_free(gpiod_line_info* info) { delete info; }
bool gpiod_line_info_is_used(gpiod_line_info* info) { return info->used; }
const char* gpiod_line_info_get_consumer(gpiod_line_info* info) {
  return info->consumer.empty() ? nullptr : info->consumer.c_str();
}

gpiod_line_settings* gpiod_line_settings_new(void) { return new gpiod_line_settings; }
void gpiod_line_settings_free(gpiod_line_settings* settings) { delete settings; }
int gpiod_line_settings_set_direction(gpiod_line_settings* settings,
                                      gpiod_line_direction direction) {
  settings->direction = direction;
  return 0;
}
int gpiod_line_settings_set_edge_detection(gpiod_line_settings* settings, gpiod_line_edge edge) {
  settings->edge = edge;
  return 0;
}
void gpiod_line_settings_set_active_low(gpiod_line_settings* settings, bool active_low) {
  settings->active_low = active_low;
}
int gpiod_line_settings_set_event_clock(gpiod_line_settings* settings, gpiod_line_clock clock) {
  settings->clock = clock;
  return 0;
}
int gpiod_line_settings_set_output_value(gpiod_line_settings* settings, gpiod_line_value value) {
  settings->value = value;
  return 0;
}

gpiod_line_config* gpiod_line_config_new(void) { return new gpiod_line_config; }
void gpiod_line_config_free(gpiod_line_config* config) { delete config; }
int gpiod_line_config_add_line_settings(gpiod_line_config* config, const unsigned* offsets,
                                        size_t count, gpiod_line_settings* settings) {
  for (size_t i = 0; i < count; ++i) config->lines[offsets[i]] = *settings;
  return 0;
}

gpiod_request_config* gpiod_request_config_new(void) { return new gpiod_request_config; }
void gpiod_request_config_free(gpiod_request_config* config) { delete config; }
void gpiod_request_config_set_consumer(gpiod_request_config* config, const char* consumer) {
  config->consumer = consumer;
}

gpiod_line_request* gpiod_chip_request_lines(gpiod_chip* chip, gpiod_request_config* who,
                                             gpiod_line_config* config) {
  const auto& [offset, settings] = *config->lines.begin();
  if (gpiod_model::hold(*chip->model, offset, who->consumer, settings.active_low) != 0)
    return nullptr;
  if (gpiod_model::apply(chip->model->lines.at(offset), settings) == 0)
    return new gpiod_line_request{chip->model, offset};
  gpiod_model::let_go(*chip->model, offset);
  fail(EINVAL);
  return nullptr;
}
void gpiod_line_request_release(gpiod_line_request* request) {
  gpiod_model::let_go(*request->model, request->offset);
  delete request;
}
int gpiod_line_request_reconfigure_lines(gpiod_line_request* request, gpiod_line_config* config) {
  if (request->model->gone) return fail(ENODEV);
  return gpiod_model::apply(gpiod_model::of(request), config->lines.at(request->offset));
}
gpiod_line_value gpiod_line_request_get_value(gpiod_line_request* request, unsigned offset) {
  if (request->model->gone || offset != request->offset) {
    fail(request->model->gone ? ENODEV : EINVAL);
    return GPIOD_LINE_VALUE_ERROR;
  }
  return gpiod_model::of(request).active() ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
}
int gpiod_line_request_set_value(gpiod_line_request* request, unsigned offset,
                                 gpiod_line_value value) {
  if (request->model->gone) return fail(ENODEV);
  if (offset != request->offset) return fail(EINVAL);
  if (!gpiod_model::of(request).output) return fail(EPERM);
  gpiod_model::drive_active(gpiod_model::of(request), value == GPIOD_LINE_VALUE_ACTIVE);
  return 0;
}
int gpiod_line_request_get_fd(gpiod_line_request* request) {
  return gpiod_model::of(request).read_end;
}
int gpiod_line_request_read_edge_events(gpiod_line_request* request,
                                        gpiod_edge_event_buffer* buffer, size_t most) {
  buffer->events.clear();
  gpiod_model::Edge edge;
  while (buffer->events.size() < most && gpiod_model::take_edge(gpiod_model::of(request), edge))
    buffer->events.push_back({edge});
  return buffer->events.empty() ? fail(EAGAIN) : static_cast<int>(buffer->events.size());
}

gpiod_edge_event_buffer* gpiod_edge_event_buffer_new(size_t) { return new gpiod_edge_event_buffer; }
void gpiod_edge_event_buffer_free(gpiod_edge_event_buffer* buffer) { delete buffer; }
gpiod_edge_event* gpiod_edge_event_buffer_get_event(gpiod_edge_event_buffer* buffer,
                                                    unsigned long index) {
  return &buffer->events.at(index);
}
gpiod_edge_event_type gpiod_edge_event_get_event_type(gpiod_edge_event* event) {
  return event->edge.active ? GPIOD_EDGE_EVENT_RISING_EDGE : GPIOD_EDGE_EVENT_FALLING_EDGE;
}
uint64_t gpiod_edge_event_get_timestamp_ns(gpiod_edge_event* event) {
  return static_cast<uint64_t>(event->edge.at);
}

} // extern "C"
