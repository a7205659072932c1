// SPDX-License-Identifier: MIT
// Preloaded into an old daemon that is measured (PEER=FILE): it calls shutdown by itself when it
// thinks that it should. Here it starts nothing, switches nothing off and sets no clock.
#include <errno.h>

// None of them looks at its arguments, so they are not declared as the C library has them.
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"
#define REFUSE(name)                                                                               \
  int name(void) {                                                                                 \
    errno = EPERM;                                                                                 \
    return -1;                                                                                     \
  }

REFUSE(execl)
REFUSE(execle)
REFUSE(execlp)
REFUSE(execv)
REFUSE(execve)
REFUSE(execvp)
REFUSE(execvpe)
REFUSE(execveat)
REFUSE(fexecve)
REFUSE(posix_spawn)
REFUSE(posix_spawnp)
REFUSE(system)
REFUSE(reboot)
REFUSE(settimeofday)
REFUSE(stime)
REFUSE(clock_settime)
REFUSE(adjtime)

void* popen(void) {
  errno = EPERM;
  return 0;
}
