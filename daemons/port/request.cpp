// SPDX-License-Identifier: MIT
#include <port/request.hpp>

#include <charconv>

namespace nasmcu {
namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(" \t", at)) != std::string::npos) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

/// Nothing for a word that is no whole number, or more than one word.
std::optional<int> number_of(const Arguments& arguments) {
  if (arguments.size() != 1) return std::nullopt;
  const std::string& word = arguments.front();
  int number = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (code != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

Task<Reply> answer_legacy(Session session, Request request) {
  const std::optional<int> number = number_of(request.arguments);
  if (!request.arguments.empty() && !number) co_return Reply{std::string(legacy_error)};
  Reply reply = co_await request.legacy->run(session.box, number);
  co_return reply;
}

} // namespace

Request parse_request(const std::string& line) {
  Request request;
  request.legacy = find_legacy_verb(line);
  std::vector<std::string> words = split(line);
  if (!request.legacy && !words.empty()) {
    request.legacy = find_legacy_verb(words.front());
    // As the old daemon: "GetTemperature now" is not GetTemperature.
    if (request.legacy && !request.legacy->takes_number) request.legacy = nullptr;
    if (!request.legacy) request.verb = find_verb(words.front());
    request.arguments.assign(words.begin() + 1, words.end());
  }
  if (request.legacy)
    request.access = request.legacy->access;
  else if (request.verb)
    request.access = access_of(*request.verb, request.arguments);
  return request;
}

Task<Reply> answer(Session session, Request request) {
  if (request.legacy) {
    Reply reply = co_await answer_legacy(session, request);
    co_return reply;
  }
  if (!request.verb) co_return Reply{std::string(not_understood)};
  session.json = session.color = session.force = false;
  Outcome outcome = co_await run_verb(session, std::string(request.verb->name), request.arguments);
  // What the board does not have, or may not be done, is a bare ERR for every verb.
  if (outcome.exit == exit_no_device || outcome.exit == exit_denied)
    co_return Reply{std::string(legacy_error)};
  if (outcome.exit != exit_done) co_return Reply{"ERR: " + outcome.error + "\n"};
  co_return Reply{outcome.text.empty() ? "OK\n" : outcome.text};
}

} // namespace nasmcu
