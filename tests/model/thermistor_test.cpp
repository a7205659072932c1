// SPDX-License-Identifier: MIT
#include <catch.hpp>
#include <libmcu/model/thermistor.hpp>

#include <cmath>

using namespace mcu;

TEST_CASE("known raw values give the temperatures of the vendor's table") {
  const auto celsius = [](int raw) { return thermistor(static_cast<std::uint8_t>(raw))->value; };
  CHECK(celsius(1) == 115);
  CHECK(celsius(59) == 60);
  CHECK(celsius(74) == 50);
  CHECK(celsius(83) == 45);
  CHECK(celsius(92) == 40);
  CHECK(celsius(93) == 40);
  CHECK(celsius(96) == 39);
  CHECK(celsius(128) == 25);
  CHECK(celsius(138) == 25);
  CHECK(celsius(195) == 1);
  CHECK(celsius(203) == 0);
}

TEST_CASE("a raw value that no working sensor gives is an error in words") {
  for (const int raw : {0, 204, 250, 251, 255}) {
    const auto reading = thermistor(static_cast<std::uint8_t>(raw));
    REQUIRE(!reading.ok());
    CHECK(reading.error().code == Errc::protocol);
    CHECK(reading.error().what.find("raw value " + std::to_string(raw)) != std::string::npos);
  }
}

TEST_CASE("the vendor's jump at 133 to 135 is smoothed and nothing else is changed") {
  for (int raw = 1; raw < 204; ++raw) {
    const auto byte = static_cast<std::uint8_t>(raw);
    INFO("raw " << raw);
    if (raw < 133 || raw > 135) CHECK(thermistor(byte)->value == thermistor_original(byte)->value);
    if (raw > 1) {
      const double step =
          thermistor(byte)->value - thermistor(static_cast<std::uint8_t>(raw - 1))->value;
      CHECK(std::abs(step) <= 1);
    }
  }
  CHECK(thermistor_original(133)->value == 37);
  CHECK(thermistor_original(134)->value == 27);
  CHECK(thermistor_original(0)->value == 116);
  CHECK(!thermistor_original(204));
  CHECK(thermistor(133)->value == 23);
  CHECK(thermistor(134)->value == 24);
  CHECK(thermistor(135)->value == 25);
}

TEST_CASE("the raw byte for a temperature reads back as that temperature") {
  for (int celsius = 0; celsius <= 115; ++celsius) {
    const auto reading = thermistor(raw_for(Celsius{celsius + 0.0}));
    REQUIRE(reading.ok());
    CHECK(reading->value == celsius);
  }
  CHECK(raw_for(Celsius{25}) == 127);
  CHECK(thermistor(raw_for(Celsius{500}))->value == 115);
  CHECK(thermistor(raw_for(Celsius{-40}))->value == 0);
  CHECK(thermistor(raw_for(Celsius{std::nan("")})).ok());
}
