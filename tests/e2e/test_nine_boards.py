# SPDX-License-Identifier: MIT
"""Every shipped board boots on its fake root: `mcuctl --json status` lists each of its devices as
present, on the microcontroller (played by mcusim) and in the kernel."""
import rig as desk

# Written down from what is known of the boards, not read from the board files: those are tested.
# A name in brackets is there without the kernel's own driver for the microcontroller only.
DISKS = ["disk1", "disk2"]
FAULTS = ["disk1-fault", "disk2-fault"]
BOARDS = {
    "dlink-dns320l": {
        "fans": ["system"], "sensors": ["board", *DISKS],
        "leds": ["power", "usb", "usb-fault", *FAULTS],
        "buttons": ["power", "reset", "copy"], "single": ["clock", "power"]},
    "dlink-dns327l": {
        "fans": ["system"], "sensors": ["board", *DISKS], "leds": ["power", "usb", *FAULTS],
        "buttons": ["power", "copy", "reset"], "single": ["clock", "power"]},
    "qnap-ts133": {
        "fans": ["system"], "sensors": ["board", "cpu", "disk1"],
        "leds": ["status", "status-fault", "disk1-fault", "disk1-activity"],
        "buttons": ["power", "reset"], "single": ["buzzer", "clock", "(power)"]},
    "qnap-ts233": {
        "fans": ["system"], "sensors": ["board", "cpu"],
        "leds": ["status", "status-fault", "usb",
                 *(f"disk{n}-{what}" for n in (1, 2) for what in ("fault", "activity"))],
        "buttons": ["power", "copy", "reset"], "single": ["buzzer", "clock", "(power)"]},
    "qnap-ts433": {
        "fans": ["system"], "sensors": ["board", "cpu"],
        "leds": ["status", "status-fault", "usb",
                 *(f"disk{n}-{what}" for n in (1, 2, 3, 4) for what in ("fault", "activity"))],
        "buttons": ["power", "copy", "reset"], "single": ["buzzer", "clock", "(power)"]},
    "buffalo-ls220d": {
        "fans": ["system"], "sensors": DISKS,
        "leds": ["power", "power-fault", "power-amber", "status", "status-fault", *FAULTS],
        "buttons": ["power", "function"], "single": []},
    "cloudengines-pogoe02": {
        "fans": [], "sensors": [], "leds": ["status", "status-fault"], "buttons": [], "single": []},
    "arduino-yun": {
        "fans": [], "sensors": [], "leds": ["usb", "wlan"], "buttons": ["config"], "single": []},
    "tplink-tl-wr842n": {
        "fans": [], "sensors": [], "leds": ["status", "usb", "qss", "wlan"],
        "buttons": ["reset", "rfkill"], "single": []},
}


def named(status):
    """{(kind, name): device} of all devices in a status."""
    found = {(kind, one["name"]): one for kind in ("fans", "sensors", "leds", "buttons")
             for one in status[kind]}
    for kind in ("buzzer", "clock", "power"):
        if status.get(kind):
            found["single", kind] = status[kind]
    return found


def expected(board, kernel):
    """(devices that must be present, devices that must be listed as absent)"""
    present, absent = set(), set()
    for kind, names in BOARDS[board].items():
        for name in names:
            away = kernel and name.startswith("(")
            (absent if away else present).add((kind, name.strip("()")))
    return present, absent


class NineBoards(desk.RigTest):
    def setUp(self):
        self.rig = None

    def _close(self):
        if self.rig:
            super()._close()

    def check(self, board, **fake):
        self.rig = desk.Rig(board, fake=True, **fake)
        self.addCleanup(self._close)
        self.rig.start_bus()
        if self.rig.has_mcu and not fake.get("kernel"):
            self.rig.start_sim()
        self.rig.start_mcud()
        present, absent = expected(board, fake.get("kernel"))

        def complete():
            found = named(self.rig.status())
            return found if all(found.get(one, {}).get("present") for one in present) else None
        try:
            found = self.rig.wait_until(complete, 10, f"every device of {board}")
        except desk.RigError as error:
            absent = {one: device["reason"] for one, device in named(self.rig.status()).items()
                      if not device["present"]}
            raise AssertionError(f"{error}; absent: {absent}") from None
        self.assertEqual({one for one, device in found.items() if device["present"]}, present)
        self.assertEqual({one for one, device in found.items() if not device["present"]}, absent)
        for one in absent:
            self.assertTrue(found[one]["reason"], one)
        backend = "kernel" if fake.get("kernel") else "tty" if self.rig.has_mcu else "none"
        self.assertEqual(self.rig.status()["backend"], backend)

    def test_the_board_is_found_by_its_device_tree(self):
        self.rig = desk.Rig("buffalo-ls220d", fake=True)
        self.addCleanup(self._close)
        self.rig.start_bus()
        self.rig._options = lambda: ["--root", self.rig.root]  # nobody says which board it is
        self.rig.start_mcud()
        self.assertEqual(self.rig.status()["board"]["id"], "buffalo-ls220d")

    def test_a_key_a_line_and_a_led_of_a_real_daemon(self):
        self.check("dlink-dns320l", seed=11)
        rig = self.rig

        def pressed(name):
            return rig.device("buttons", name)["value"]
        self.assertFalse(pressed("power"))
        rig.set_line("f1010100.gpio", 29, 0)
        rig.wait_until(lambda: pressed("power"), 5, "the power button")
        rig.press("gpio-keys", "KEY_EJECTCD")
        rig.wait_until(lambda: pressed("copy"), 5, "the copy button")
        self.assertEqual(rig.mcuctl("led", "usb-fault", "on")[0], 0)
        self.assertEqual(rig.read_node("/sys/class/leds/dns320l:usb:orange/brightness"), "1")

    def test_what_is_pulled_out_is_absent_until_it_is_back(self):
        self.check("buffalo-ls220d", seed=12)
        rig = self.rig
        self.assertEqual(rig.unplug("disk2"), 1)
        rig.wait_until(lambda: not rig.device("sensors", "disk2")["present"], 5, "an empty bay")
        self.assertTrue(rig.device("sensors", "disk2")["reason"])
        self.assertTrue(rig.device("sensors", "disk1")["present"])
        self.assertEqual(rig.plug("disk2"), 1)
        rig.wait_until(lambda: rig.device("sensors", "disk2")["present"], 5, "disk 2 to be back")


def add_tests():
    """One test for each board, and each way in which its microcontroller is reached."""
    for number, board in enumerate(BOARDS):
        for kernel in ((False, True) if board.startswith("qnap-") else (False,)):
            def test(self, board=board, kernel=kernel, seed=100 + number):
                self.check(board, kernel=kernel, seed=seed)
            name = board.replace("-", "_") + ("_with_the_kernels_driver" if kernel else "")
            setattr(NineBoards, f"test_every_device_of_{name}", test)


add_tests()

if __name__ == "__main__":
    desk.main()
