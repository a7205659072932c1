// SPDX-License-Identifier: MIT
// A daemon that does nothing but own a name and one object: the floor that ours are held against.
//
//   empty_daemon BUS-NAME
#include <sdbus-c++/sdbus-c++.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

void notify_ready() {
  const char* address = std::getenv("NOTIFY_SOCKET");
  if (address == nullptr) return;
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  std::strncpy(where.sun_path, address, sizeof where.sun_path - 1);
  const int notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  // The return value does not matter: nobody may be listening.
  (void)sendto(notify, "READY=1", 7, 0, reinterpret_cast<const sockaddr*>(&where), sizeof where);
  close(notify);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto greet = [] { return std::string("nothing"); };
#if __has_include(<sdbus-c++/VTableItems.h>)
  const auto bus = sdbus::createSystemBusConnection(sdbus::ServiceName(argv[1]));
  const auto object = sdbus::createObject(*bus, sdbus::ObjectPath("/io/nasmcu1/empty"));
  object->addVTable(sdbus::registerMethod("Greet").implementedAs(greet))
      .forInterface("io.nasmcu1.Empty");
#else
  const auto bus = sdbus::createSystemBusConnection(argv[1]);
  const auto object = sdbus::createObject(*bus, "/io/nasmcu1/empty");
  object->registerMethod("Greet").onInterface("io.nasmcu1.Empty").implementedAs(greet);
  object->finishRegistration();
#endif
  notify_ready();
  bus->enterEventLoop();
}
