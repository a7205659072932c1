// SPDX-License-Identifier: MIT
#include <port/line_reader.hpp>

#include <algorithm>
#include <array>

namespace nasmcu {
namespace {

// RFC 854.
constexpr std::uint8_t iac = 255, dont = 254, will = 251, subnegotiation_begin = 250,
                       subnegotiation_end = 240;

} // namespace

bool LineReader::is_text(std::uint8_t byte) {
  switch (telnet_) {
  case Telnet::data:
    if (byte != iac) return true;
    telnet_ = Telnet::iac;
    return false;
  case Telnet::iac:
    if (byte >= will && byte <= dont)
      telnet_ = Telnet::option;
    else
      telnet_ = byte == subnegotiation_begin ? Telnet::subnegotiation : Telnet::data;
    return byte == iac; // doubled, it is a data byte
  case Telnet::option: telnet_ = Telnet::data; return false;
  case Telnet::subnegotiation:
    if (byte == iac) telnet_ = Telnet::subnegotiation_iac;
    return false;
  case Telnet::subnegotiation_iac:
    telnet_ = byte == subnegotiation_end ? Telnet::data : Telnet::subnegotiation;
    return false;
  }
  return false;
}

void LineReader::take(char byte) {
  if (byte != '\n') {
    line_ += byte;
    return;
  }
  if (line_.ends_with('\r')) line_.pop_back();
  lines_.push_back(std::move(line_));
  line_.clear();
  dropped_ = 0;
}

void LineReader::feed(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    if (too_long_) return;
    if (is_text(byte))
      take(static_cast<char>(byte));
    else
      ++dropped_;
    // The CR of a line end does not count; telnet's bytes do, or a client could send for ever.
    const std::size_t text = line_.size() - (line_.ends_with('\r') ? 1 : 0);
    too_long_ = text > limit_ || dropped_ > limit_;
  }
}

std::optional<std::string> LineReader::next() {
  if (lines_.empty()) return std::nullopt;
  std::string line = std::move(lines_.front());
  lines_.pop_front();
  return line;
}

LineReader::Rest LineReader::finish() {
  if (line_.ends_with('\r')) line_.pop_back();
  if (line_.empty()) return {};
  Rest rest{carries_number(line_) ? Rest::Kind::cut : Rest::Kind::line, std::move(line_)};
  line_.clear();
  return rest;
}

bool carries_number(std::string_view line) {
  constexpr std::string_view begins_number = "0123456789+-.";
  constexpr std::string_view blanks = " \t";
  for (std::size_t at = line.find_first_of(blanks); at != std::string_view::npos;
       at = line.find_first_of(blanks, at + 1))
    if (at + 1 < line.size() && begins_number.find(line[at + 1]) != std::string_view::npos)
      return true;
  return false;
}

bool looks_like_http(std::string_view line) {
  constexpr std::array<std::string_view, 9> methods = {
      "GET ", "POST ", "PUT ", "HEAD ", "OPTIONS ", "DELETE ", "PATCH ", "CONNECT ", "TRACE "};
  if (line.find(" HTTP/") != std::string_view::npos) return true;
  return std::any_of(methods.begin(), methods.end(),
                     [line](std::string_view method) { return line.starts_with(method); });
}

} // namespace nasmcu
