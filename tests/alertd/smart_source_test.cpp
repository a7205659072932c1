// SPDX-License-Identifier: MIT
// The source that has smartctl run, on a box that has nothing left for it.
#include <catch.hpp>

#include "sleepy_disk.hpp"

#include <devices/loop.hpp>
#include <kernel/sys_tree.hpp>

#include <alertd/sources/source.hpp>

#include <pthread.h>

using namespace nasmcu::alertd;

namespace {

/// While it lives no thread can be started: there is no room for such a stack.
class NoThreads {
public:
  NoThreads() {
    REQUIRE(::pthread_getattr_default_np(&before_) == 0);
    pthread_attr_t huge{};
    REQUIRE(::pthread_attr_init(&huge) == 0);
    const std::size_t size = std::size_t{1} << (sizeof(void*) == 4 ? 31U : 47U);
    REQUIRE(::pthread_attr_setstacksize(&huge, size) == 0);
    REQUIRE(::pthread_setattr_default_np(&huge) == 0);
    ::pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

private:
  pthread_attr_t before_{};
};

/// One disk, that somebody uses, and a smartctl that says that it is well.
struct Box : Loop {
  Box() {
    SysTree::Disk shape;
    shape.name = "sda";
    shape.controller = "platform/f1080000.sata";
    shape.ata = 1;
    shape.host = 0;
    shape.port_no = "1";
    stat = tree.disk(shape) + "/block/sda/stat";
    tree.write("dev/sda", "");
    const std::string stub =
        tree.write("usr/sbin/smartctl", "#!/bin/sh\ncat " + std::string(NASMCU_SOURCE_DIR) +
                                            "/tests/vectors/smartctl/sata-healthy.json\n");
    std::filesystem::permissions(stub, std::filesystem::perms::owner_all);
    context.clocks.steady = [this] { return now; };
    context.clocks.wall = [] { return midnight; };
    source = smart_source.make(context);
    source->hurry = [this] { ++ended; };
  }

  /// A minute later, and it was used meanwhile.
  void look() {
    now += 1min;
    tree.write(stat, std::to_string(now.time_since_epoch() / 1s) + " 0 0 0 0 0 0 0 0 0 0\n");
    await(source->look());
  }
  /// Until the disk is read once more.
  void begin_reading() {
    const unsigned long before = disk().counters.reads;
    for (int minute = 0; minute < 60 && disk().counters.reads == before; ++minute) look();
    REQUIRE(disk().counters.reads == before + 1);
  }
  DiskState disk() const { return disks.states(midnight).at(0); }

  SysTree tree;
  mcu::Board board;
  AlertConfig config;
  nasmcu::Bus bus{io.get_executor(), ""};
  DiskWatch disks{DiskWatch::Options{}};
  ArrayRoster roster{{}};
  SmartdSigns smartd;
  SourceContext context{io.get_executor(),
                        tree.root(),
                        board,
                        config,
                        bus,
                        disks,
                        roster,
                        smartd,
                        std::make_shared<nasmcu::Children>(),
                        {}};
  std::unique_ptr<Source> source;
  std::string stat;
  Tick now = power_on;
  int ended = 0;
};

} // namespace

TEST_CASE("a disk for whose reading no thread could be started is read later") {
  Box box;
  box.look();
  {
    const NoThreads poor;
    box.begin_reading();
    box.io.poll();
  }
  CHECK(box.ended == 0);
  CHECK(box.disk().verdict == "unknown");
  box.begin_reading();
  REQUIRE(box.turn_until([&] { return box.ended == 1; }));
  CHECK(box.disk().verdict == "ok");
}
