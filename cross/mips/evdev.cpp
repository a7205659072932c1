// SPDX-License-Identifier: MIT
// libevdev without a device: none can be opened. It knows the names that boards and tests use.
#include <libevdev/libevdev.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace {

struct Name {
  unsigned type, code;
  const char* name;
};

#define NAME(type, name)                                                                           \
  Name { type, name, #name }
constexpr std::array names = {
    NAME(EV_KEY, KEY_POWER),      NAME(EV_KEY, KEY_POWER2), NAME(EV_KEY, KEY_COPY),
    NAME(EV_KEY, KEY_RESTART),    NAME(EV_KEY, KEY_A),      NAME(EV_KEY, KEY_CONFIG),
    NAME(EV_KEY, KEY_EJECTCD),    NAME(EV_KEY, KEY_OPTION), NAME(EV_KEY, KEY_PROG1),
    NAME(EV_KEY, KEY_RFKILL),     NAME(EV_KEY, KEY_SETUP),  NAME(EV_KEY, KEY_SLEEP),
    NAME(EV_KEY, KEY_SUSPEND),    NAME(EV_KEY, KEY_VENDOR), NAME(EV_KEY, KEY_WAKEUP),
    NAME(EV_KEY, KEY_WPS_BUTTON), NAME(EV_KEY, BTN_0),      NAME(EV_KEY, BTN_1),
    NAME(EV_KEY, BTN_2),          NAME(EV_SW, SW_LID),      NAME(EV_SW, SW_DOCK),
    NAME(EV_SW, SW_ROTATE_LOCK),  NAME(EV_SND, SND_BELL),   NAME(EV_SND, SND_TONE),
};
#undef NAME

} // namespace

extern "C" {

int libevdev_event_code_from_name(unsigned type, const char* name) {
  for (const Name& one : names)
    if (one.type == type && std::string_view(one.name) == name) return static_cast<int>(one.code);
  return -1;
}
const char* libevdev_event_code_get_name(unsigned type, unsigned code) {
  for (const Name& one : names)
    if (one.type == type && one.code == code) return one.name;
  return nullptr;
}

int libevdev_new_from_fd(int, libevdev**) { return -ENOSYS; }
void libevdev_free(libevdev*) {}
int libevdev_set_clock_id(libevdev*, int) { return -ENOSYS; }
int libevdev_has_event_code(const libevdev*, unsigned, unsigned) { return 0; }
int libevdev_fetch_event_value(const libevdev*, unsigned, unsigned, int*) { return 0; }
int libevdev_next_event(libevdev*, unsigned, input_event*) { return -ENOSYS; }

} // extern "C"
