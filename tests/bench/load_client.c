// SPDX-License-Identifier: MIT
// Clients of the command port, and a stopwatch for starting programs.
//
//   load_client ask PORT CLIENTS COUNT LINE    one line for each answer: CLIENT MICROSECONDS;
//                                              all clients ask at the same time, each COUNT times
//   load_client connects PORT COUNT            opens COUNT connections, closes them, and asks
//                                              `help` once more: microseconds until that answer
//   load_client start ADDRESS PROGRAM ARG...   microseconds from exec to READY=1 at ADDRESS (a
//                                              notify socket, made here), then SIGTERM
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

enum { most_clients = 64, patience_ms = 10000 };

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

static int ask_once(struct client* client, const char* line) {
  char text[256];
  const int size = snprintf(text, sizeof text, "%s\n", line);
  client->asked = now_us();
  return send(client->fd, text, (size_t)size, MSG_NOSIGNAL) == size ? 0 : -1;
}

static int ask(const char* port, int count, int each, const char* line) {
  struct client clients[most_clients];
  struct pollfd ready[most_clients];
  int open = count;
  for (int i = 0; i < count; ++i) {
    clients[i] = (struct client){.fd = dial(port), .left = each};
    ready[i] = (struct pollfd){.fd = clients[i].fd, .events = POLLIN};
    if (clients[i].fd < 0) return fail("connect");
  }
  for (int i = 0; i < count; ++i)
    if (ask_once(&clients[i], line) != 0) return fail("send");
  while (open > 0) {
    if (poll(ready, (nfds_t)count, patience_ms) <= 0) return fail("no answer");
    for (int i = 0; i < count; ++i) {
      char answer[4096];
      if (!(ready[i].revents & (POLLIN | POLLHUP))) continue;
      const ssize_t got = recv(clients[i].fd, answer, sizeof answer, 0);
      if (got <= 0 || memcmp(answer, "ERR", 3) == 0) {
        fprintf(stderr, "load_client: client %d was refused\n", i);
        return 1;
      }
      if (answer[got - 1] != '\n') continue;
      printf("%d %.1f\n", i, now_us() - clients[i].asked);
      if (--clients[i].left > 0) {
        if (ask_once(&clients[i], line) != 0) return fail("send");
      } else {
        ready[i].fd = -1;
        --open;
      }
    }
  }
  return 0;
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
  while (now_us() - start < patience_ms * 1e3) {
    struct client last = {.fd = dial(port)};
    if (last.fd < 0 || ask_once(&last, "help") != 0) return fail("connect");
    const ssize_t got = recv(last.fd, answer, sizeof answer, 0);
    close(last.fd);
    if (got > 9 && memcmp(answer, "Available", 9) == 0) {
      printf("%.1f\n", now_us() - start);
      return 0;
    }
  }
  fprintf(stderr, "load_client: the port did not recover\n");
  return 1;
}

static int start(const char* address, char** command) {
  struct sockaddr_un where = {.sun_family = AF_UNIX};
  char message[4096];
  pid_t child;
  snprintf(where.sun_path, sizeof where.sun_path, "%s", address);
  unlink(address);
  const int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (bind(notify, (struct sockaddr*)&where, sizeof where) != 0) return fail(address);
  setenv("NOTIFY_SOCKET", address, 1);
  const double began = now_us();
  if (posix_spawn(&child, command[0], NULL, NULL, command, environ) != 0) return fail(command[0]);
  int code = 1;
  for (struct pollfd ready = {.fd = notify, .events = POLLIN};
       poll(&ready, 1, 6 * patience_ms) == 1;) {
    const ssize_t got = recv(notify, message, sizeof message - 1, 0);
    message[got > 0 ? got : 0] = '\0';
    if (strstr(message, "READY=1")) {
      printf("%.1f\n", now_us() - began);
      code = 0;
      break;
    }
  }
  kill(child, SIGTERM);
  waitpid(child, NULL, 0);
  unlink(address);
  return code;
}

int main(int argc, char** argv) {
  const char* mode = argc > 1 ? argv[1] : "";
  if (strcmp(mode, "ask") == 0 && argc == 6 && atoi(argv[3]) <= most_clients)
    return ask(argv[2], atoi(argv[3]), atoi(argv[4]), argv[5]);
  if (strcmp(mode, "connects") == 0 && argc == 4) return connects(argv[2], atoi(argv[3]));
  if (strcmp(mode, "start") == 0 && argc >= 4) return start(argv[2], argv + 3);
  fprintf(stderr, "usage: load_client ask PORT CLIENTS COUNT LINE | connects PORT COUNT |\n"
                  "       start ADDRESS PROGRAM ARG...\n");
  return 2;
}
