// SPDX-License-Identifier: MIT
// The least a program can do: a frame out, the answer in, straight on the tty. What it takes is
// what the wire and the machine take; everybody else is measured against it.
//
//   bare_poll TTY COUNT HEX ANSWER-BYTES    prints one round trip a line, microseconds
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static size_t parse_hex(const char* text, unsigned char* out, size_t most) {
  size_t count = 0;
  unsigned value;
  int used;
  while (count < most && sscanf(text, "%2x%n", &value, &used) == 1) {
    out[count++] = (unsigned char)value;
    text += used;
  }
  return count;
}

static int open_raw(const char* path) {
  const int tty = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct termios settings;
  if (tty < 0 || tcgetattr(tty, &settings) != 0) return -1;
  cfmakeraw(&settings);
  cfsetspeed(&settings, B115200);
  if (tcsetattr(tty, TCSANOW, &settings) != 0) return -1;
  tcflush(tty, TCIOFLUSH);
  return tty;
}

// Microseconds of one round trip; negative when no answer comes for a second.
static double round_trip(int tty, const unsigned char* frame, size_t size, size_t answer) {
  unsigned char buffer[64];
  const double start = now_us();
  if (write(tty, frame, size) != (ssize_t)size) return -1;
  for (size_t got = 0; got < answer;) {
    struct pollfd ready = {.fd = tty, .events = POLLIN};
    if (poll(&ready, 1, 1000) != 1) return -1;
    const ssize_t more = read(tty, buffer, sizeof buffer);
    if (more <= 0) return -1;
    got += (size_t)more;
  }
  return now_us() - start;
}

int main(int argc, char** argv) {
  unsigned char frame[64];
  if (argc != 5) {
    fprintf(stderr, "usage: bare_poll TTY COUNT HEX ANSWER-BYTES\n");
    return 2;
  }
  const size_t size = parse_hex(argv[3], frame, sizeof frame);
  const int tty = open_raw(argv[1]);
  if (tty < 0) {
    perror(argv[1]);
    return 1;
  }
  for (int left = atoi(argv[2]); left > 0; --left) {
    const double took = round_trip(tty, frame, size, strtoul(argv[4], NULL, 10));
    if (took < 0) {
      fprintf(stderr, "bare_poll: no answer\n");
      return 1;
    }
    printf("%.1f\n", took);
  }
  return 0;
}
