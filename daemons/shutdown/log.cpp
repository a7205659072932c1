// SPDX-License-Identifier: MIT
#include <shutdown/log.hpp>

#include <fcntl.h>
#include <unistd.h>

namespace nasmcu::shutdown {
namespace {

int kernel_log = -1;

} // namespace

void open_kernel_log() { kernel_log = ::open("/dev/kmsg", O_WRONLY | O_CLOEXEC); }

void tell(const std::string& line) {
  const std::string text = "nasmcu-shutdown: " + line + "\n";
  // One write() is one record there, and "<5>" makes it seen on a console that shows notices.
  const std::string record = "<5>" + text;
  if (kernel_log >= 0 && ::write(kernel_log, record.data(), record.size()) >= 0) return;
  const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
  (void)ignored; // nobody is left to tell
}

} // namespace nasmcu::shutdown
