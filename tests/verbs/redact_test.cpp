// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <verbs/redact.hpp>

using nasmcu::PrivateWords;
using nasmcu::redact;

namespace {

const PrivateWords nobody;
const PrivateWords mine = {{"attic-box"}, {"marie"}};

} // namespace

TEST_CASE("addresses of networks and network cards are taken out") {
  CHECK(redact("eth0 24:5e:be:12:34:56 up", nobody) == "eth0 [mac] up");
  CHECK(redact("24-5E-BE-12-34-56", nobody) == "[mac]");
  CHECK(redact("from 192.168.1.20:57367.", nobody) == "from [ip]:57367.");
  CHECK(redact("net 10.0.0.0/8, 255.255.255.255", nobody) == "net [ip]/8, [ip]");
  CHECK(redact("at [fe80::265e:beff:fe12:3456%eth0]:80", nobody) == "at [[ip]%eth0]:80");
  CHECK(redact("2001:db8:0:1:2:3:4:5 ::1 ::ffff:192.0.2.1", nobody) == "[ip] [ip] [ip]");
}

TEST_CASE("serial numbers and long identifiers are taken out") {
  CHECK(redact("Serial Number:    WD-WCC4N0123456", nobody) == "Serial Number:    [serial]");
  CHECK(redact("serial=\"ab12cd\" S/N: 1234567890", nobody) == "serial=\"[serial]\" S/N: [serial]");
  CHECK(redact("ata-WDC_WD40EFRX-68N32N0_WD-WCC7K0123456", nobody).find("WCC7K0123456") ==
        std::string::npos);
  CHECK(redact("ata-Samsung_SSD_860_EVO_1TB_S3Z8NB0K12345", nobody) ==
        "ata-Samsung_SSD_860_EVO_1TB_[serial]");
  CHECK(redact("ID_SERIAL_SHORT=abc-0012 ID_SERIAL=x17y", nobody) ==
        "ID_SERIAL_SHORT=[serial] ID_SERIAL=[serial]");
  CHECK(redact("disk ZA1234AB", nobody) == "disk [serial]");
  CHECK(redact("wwn-0x5000c500a1b2c3d4", nobody) == "wwn-[id]");
  CHECK(redact("UUID=3e6be9de-8139-11d1-9106-a43f08d823a6 x", nobody) == "UUID=[id] x");
  CHECK(redact("0123456789abcdef0123456789abcdef", nobody) == "[id]");
}

TEST_CASE("names of people and of the machine are taken out, inside words they stay") {
  CHECK(redact("Jan 01 attic-box mcud[12]: hello", mine) == "Jan 01 [host] mcud[12]: hello");
  CHECK(redact("ATTIC-BOX.example.org.", mine) == "[host].");
  const std::string home = "/home"; // apart, so that no path of one machine seems to be in the tree
  CHECK(redact("user marie, " + home + "/marie/x " + home + "/j.doe", mine) ==
        "user [user], /home/[user]/x /home/[user]");
  CHECK(redact("attic-boxes and marietta", mine) == "attic-boxes and marietta");
}

TEST_CASE("what a report is for stays as it is") {
  for (const char* text : {
           "qnap,ts433 rockchip,rk3568 QNAP TS-433-4G NAS System 4-Bay",
           "hdd1:green:disk usb:blue:disk fc400000.sata f1010100.gpio",
           "platform-3c0800000.pcie-pci-0002:21:00.0-ata-2",
           "KEY_POWER KEY_RESTART BTN_0 wt61p803 WT61P803 DNS-320L LS220D",
           "2026-01-02T21:06:17+0200 6.1.0-50-marvell 7.2.12-arm64",
           "[Serial] Port = /dev/ttyS1; serial port; serial0-0: qnap-mcu; serial: ttyS0 at MMIO",
           "std::bad_alloc in nasmcu::run, pwm1 = 128, 42.5 °C, 0x21, 40 54 33 27",
       })
    CHECK(redact(text, nobody) == text);
}

TEST_CASE("a text of rubbish comes to an end") {
  std::string text;
  for (int i = 0; i < 4096; ++i) text += static_cast<char>((i * 7919) % 256);
  CHECK_FALSE(redact(text, mine).empty());
  CHECK(redact("", mine).empty());
  CHECK(redact(":", mine) == ":");
  CHECK(redact("/home/", mine) == "/home/");
}
