// SPDX-License-Identifier: MIT
// Every exchange of tests/vectors through the host's codecs, in both directions.
#include <catch.hpp>
#include <libmcu/protocol/registry.hpp>
#include <tests/protocol/one_try.hpp>
#include <tests/vectors/vectors.hpp>

#include <iostream>
#include <map>
#include <set>

#include <unistd.h>

using namespace mcu;

namespace {

const std::filesystem::path folder = std::filesystem::path(NASMCU_SOURCE_DIR) / "tests/vectors";

/// What the host asks. Where the codec must not build the request, a bare acknowledge is awaited.
Exchange exchange_of(const Protocol& protocol, const vectors::Exchange& vector) {
  if (!vector.command || vector.host_refuses) return {vector.request, {3}, true};
  const auto encoded = protocol.encode(*vector.command);
  REQUIRE(encoded.ok());
  return *encoded;
}

void check_request(const Protocol& protocol, const vectors::Exchange& vector) {
  const auto read_back = protocol.parse_request(vector.request);
  if (vector.host_refuses) {
    const auto encoded = protocol.encode(*vector.command);
    REQUIRE(!encoded.ok());
    CHECK(encoded.error().code == *vector.host_refuses);
  }
  if (!vector.command || vector.host_refuses || vector.request_damaged) {
    CHECK(!read_back);
    return;
  }
  CHECK(to_hex(protocol.encode(*vector.command)->tx) == to_hex(vector.request));
  REQUIRE(read_back);
  CHECK(read_back->index() == vector.command->index());
  CHECK(to_hex(protocol.encode(*read_back)->tx) == to_hex(vector.request));
}

enum class Feed { as_written, whole, byte_by_byte };

void check_reply(const Protocol& protocol, const vectors::Exchange& vector, Feed feed) {
  const Command command = vector.command.value_or(cmd::Identify{});
  testing::OneTry attempt(protocol, command, exchange_of(protocol, vector));
  bool late = false;
  for (const auto& chunk : vector.reply) {
    late = late || chunk.after >= std::chrono::milliseconds(500);
    if (late) attempt.deadline();
    if (feed == Feed::as_written) attempt.receive(chunk.bytes);
    if (feed == Feed::byte_by_byte) attempt.receive_singly(chunk.bytes);
  }
  if (feed == Feed::whole && late) return;
  if (feed == Feed::whole) attempt.receive(vector.reply_bytes());
  attempt.deadline();
  if (late) CHECK(attempt.noise == vector.reply_bytes().size());
  const Result<Reply>& got = *attempt.result;
  if (vector.outcome.reply) {
    if (!got.ok()) FAIL(got.error().what);
    CHECK(*got == *vector.outcome.reply);
  } else {
    REQUIRE(!got.ok());
    REQUIRE(vector.outcome.error);
    CHECK(got.error().code == vector.outcome.error->code);
    CHECK(got.error().what.find(vector.outcome.error->what) != std::string::npos);
    CHECK(got.error().what.size() > 10);
  }
}

void check_unasked(const Protocol& protocol, const vectors::Exchange& vector) {
  const Bytes bytes = vector.reply_bytes();
  const Taken taken = protocol.take(bytes, nullptr);
  CHECK(vector.outcome.nothing);
  CHECK(taken.kind == Taken::Kind::noise);
  CHECK(taken.size == bytes.size());
}

/// The rows that the protocol notes list, by family of identifiers.
const std::map<std::string, int> listed = {{"A", 50}, {"AE", 14}, {"S", 9}, {"B", 54}, {"BE", 12}};

} // namespace

TEST_CASE("every recorded exchange is asked and understood as written") {
  static const auto all = vectors::load_all(folder); // each section runs the test case anew
  for (const vectors::Exchange& vector : all) {
    DYNAMIC_SECTION(vector.id << " " << vector.title << " (" << vector.where << ")") {
      const auto protocol = make_protocol(vector.protocol);
      REQUIRE(protocol.ok());
      if (vector.request.empty()) {
        check_unasked(**protocol, vector);
      } else {
        check_request(**protocol, vector);
        check_reply(**protocol, vector, Feed::as_written);
        check_reply(**protocol, vector, Feed::whole);
        check_reply(**protocol, vector, Feed::byte_by_byte);
      }
    }
  }
}

TEST_CASE("no listed exchange is missing from the files") {
  std::set<std::string> ids;
  for (const vectors::Exchange& vector : vectors::load_all(folder)) {
    CHECK(ids.insert(vector.id).second);
    CHECK((vector.outcome.reply || vector.outcome.error || vector.outcome.nothing));
  }
  int rows = 0;
  for (const auto& [family, count] : listed)
    for (int i = 1; i <= count; ++i, ++rows) {
      INFO(family << i);
      CHECK(ids.count(family + std::to_string(i)) == 1);
    }
  std::cout << "host codecs: " << rows << " listed rows of tests/vectors, and "
            << ids.size() - static_cast<std::size_t>(rows) << " more\n";
  CHECK(rows == 139);
}

TEST_CASE("a line of a vector file that means nothing is an error with file and line") {
  const auto path = std::filesystem::temp_directory_path() /
                    ("nasmcu-vectors-" + std::to_string(::getpid()) + ".txt");
  std::ofstream(path) << "protocol wt61p803\n\nX1 title\n? fly-away\n";
  std::string message;
  try {
    (void)vectors::load_file(path);
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  std::filesystem::remove(path);
  CHECK(message.find(":4") != std::string::npos);
  CHECK(message.find("fly-away") != std::string::npos);
}
