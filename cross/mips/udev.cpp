// SPDX-License-Identifier: MIT
// libudev on a machine without udev: nothing can be watched, and /dev itself is watched instead.
#include <libudev.h>

#include <cerrno>

extern "C" {

udev* udev_new() {
  errno = ENOSYS;
  return nullptr;
}
udev* udev_unref(udev*) { return nullptr; }
udev_monitor* udev_monitor_new_from_netlink(udev*, const char*) { return nullptr; }
udev_monitor* udev_monitor_unref(udev_monitor*) { return nullptr; }
int udev_monitor_filter_add_match_subsystem_devtype(udev_monitor*, const char*, const char*) {
  return -ENOSYS;
}
int udev_monitor_enable_receiving(udev_monitor*) { return -ENOSYS; }
int udev_monitor_get_fd(udev_monitor*) { return -ENOSYS; }
udev_device* udev_monitor_receive_device(udev_monitor*) { return nullptr; }
udev_device* udev_device_unref(udev_device*) { return nullptr; }
const char* udev_device_get_action(udev_device*) { return nullptr; }

} // extern "C"
