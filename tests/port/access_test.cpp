// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <port/access.hpp>

#include <bit>

using namespace nasmcu;
using boost::asio::ip::make_address;
using Endpoint = boost::asio::ip::tcp::endpoint;
using Kind = Peer::Kind;

namespace {

Endpoint at(const char* address, unsigned short port) { return {make_address(address), port}; }

Peer peer(Kind kind, std::optional<uid_t> uid, bool in_group) {
  Peer made;
  made.kind = kind;
  made.uid = uid;
  made.in_group = in_group;
  return made;
}

const std::string head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";

std::string row(const std::string& local, const std::string& remote, const std::string& state,
                int uid, int inode) {
  return "   1: " + local + " " + remote + " " + state +
         " 00000000:00000000 00:00000000 00000000 " + std::to_string(uid) + "        0 " +
         std::to_string(inode) + " 1 0000000000000000 20 4 30 10 -1\n";
}

// The table's words are in the machine's own byte order.
const bool little = std::endian::native == std::endian::little;
const std::string loopback = little ? "0100007F" : "7F000001";
const std::string mapped =
    little ? "0000000000000000FFFF00000100007F" : "00000000000000000000FFFF7F000001";
const std::string loopback6 =
    little ? "00000000000000000000000001000000" : "00000000000000000000000000000001";

} // namespace

TEST_CASE("who may do what") {
  struct Row {
    Peer who;
    bool reading, changing, root_only;
  };
  const std::vector<Row> rows = {
      {peer(Kind::unix_socket, 0, false), true, true, true},
      {peer(Kind::unix_socket, 1000, true), true, true, false},
      {peer(Kind::unix_socket, 1000, false), true, false, false},
      {peer(Kind::unix_socket, std::nullopt, false), true, false, false},
      {peer(Kind::loopback, 0, false), true, true, true},
      {peer(Kind::loopback, 1000, true), true, true, false},
      {peer(Kind::loopback, 1000, false), true, false, false},
      {peer(Kind::loopback, std::nullopt, true), true, false, false},
      {peer(Kind::remote, std::nullopt, false), true, false, false},
      {peer(Kind::remote, 0, true), true, false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(static_cast<int>(row.who.kind), row.who.uid.value_or(4242), row.who.in_group);
    CHECK(allowed(Access::reading, row.who, false) == row.reading);
    CHECK(allowed(Access::changing, row.who, false) == row.changing);
    CHECK(allowed(Access::root_only, row.who, false) == row.root_only);
    CHECK(!allowed(Access::never_port, row.who, true));
    // RemoteControl opens the changing verbs to other machines, and nothing else to nobody.
    const bool remote = row.who.kind == Kind::remote;
    CHECK(allowed(Access::changing, row.who, true) == (remote || row.changing));
    CHECK(allowed(Access::root_only, row.who, true) == row.root_only);
  }
}

TEST_CASE("the client's row of /proc/net/tcp tells its user") {
  const std::string table = head + row(loopback + ":E017", "00000000:0000", "0A", 990, 11) +
                            row(loopback + ":E017", loopback + ":A001", "01", 990, 12) +
                            row(loopback + ":A001", loopback + ":E017", "01", 1000, 13);
  CHECK(owner_of(table, at("127.0.0.1", 0xA001), at("127.0.0.1", 57367)) == uid_t{1000});
  CHECK(!owner_of(table, at("127.0.0.1", 0xA002), at("127.0.0.1", 57367)));
  CHECK(!owner_of(table, at("127.0.0.2", 0xA001), at("127.0.0.1", 57367)));
  CHECK(!owner_of(table, at("127.0.0.1", 0xA001), at("127.0.0.1", 57368)));
}

TEST_CASE("a v4-mapped address is its IPv4 address on either side") {
  const std::string table = head + row(mapped + ":A001", mapped + ":E017", "01", 1000, 13);
  CHECK(owner_of(table, at("127.0.0.1", 0xA001), at("127.0.0.1", 57367)) == uid_t{1000});
  CHECK(owner_of(table, at("::ffff:127.0.0.1", 0xA001), at("127.0.0.1", 57367)) == uid_t{1000});
  const std::string v6 = head + row(loopback6 + ":A001", loopback6 + ":E017", "01", 7, 13);
  CHECK(owner_of(v6, at("::1", 0xA001), at("::1", 57367)) == uid_t{7});
}

TEST_CASE("a socket that no process holds any more is nobody's, though shown with user 0") {
  const std::string closed = row(loopback + ":A001", loopback + ":E017", "05", 0, 0);
  const std::string waiting = row(loopback + ":A001", loopback + ":E017", "06", 0, 0);
  const std::string connecting = row(loopback + ":A001", loopback + ":E017", "02", 0, 5);
  const std::string half_closed = row(loopback + ":A001", loopback + ":E017", "05", 0, 5);
  const Endpoint client = at("127.0.0.1", 0xA001), server = at("127.0.0.1", 57367);
  CHECK(!owner_of(head + closed, client, server));
  CHECK(!owner_of(head + waiting, client, server));
  CHECK(!owner_of(head + connecting, client, server));
  CHECK(owner_of(head + half_closed, client, server) == uid_t{0});
}

TEST_CASE("a broken table gives nobody") {
  const Endpoint client = at("127.0.0.1", 0xA001), server = at("127.0.0.1", 57367);
  CHECK(!owner_of("", client, server));
  CHECK(!owner_of("\n\n:::\n", client, server));
  const std::string good = row(loopback + ":A001", loopback + ":E017", "01", 1000, 13);
  for (std::size_t size = 0; size < good.find(" 13 "); ++size)
    CHECK(!owner_of(good.substr(0, size), client, server));
}

TEST_CASE("group members are found by name and by first group") {
  const std::string group = "root:x:0:\nnasmcu:x:990:anna,ben\nusers:x:100:cleo\n";
  const std::string passwd = "root:x:0:0::/root:/bin/sh\nanna:x:1000:100::/:/bin/sh\n"
                             "cleo:x:1001:100::/:/bin/sh\ndora:x:1002:990::/:/bin/sh\n";
  CHECK(group_id(group, "nasmcu") == gid_t{990});
  CHECK(!group_id(group, "nasm"));
  CHECK(is_member(group, passwd, "nasmcu", 1000));
  CHECK(is_member(group, passwd, "nasmcu", 1002));
  CHECK(!is_member(group, passwd, "nasmcu", 1001));
  CHECK(!is_member(group, passwd, "nasmcu", 1003));
  CHECK(!is_member("", passwd, "nasmcu", 1000));
  CHECK(!is_member("nasmcu:x:990:\n", "broken\n:x:1000:1:\n", "nasmcu", 1000));
}
