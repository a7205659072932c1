// SPDX-License-Identifier: MIT
// libgpiod on a machine without GPIO: no chip can be opened, so nothing behind it is ever called.
#include <gpiod.h>

#include <cerrno>

namespace {

int refuse() {
  errno = ENOSYS;
  return -1;
}

} // namespace

extern "C" {

gpiod_chip* gpiod_chip_open(const char*) {
  refuse();
  return nullptr;
}
void gpiod_chip_close(gpiod_chip*) {}
const char* gpiod_chip_label(gpiod_chip*) { return ""; }
unsigned gpiod_chip_num_lines(gpiod_chip*) { return 0; }
gpiod_line* gpiod_chip_get_line(gpiod_chip*, unsigned) {
  refuse();
  return nullptr;
}
bool gpiod_line_is_used(gpiod_line*) { return false; }
const char* gpiod_line_consumer(gpiod_line*) { return nullptr; }
int gpiod_line_request(gpiod_line*, const gpiod_line_request_config*, int) { return refuse(); }
int gpiod_line_request_output_flags(gpiod_line*, const char*, int, int) { return refuse(); }
int gpiod_line_request_both_edges_events_flags(gpiod_line*, const char*, int) { return refuse(); }
int gpiod_line_set_config(gpiod_line*, int, int, int) { return refuse(); }
void gpiod_line_release(gpiod_line*) {}
int gpiod_line_get_value(gpiod_line*) { return refuse(); }
int gpiod_line_set_value(gpiod_line*, int) { return refuse(); }
int gpiod_line_event_get_fd(gpiod_line*) { return refuse(); }
int gpiod_line_event_read_fd_multiple(int, gpiod_line_event*, unsigned) { return refuse(); }

} // extern "C"
