// SPDX-License-Identifier: MIT
// The command port without its sockets: bytes of a client to lines, lines to requests, requests to
// answers. The same table is mcuctl's.
//   input: how the bytes come in pieces, then the bytes
#include "fuzz.hpp"

#include <port/access.hpp>
#include <port/line_reader.hpp>
#include <port/request.hpp>
#include <tests/verbs/fake_box.hpp>

#include <filesystem>

namespace fuzz {
namespace {

using namespace nasmcu;

constexpr std::size_t longest_line = 512;
/// The longest answers are those of `report` and `metrics`; a client cannot make one grow.
constexpr std::size_t longest_answer = 64 * 1024;

/// An empty box's files (verbs that read some find none); gone with the program.
class EmptyRoot {
public:
  EmptyRoot() : name_((std::filesystem::temp_directory_path() / "nasmcu-fuzz-XXXXXX").string()) {
    require(::mkdtemp(name_.data()) != nullptr, "a folder for the box");
  }
  EmptyRoot(const EmptyRoot&) = delete;
  EmptyRoot& operator=(const EmptyRoot&) = delete;
  ~EmptyRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(name_, ignored);
  }

  const std::string& name() const { return name_; }

private:
  std::string name_;
};

const std::string& root() {
  static const EmptyRoot folder;
  return folder.name();
}

/// What the box does for those who may only read.
bool only_reads(const std::string& call) {
  for (const char* word : {"read_sensor", "read_clock", "read_button", "power_recovery",
                           "wake_on_lan", "wake", "identify"})
    if (call == word || call.starts_with(std::string(word) + " ")) return true;
  return false;
}

struct Lines {
  std::vector<std::string> all;
  LineReader::Rest rest;
  bool too_long = false;
};

Lines lines_of(ByteView bytes, std::size_t piece) {
  LineReader reader(longest_line);
  Lines lines;
  while (!bytes.empty()) {
    const ByteView front = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(front.size());
    reader.feed(front);
    while (auto line = reader.next()) lines.all.push_back(*line);
  }
  lines.too_long = reader.too_long();
  if (!lines.too_long) lines.rest = reader.finish();
  return lines;
}

void check_reply(const std::string& line, const Request& request, const Reply& reply) {
  require(reply.text.ends_with("\n"), "an answer ends its line", line + " -> " + reply.text);
  require(reply.text.size() <= longest_answer, "an answer has its limit", line);
  const auto count = std::count(reply.text.begin(), reply.text.end(), '\n');
  if (reply.text.starts_with("ERR"))
    require(count == 1, "an error is one line", line + " -> " + reply.text);
  if (request.legacy && request.legacy->word != "hctosys")
    require(count == 1, "an old word is answered by one line", line + " -> " + reply.text);
}

void run_line(const std::string& line, const Peer& peer) {
  const Request request = parse_request(line);
  require(!(request.legacy && request.verb), "a line is one request", line);
  if (!request.legacy && !request.verb)
    require(request.access == Access::reading, "what is not understood does nothing", line);
  if (!allowed(request.access, peer, false)) return;
  require(request.access != Access::never_port, "what is never for the port is not allowed", line);
  test::FakeBox box;
  Session session;
  session.box = &box;
  session.options.root = root();
  const Reply reply = test::run(answer(session, request));
  check_reply(line, request, reply);
  if (request.access == Access::reading)
    for (const std::string& call : box.calls)
      require(only_reads(call), "who may read changes nothing", line + ": " + call);
  if (!request.legacy && !request.verb) require(box.calls.empty(), "not understood: nothing done");
  for (const std::string& call : box.calls)
    require(!call.starts_with("raw"), "raw is never for the port", line);
}

} // namespace

void run(ByteView bytes) {
  test::use_utc();
  Input input(bytes);
  const std::size_t piece = 1 + input.byte();
  const unsigned who = input.below(3);
  const ByteView stream = input.rest();

  const Lines lines = lines_of(stream, piece);
  const Lines whole = lines_of(stream, stream.size() + 1);
  require(lines.all == whole.all && lines.too_long == whole.too_long &&
              lines.rest.text == whole.rest.text,
          "how the bytes come in pieces makes no difference", shown(stream));
  Peer peer; // another machine
  if (who == 1) peer = {Peer::Kind::loopback, 1000, false};
  if (who == 2) peer = {Peer::Kind::unix_socket, 0, false};
  int count = 0;
  for (const std::string& line : lines.all) {
    require(line.size() <= longest_line, "a line has its limit", line);
    require(line.find('\n') == std::string::npos, "a line is one", line);
    if (looks_like_http(line)) return;
    if (++count <= 8) run_line(line, peer); // more is only slower
  }
  if (lines.rest.kind == LineReader::Rest::Kind::line && !looks_like_http(lines.rest.text))
    run_line(lines.rest.text, peer);
}

} // namespace fuzz
