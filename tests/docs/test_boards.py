# SPDX-License-Identifier: MIT
"""Each shipped board has a page for its owner, which tells exactly what its board file tells."""
import configparser
import re
import unittest

import pages

BOARDS = {path.stem: path for path in (pages.SOURCE / "config/boards").glob("*.ini")}
PLACES = ("device", "kernel", "tach", "kernel-tach", "alarm", "port")


def board(path):
    ini = configparser.ConfigParser(strict=False, interpolation=None)
    ini.read(path)
    return ini


def devices(text):
    """{device: [places, remark]} of the table under "What is fitted"."""
    part = text.split("\n## What is fitted\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \| (.*?) \| (.*?) ?\|$", part, re.MULTILINE)
    return {name: [re.findall(r"`([^`]+)`", places), remark] for name, places, remark in rows}


class Pages(unittest.TestCase):
    def test_there_is_a_page_for_each_board_and_no_other(self):
        self.assertGreater(len(BOARDS), 8)
        self.assertEqual({path.stem for path in (pages.SOURCE / "docs/boards").glob("*.md")},
                         BOARDS.keys())

    def test_what_is_fitted(self):
        for name, path in BOARDS.items():
            text, ini = (pages.SOURCE / f"docs/boards/{name}.md").read_text(), board(path)
            listed = devices(text)
            with self.subTest(name):
                self.assertEqual(listed.keys(), set(ini.sections()) - {"board", "mcu"})
                for device, (places, remark) in listed.items():
                    section = ini[device]
                    self.assertEqual(set(places), {section[key] for key in PLACES if key in section},
                                     device)
                    limit = re.search(r"limit (\d+) °C", remark)
                    self.assertEqual(limit and limit[1], section.get("max")
                                     if device.startswith("sensor ") else None, device)

    def test_how_the_box_is_known_and_where_its_microcontroller_is(self):
        for name, path in BOARDS.items():
            text, ini = (pages.SOURCE / f"docs/boards/{name}.md").read_text(), board(path)
            with self.subTest(name):
                for word in ini["board"]["match"].split():
                    self.assertIn(f"`{word}`", text)
                if ini.has_section("mcu"):
                    self.assertIn(f"`{ini['mcu']['port']}`", text)
                    self.assertIn("MCU", text)

    def test_names_of_devices_in_commands_are_those_of_the_board(self):
        for name, path in BOARDS.items():
            text, ini = (pages.SOURCE / f"docs/boards/{name}.md").read_text(), board(path)
            for verb, kind in (("led", "led"), ("fan", "fan"), ("identify", "bay")):
                for word in re.findall(rf"mcuctl (?:--direct )?{verb} ([a-z0-9-]+)", text):
                    if word not in ("why", "auto"):
                        self.assertIn(f"{kind} {word}", ini.sections(), f"{name}: {verb} {word}")


if __name__ == "__main__":
    unittest.main()
