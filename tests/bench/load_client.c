// SPDX-License-Identifier: MIT
// Clients of the command port, and a stopwatch for a daemon that serves one.
//
//   load_client ask PORT CLIENTS COUNT LINE...
//       All clients ask at the same time, each COUNT times and always its own line; there may be
//       fewer lines than clients. Prints CLIENT MICROSECONDS for each answer, CLIENT - for one that
//       is not answered any more, and at the end: elapsed MICROSECONDS.
//   load_client connects PORT COUNT
//       Opens COUNT connections, closes them, and asks `help` once more: microseconds until that
//       answer.
//   load_client first PORT LINE PROGRAM ARG...
//       Microseconds from exec to the first answer; then SIGKILL.
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  most_clients = 64,
  patience_ms = 10000,       // for an answer
  crowd_patience_ms = 60000, // for a crowd to be let in: who accepts slowly is sent SYN again
  start_patience_ms = 10000,
  retry_us = 100,
};

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int fail(const char* what) {
  perror(what);
  return 1;
}

static int dial(const char* port) {
  struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (client < 0 || connect(client, (struct sockaddr*)&where, sizeof where) != 0) return -1;
  return client;
}

struct client {
  int fd;
  int left;
  double asked;
};

// The old daemon wants CR LF.
static int ask_once(struct client* client, const char* line) {
  char text[256];
  const int size = snprintf(text, sizeof text, "%s\r\n", line);
  client->asked = now_us();
  return send(client->fd, text, (size_t)size, MSG_NOSIGNAL) == size ? 0 : -1;
}

struct questions {
  char** lines;
  int count;
  int each; // of one client
};

static int ask_next(struct client* client, int number, const struct questions* what) {
  return ask_once(client, what->lines[number % what->count]);
}

// 1 for a whole answer, 0 for a part of one, -1 for none.
static int take_answer(int fd, int number) {
  char answer[4096];
  const ssize_t got = recv(fd, answer, sizeof answer, 0);
  if (got <= 0 || memcmp(answer, "ERR", 3) == 0) {
    fprintf(stderr, "load_client: client %d was refused\n", number);
    return -1;
  }
  return answer[got - 1] == '\n';
}

static int turn(struct client* clients, struct pollfd* ready, int count,
                const struct questions* what) {
  for (int open = count; open > 0;) {
    const int came = poll(ready, (nfds_t)count, patience_ms);
    if (came < 0) return fail("poll");
    for (int i = 0; i < count; ++i) {
      if (came == 0 && ready[i].fd >= 0) printf("%d -\n", i);
      if (!(ready[i].revents & (POLLIN | POLLHUP))) continue;
      const int whole = take_answer(clients[i].fd, i);
      if (whole < 0) return 1;
      if (whole == 0) continue;
      printf("%d %.1f\n", i, now_us() - clients[i].asked);
      if (--clients[i].left > 0) {
        if (ask_next(&clients[i], i, what) != 0) return fail("send");
      } else {
        ready[i].fd = -1;
        --open;
      }
    }
    if (came == 0) break;
  }
  return 0;
}

static int ask(const char* port, int count, const struct questions* what) {
  struct client clients[most_clients];
  struct pollfd ready[most_clients];
  for (int i = 0; i < count; ++i) {
    clients[i] = (struct client){.fd = dial(port), .left = what->each};
    ready[i] = (struct pollfd){.fd = clients[i].fd, .events = POLLIN};
    if (clients[i].fd < 0) return fail("connect");
  }
  const double began = now_us();
  for (int i = 0; i < count; ++i)
    if (ask_next(&clients[i], i, what) != 0) return fail("send");
  const int code = turn(clients, ready, count, what);
  if (code == 0) printf("elapsed %.1f\n", now_us() - began);
  return code;
}

// Asks once and takes the answer; negative when there is none in time.
static ssize_t question(int fd, const char* line, char* answer, size_t size) {
  struct client client = {.fd = fd};
  const struct timeval patience = {.tv_sec = patience_ms / 1000};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return ask_once(&client, line) == 0 ? recv(fd, answer, size, 0) : -1;
}

static int connects(const char* port, int count) {
  int* clients = calloc((size_t)count, sizeof *clients);
  char answer[4096];
  const double start = now_us();
  for (int i = 0; i < count; ++i) {
    clients[i] = dial(port);
    if (clients[i] < 0) return fail("connect");
  }
  for (int i = 0; i < count; ++i) close(clients[i]);
  free(clients);
  // Whoever is still busy with the crowd may refuse the next one for a moment.
  while (now_us() - start < crowd_patience_ms * 1e3) {
    const int last = dial(port);
    if (last < 0) return fail("connect");
    const ssize_t got = question(last, "help", answer, sizeof answer);
    close(last);
    if (got > 9 && memcmp(answer, "Available", 9) == 0) {
      printf("%.1f\n", now_us() - start);
      return 0;
    }
  }
  fprintf(stderr, "load_client: the port did not recover\n");
  return 1;
}

// Not inlined: a function that calls vfork() must have nothing to lose.
static __attribute__((noinline)) pid_t spawn(char** command) {
  const pid_t child = vfork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL); // whatever becomes of us, it is not left behind
  execv(command[0], command);
  _exit(127);
}

static int first(const char* port, const char* line, char** command) {
  char answer[4096];
  int code = 1;
  const double began = now_us();
  const pid_t child = spawn(command);
  if (child < 0) return fail("vfork");
  while (code != 0 && now_us() - began < start_patience_ms * 1e3) {
    const int fd = dial(port);
    if (fd < 0) {
      usleep(retry_us);
      continue;
    }
    const ssize_t got = question(fd, line, answer, sizeof answer);
    // Who has not found its MCU yet says so; only an answer counts.
    if (got > 0 && memcmp(answer, "ERR", 3) != 0) code = 0;
    if (code == 0) printf("%.1f\n", now_us() - began);
    close(fd);
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  if (code != 0) fprintf(stderr, "load_client: no answer\n");
  return code;
}

int main(int argc, char** argv) {
  const char* mode = argc > 1 ? argv[1] : "";
  if (strcmp(mode, "ask") == 0 && argc > 5 && atoi(argv[3]) <= most_clients) {
    const struct questions what = {argv + 5, argc - 5, atoi(argv[4])};
    return ask(argv[2], atoi(argv[3]), &what);
  }
  if (strcmp(mode, "connects") == 0 && argc == 4) return connects(argv[2], atoi(argv[3]));
  if (strcmp(mode, "first") == 0 && argc > 4) return first(argv[2], argv[3], argv + 4);
  fprintf(stderr, "usage: load_client ask PORT CLIENTS COUNT LINE... | connects PORT COUNT |\n"
                  "       first PORT LINE PROGRAM ARG...\n");
  return 2;
}
