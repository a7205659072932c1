// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <port/line_reader.hpp>

#include <vector>

using namespace nasmcu;
using Lines = std::vector<std::string>;

namespace {

void feed(LineReader& reader, std::string_view text) {
  reader.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

Lines lines(LineReader& reader) {
  Lines all;
  while (auto line = reader.next()) all.push_back(*line);
  return all;
}

Lines lines_of(std::string_view text) {
  LineReader reader(512);
  feed(reader, text);
  return lines(reader);
}

} // namespace

TEST_CASE("CRLF and LF end a line, many lines may come at once") {
  CHECK(lines_of("help\r\nquit\n\r\n\nReadRtc\r\nhel") == Lines{"help", "quit", "", "", "ReadRtc"});
}

TEST_CASE("a line may come byte by byte") {
  LineReader reader(512);
  for (const char c : std::string("GetTemperature\r\n")) {
    CHECK(!reader.next());
    feed(reader, std::string_view(&c, 1));
  }
  CHECK(lines(reader) == Lines{"GetTemperature"});
}

TEST_CASE("a carriage return alone ends nothing") {
  CHECK(lines_of("help\rquit\n") == Lines{"help\rquit"});
}

TEST_CASE("the end of the stream ends a line") {
  LineReader reader(512);
  feed(reader, "quit\nReadRtc\r");
  CHECK(lines(reader) == Lines{"quit"});
  const LineReader::Rest rest = reader.finish();
  CHECK(rest.kind == LineReader::Rest::Kind::line);
  CHECK(rest.text == "ReadRtc");
  CHECK(reader.finish().kind == LineReader::Rest::Kind::none);
}

TEST_CASE("the end of the stream does not end a line with a number") {
  for (const char* line : {"DeviceShutdown 2", "fan system 5", "fan 5", "poweroff  9", "fan x -",
                           "fan\t5", "fan .5"}) {
    LineReader reader(512);
    feed(reader, line);
    CAPTURE(line);
    CHECK(reader.finish().kind == LineReader::Rest::Kind::cut);
  }
  CHECK(!carries_number("led disk1-fault on"));
  CHECK(!carries_number("DeviceShutdown"));
}

TEST_CASE("telnet's commands are dropped wherever they are cut") {
  const std::string text = "Get\xFF\xFB\x01Temp\xFF\xF1"
                           "erature\xFF\xFA\x18\x01\n\xFF\xFF\r\n\xFF\xF0\r\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    LineReader reader(512);
    feed(reader, std::string_view(text).substr(0, cut));
    feed(reader, std::string_view(text).substr(cut));
    CAPTURE(cut);
    CHECK(lines(reader) == Lines{"GetTemperature"});
  }
  CHECK(lines_of("a\xFF\xFF"
                 "b\n") == Lines{"a\xFF"
                                 "b"});
}

TEST_CASE("512 bytes are a line, 513 are too many, with any line end") {
  const std::string longest(512, 'x');
  for (const char* end : {"\n", "\r\n"}) {
    LineReader reader(512);
    feed(reader, longest + end);
    CHECK(!reader.too_long());
    CHECK(lines(reader) == Lines{longest});
    feed(reader, longest + "x" + end);
    CHECK(reader.too_long());
    feed(reader, "help\n");
    CHECK(lines(reader).empty());
  }
}

TEST_CASE("an endless telnet subnegotiation is over the limit, too") {
  LineReader reader(512);
  feed(reader, "\xFF\xFA");
  feed(reader, std::string(600, 'x'));
  CHECK(reader.too_long());
}

TEST_CASE("lines before a too long one are kept") {
  LineReader reader(512);
  feed(reader, "help\n" + std::string(513, 'x'));
  CHECK(reader.too_long());
  CHECK(lines(reader) == Lines{"help"});
}

TEST_CASE("HTTP is known by its first line") {
  CHECK(looks_like_http("GET / HTTP/1.1"));
  CHECK(looks_like_http("POST /x HTTP/1.0"));
  CHECK(looks_like_http("BREW /pot HTTP/1.1"));
  CHECK(looks_like_http("GET /"));
  CHECK(!looks_like_http("GetTemperature"));
  CHECK(!looks_like_http(""));
}
