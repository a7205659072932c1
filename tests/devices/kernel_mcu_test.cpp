// SPDX-License-Identifier: MIT
#include <catch.hpp>

#include <kernel/sys_tree.hpp>

#include <libmcu/devices/kernel_mcu.hpp>

using namespace mcu;

namespace {

/// A QNAP's first serial port as the kernel shows it while its device tree has the MCU below it.
struct Serial {
  explicit Serial(const std::string& alias = "of:NmcuT(null)Cqnap,ts433-mcu",
                  const std::string& driver = "qnap-mcu") {
    tree.device(controller, "serial");
    const std::string place = tree.device(controller + "/serial0-0", "serial", driver);
    tree.write(place + "/modalias", alias + "\n");
    tree.link("sys/bus/serial/devices/serial0", "sys/devices/" + controller);
    tree.link("sys/bus/serial/devices/serial0-0", place);
  }
  std::string holder() const {
    return kernel_holder(Files(), tree.root(), spec).value_or("nobody");
  }

  const std::string controller = "platform/fdd50000.serial/fdd50000.serial:0/serial0";
  SysTree tree;
  McuSpec spec{"wt61p803", "/dev/ttyS0", 0, "qnap-mcu"};
};

} // namespace

TEST_CASE("a driver of the kernel that is bound holds the MCU") {
  Serial serial;
  CHECK(serial.holder() == "qnap-mcu holds serial0-0");
  serial.tree.write("dev/ttyS0", ""); // of another UART, when numbers were given anew
  CHECK(serial.holder() == "qnap-mcu holds serial0-0");
}

TEST_CASE("an MCU whose driver is not loaded yet counts as held while there is no tty") {
  const Serial serial("of:NmcuT(null)Cqnap,ts433-mcu", "");
  CHECK(serial.holder() == "serial0-0 waits for the driver qnap-mcu");
  serial.tree.write("dev/ttyS0", "");
  CHECK(serial.holder() == "nobody");
}

TEST_CASE("one of several compatible strings is enough") {
  CHECK(Serial("of:NmcuT(null)Cqnap,ts433-mcuCqnap,mcu-classic", "").holder() != "nobody");
  CHECK(Serial("of:NmcuT(null)Cacme,chipCqnap,ts133-mcu", "").holder() != "nobody");
}

TEST_CASE("other devices on serial ports hold nothing of ours") {
  CHECK(Serial("of:NbluetoothT(null)Cbrcm,bcm43438-bt", "").holder() == "nobody");
  CHECK(Serial("of:NmcuT(null)Cacme,other-mcu", "").holder() == "nobody");
  CHECK(Serial("of:NmcuT(null)Cqnap,ts433-display", "").holder() == "nobody");
  CHECK(Serial("of:NbluetoothT(null)Cbrcm,bcm43438-bt", "hci_uart_bcm").holder() == "nobody");
}

TEST_CASE("a board whose MCU the kernel has no driver for is never held") {
  Serial serial;
  serial.spec.kernel_driver.clear();
  CHECK(serial.holder() == "nobody");
}

TEST_CASE("a kernel without serial devices holds nothing") {
  const SysTree tree;
  CHECK_FALSE(kernel_holder(Files(), tree.root(), {"wt61p803", "/dev/ttyS0", 0, "qnap-mcu"}));
}
