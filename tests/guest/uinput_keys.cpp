// SPDX-License-Identifier: MIT
// uinput-keys [CODE...]: an input device "guest-keys" with a power key, a copy key and a switch (or
// those of them that are named), as a kernel driver would make it. Takes lines "CODE VALUE" on
// standard input until that ends:
//   power 1 | power 0 | copy 1 | slide 0 ...
#include <fcntl.h>
#include <linux/uinput.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

namespace {

struct Code {
  const char* word;
  int type, code;
};
// No lid: logind would act on that.
constexpr Code codes[] = {
    {"power", EV_KEY, KEY_POWER}, {"copy", EV_KEY, KEY_COPY}, {"slide", EV_SW, SW_ROTATE_LOCK}};

bool send(int fd, int type, int code, int value) {
  input_event event{};
  event.type = static_cast<__u16>(type);
  event.code = static_cast<__u16>(code);
  event.value = value;
  return ::write(fd, &event, sizeof event) == static_cast<ssize_t>(sizeof event);
}

bool make(int fd, const std::vector<std::string>& wanted) {
  bool good = ::ioctl(fd, UI_SET_EVBIT, EV_KEY) == 0 && ::ioctl(fd, UI_SET_EVBIT, EV_SW) == 0;
  for (const Code& one : codes) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), one.word) == wanted.end())
      continue;
    good = good && ::ioctl(fd, one.type == EV_KEY ? UI_SET_KEYBIT : UI_SET_SWBIT, one.code) == 0;
  }
  uinput_setup setup{};
  setup.id.bustype = BUS_HOST;
  std::strcpy(setup.name, "guest-keys");
  return good && ::ioctl(fd, UI_DEV_SETUP, &setup) == 0 && ::ioctl(fd, UI_DEV_CREATE) == 0;
}

} // namespace

int main(int argc, char** argv) {
  const int fd = ::open("/dev/uinput", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || !make(fd, {argv + 1, argv + argc})) {
    std::perror("uinput-keys");
    return 1;
  }
  std::string word;
  int value = 0;
  while (std::cin >> word >> value)
    for (const Code& one : codes) {
      if (word != one.word) continue;
      if (send(fd, one.type, one.code, value) && send(fd, EV_SYN, SYN_REPORT, 0)) continue;
      std::perror("uinput-keys");
      return 1;
    }
  return 0;
}
