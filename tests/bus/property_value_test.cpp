// SPDX-License-Identifier: MIT
// Values of every type, written by the library and read by us. No bus is needed for it.
#include <bus/objects.hpp>

#include <catch.hpp>

using namespace nasmcu;

namespace {

/// What a client gets of what has been sent: a variant is a message that can be had without a bus.
template <class Read, class Written>
Read over_the_wire(const Written& written) {
  return sdbus::Variant(written).template get<Read>();
}

const std::map<std::string, sdbus::Variant> every_type = {
    {"Yes", sdbus::Variant(true)},
    {"Small", sdbus::Variant(std::uint32_t{4'000'000'000})},
    {"Signed", sdbus::Variant(std::int64_t{-5})},
    {"Large", sdbus::Variant(std::uint64_t{1} << 63)},
    {"Real", sdbus::Variant(36.5)},
    {"Text", sdbus::Variant(std::string("a\nb"))},
    {"Byte", sdbus::Variant(std::uint8_t{7})},
    {"List", sdbus::Variant(std::vector<std::string>{"a", "b"})},
    {"Points", sdbus::Variant(std::map<std::string, std::uint64_t>{{"x", 1}})},
};

} // namespace

TEST_CASE("every type of a property arrives, the plain ones and the others") {
  const auto read = over_the_wire<Properties>(every_type);
  REQUIRE(read.size() == every_type.size());
  CHECK(property<bool>(read, "Yes"));
  CHECK(property<std::uint32_t>(read, "Small") == 4'000'000'000);
  CHECK(property<std::int64_t>(read, "Signed") == -5);
  CHECK(property<std::uint64_t>(read, "Large") == std::uint64_t{1} << 63);
  CHECK(property<double>(read, "Real") == 36.5);
  CHECK(property<std::string>(read, "Text") == "a\nb");
  CHECK(property<std::vector<std::string>>(read, "List") == std::vector<std::string>{"a", "b"});
  CHECK(property<std::map<std::string, std::uint64_t>>(read, "Points").at("x") == 1);
}

TEST_CASE("a property that is missing, or of another type, is an error and no value") {
  const auto read = over_the_wire<Properties>(every_type);
  CHECK_THROWS_AS(property<bool>(read, "No"), sdbus::Error);
  CHECK_THROWS_AS(property<std::string>(read, "Yes"), sdbus::Error);
  CHECK_THROWS_AS(property<std::uint64_t>(read, "Small"), sdbus::Error);
  CHECK_THROWS_AS(property<std::uint32_t>(read, "Byte"), sdbus::Error);
  CHECK_THROWS_AS(property<std::vector<std::string>>(read, "Text"), sdbus::Error);
  CHECK_THROWS_AS(property<std::string>(read, "List"), sdbus::Error);
}

TEST_CASE("a tree of objects is read to its end") {
  std::map<sdbus::ObjectPath, std::map<std::string, std::map<std::string, sdbus::Variant>>> sent;
  for (const char* path : {"/a", "/a/b", "/a/c"})
    sent[sdbus::ObjectPath(path)] = {{"one.Interface", every_type}, {"no.Properties", {}}};
  sent[sdbus::ObjectPath("/nothing")] = {};
  const auto read = over_the_wire<ObjectTree>(sent);
  REQUIRE(read.size() == 4);
  CHECK(read.at(sdbus::ObjectPath("/nothing")).empty());
  for (const char* path : {"/a", "/a/b", "/a/c"}) {
    const auto& interfaces = read.at(sdbus::ObjectPath(path));
    CHECK(interfaces.at("no.Properties").empty());
    CHECK(property<std::string>(interfaces.at("one.Interface"), "Text") == "a\nb");
    CHECK(interfaces.at("one.Interface").size() == every_type.size());
  }
}
