// SPDX-License-Identifier: MIT
#include <port/access.hpp>

#include <common/text_file.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <sys/socket.h>

namespace nasmcu {
namespace {

using boost::asio::ip::tcp;

/// Empty when it cannot be read: then nobody is a member, and no peer is known.
std::string text_of(const std::string& path) { return read_text_file(path).value_or(""); }

/// Splits at every single `separator`; empty pieces stay.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

template <class Number>
std::optional<Number> number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The fields of the line whose first field is `key`; empty if there is none.
std::vector<std::string_view> account(std::string_view text, std::string_view key) {
  for (const std::string_view line : split(text, '\n')) {
    std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() >= 4 && fields[0] == key) return fields;
  }
  return {};
}

/// IPv4 as ::ffff:a.b.c.d, so that both of the kernel's tables compare alike.
boost::asio::ip::address_v6::bytes_type plain(const boost::asio::ip::address& address) {
  if (address.is_v6()) return address.to_v6().to_bytes();
  boost::asio::ip::address_v6::bytes_type bytes{};
  bytes[10] = bytes[11] = 0xFF;
  const auto v4 = address.to_v4().to_bytes();
  std::copy(v4.begin(), v4.end(), bytes.begin() + 12);
  return bytes;
}

/// True when "0100007F:E017" (or the long form of tcp6) is that endpoint. The kernel prints each
/// 32-bit piece of the address as a number in its own byte order, and the port as a plain one.
bool is_endpoint(std::string_view text, const tcp::endpoint& endpoint) {
  const std::size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return false;
  const auto port = number<std::uint16_t>(text.substr(colon + 1), 16);
  if (!port || *port != endpoint.port()) return false;
  boost::asio::ip::address_v6::bytes_type bytes{};
  if (colon == 8) bytes[10] = bytes[11] = 0xFF;
  for (std::size_t i = 0; i < colon / 8; ++i) {
    const auto piece = number<std::uint32_t>(text.substr(i * 8, 8), 16);
    if (!piece) return false;
    std::memcpy(bytes.data() + (colon == 8 ? 12 : i * 4), &*piece, sizeof *piece);
  }
  return bytes == plain(endpoint.address());
}

bool is_loopback(const boost::asio::ip::address& address) {
  const auto bytes = plain(address);
  return address.is_loopback() || (bytes[10] == 0xFF && bytes[11] == 0xFF && bytes[12] == 127 &&
                                   std::all_of(bytes.begin(), bytes.begin() + 10,
                                               [](std::uint8_t byte) { return byte == 0; }));
}

/// The words of one line, blanks folded.
std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> all = split(line, ' ');
  all.erase(std::remove(all.begin(), all.end(), std::string_view{}), all.end());
  return all;
}

bool in_control_group(uid_t uid, const std::string& root) {
  return is_member(text_of(root + "/etc/group"), text_of(root + "/etc/passwd"), control_group, uid);
}

} // namespace

std::string to_string(const Peer& peer) {
  if (peer.kind == Peer::Kind::remote) return "another machine";
  return peer.uid ? "uid " + std::to_string(*peer.uid) : "an unknown user";
}

bool allowed(Access access, const Peer& peer, bool remote_control) {
  const bool remote = peer.kind == Peer::Kind::remote;
  const bool root = !remote && peer.uid == uid_t{0};
  switch (access) {
  case Access::reading: return true;
  case Access::changing: return remote ? remote_control : root || (peer.uid && peer.in_group);
  case Access::root_only: return root;
  case Access::never_port: return false;
  }
  return false;
}

std::optional<gid_t> group_id(std::string_view group_text, std::string_view group) {
  const std::vector<std::string_view> fields = account(group_text, group);
  if (fields.empty()) return std::nullopt;
  return number<gid_t>(fields[2]);
}

bool is_member(std::string_view group_text, std::string_view passwd_text, std::string_view group,
               uid_t uid) {
  const std::optional<gid_t> gid = group_id(group_text, group);
  if (!gid) return false;
  const std::vector<std::string_view> members = split(account(group_text, group)[3], ',');
  for (const std::string_view line : split(passwd_text, '\n')) {
    const std::vector<std::string_view> fields = split(line, ':');
    if (fields.size() < 4 || number<uid_t>(fields[2]) != uid) continue;
    if (number<gid_t>(fields[3]) == gid) return true;
    if (!fields[0].empty() && std::find(members.begin(), members.end(), fields[0]) != members.end())
      return true;
  }
  return false;
}

std::optional<uid_t> owner_of(std::string_view table, const tcp::endpoint& client,
                              const tcp::endpoint& server) {
  // Established, and the two states of a client that has sent all it will.
  constexpr std::array<std::string_view, 3> living = {"01", "04", "05"};
  for (const std::string_view line : split(table, '\n')) {
    // sl local_address rem_address st queues tr:when retrnsmt uid timeout inode ...
    const std::vector<std::string_view> fields = words(line);
    if (fields.size() < 10 || !is_endpoint(fields[1], client) || !is_endpoint(fields[2], server))
      continue;
    if (std::find(living.begin(), living.end(), fields[3]) == living.end()) continue;
    // Inode 0: its process has closed it, and the user shown (0) is nobody's.
    if (number<std::uint64_t>(fields[9]).value_or(0) == 0) continue;
    return number<uid_t>(fields[7]);
  }
  return std::nullopt;
}

Peer unix_peer(int socket, const std::string& root) {
  Peer peer;
  peer.kind = Peer::Kind::unix_socket;
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return peer;
  peer.uid = credentials.uid;
  const std::optional<gid_t> gid = control_group_id(root);
  if (!gid) return peer;
  // As many groups as a process may have here; a longer list is cut off with ERANGE, and then only
  // the account files speak.
  std::array<gid_t, 1024> groups{};
  size = sizeof groups;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) size = 0;
  const auto end = groups.begin() + size / sizeof(gid_t);
  peer.in_group = credentials.gid == *gid || std::find(groups.begin(), end, *gid) != end ||
                  in_control_group(credentials.uid, root);
  return peer;
}

Peer tcp_peer(const tcp::endpoint& client, const tcp::endpoint& server, const std::string& root) {
  Peer peer;
  if (!is_loopback(client.address()) || !is_loopback(server.address())) return peer;
  peer.kind = Peer::Kind::loopback;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    peer.uid = owner_of(text_of(table), client, server);
    if (peer.uid) break;
  }
  peer.in_group = peer.uid && in_control_group(*peer.uid, root);
  return peer;
}

std::optional<gid_t> control_group_id(const std::string& root) {
  return group_id(text_of(root + "/etc/group"), control_group);
}

} // namespace nasmcu
