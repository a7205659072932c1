// SPDX-License-Identifier: MIT
// Who a client is and what it may do.
#pragma once

#include <verbs/verbs.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

struct Peer {
  enum class Kind {
    unix_socket, ///< known by SO_PEERCRED
    loopback,    ///< known by /proc/net/tcp{,6}
    remote,      ///< anybody
  };
  Kind kind = Kind::remote;
  std::optional<uid_t> uid; ///< nothing: could not be found out
  bool in_group = false;    ///< a member of group nasmcu
};
std::string to_string(const Peer& peer); ///< "uid 0", "another machine" ...

/// The rules of the port. Pure.
bool allowed(Access access, const Peer& peer, bool remote_control);

/// The group whose members may change things.
inline constexpr std::string_view control_group = "nasmcu";

/// The numeric id of a group in the text of /etc/group.
std::optional<gid_t> group_id(std::string_view group_text, std::string_view group);

/// Whether a user is in a group, by the texts of /etc/group and /etc/passwd. Pure.
bool is_member(std::string_view group_text, std::string_view passwd_text, std::string_view group,
               uid_t uid);

/// The user who owns the socket at `client` that is connected to `server`, in the text of
/// /proc/net/tcp or tcp6. Pure. Nothing for a socket that no process holds any more: the kernel
/// shows those with user 0.
std::optional<uid_t> owner_of(std::string_view table, const boost::asio::ip::tcp::endpoint& client,
                              const boost::asio::ip::tcp::endpoint& server);

/// The peer of a connected Unix socket. Accounts are looked up below `root`.
Peer unix_peer(int socket, const std::string& root);

/// The peer of a TCP connection. The connection tables are this kernel's, whatever the root.
Peer tcp_peer(const boost::asio::ip::tcp::endpoint& client,
              const boost::asio::ip::tcp::endpoint& server, const std::string& root);

/// The id of the control group below `root`.
std::optional<gid_t> control_group_id(const std::string& root);

} // namespace nasmcu
