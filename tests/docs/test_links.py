# SPDX-License-Identifier: MIT
"""Links of the documents lead somewhere, manual pages refer to pages that exist, and commands in
the documents are commands that exist."""
import re
import unittest

import pages
from test_words import HELPS

DOCUMENTS = sorted(path for path in pages.SOURCE.glob("**/*.md")
                   if not {"build", ".git"} & set(path.relative_to(pages.SOURCE).parts))
# Pages of Debian's other packages that ours may refer to. A new one belongs here once it was looked up.
OTHERS = {
    "gpioinfo", "halt", "logind.conf", "md", "sendmail", "shutdown", "sd_notify", "smartctl", "smartd",
    "ssh", "systemctl", "systemd", "systemd-logind", "systemd-run", "systemd-shutdown",
    "systemd-stdio-bridge", "systemd-system.conf", "watchdog", "wd_keepalive"}
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
VERBS = {usage.split()[0] for usage in HELPS["mcuctl"].usages} | {"help"}


def anchor(heading):
    """What GitHub makes of a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(path):
    return {anchor(heading) for heading in
            re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text()), re.MULTILINE)}


def place(path):
    return path.relative_to(pages.SOURCE).as_posix()


class Links(unittest.TestCase):
    def test_documents_are_found(self):
        self.assertIn("README.md", map(place, DOCUMENTS))
        self.assertGreater(len(DOCUMENTS), 15)
        self.assertEqual(anchor("Dead after power-off"), "dead-after-power-off")

    def test_relative_links_lead_to_a_file_and_its_heading(self):
        for path in DOCUMENTS:
            for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", path.read_text())):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, heading = target.partition("#")
                found = (path.parent / file).resolve() if file else path
                with self.subTest(f"{place(path)}: {target}"):
                    self.assertTrue(found.exists(), "no such file")
                    self.assertTrue(found.is_relative_to(pages.SOURCE), "outside of the tree")
                    if heading:
                        self.assertIn(heading, anchors(found))

    def test_every_document_can_be_reached_from_the_readme(self):
        seen, waiting = set(), [pages.SOURCE / "README.md"]
        while waiting:
            path = waiting.pop()
            if path in seen or path.suffix != ".md":
                continue
            seen.add(path)
            waiting += [(path.parent / target.partition("#")[0]).resolve() for target in
                        re.findall(r"\]\(([^)\s:]+)\)", FENCE.sub("", path.read_text()))]
        docs = {path for path in DOCUMENTS if place(path).startswith("docs/")}
        self.assertEqual({place(path) for path in docs - seen}, set())


class ManualPages(unittest.TestCase):
    def references(self):
        for name, path in sorted(pages.PAGES.items()):
            text = "\n".join(pages.plain(line) for line in path.read_text().splitlines())
            for page, number in re.findall(r"([\w.-]+) ?\(([1-8])\)", text):
                yield name, page.removesuffix("."), number

    def test_pages_refer_to_pages_that_exist(self):
        ours = {tuple(name.rsplit(".", 1)) for name in pages.PAGES}
        found = list(self.references())
        self.assertGreater(len(found), 60)
        for name, page, number in found:
            if (page, number) not in ours:
                with self.subTest(name):
                    self.assertIn(page, OTHERS, f"{page}({number})")
                    self.assertNotIn(page, {one for one, _ in ours}, "the number is wrong")

    def test_documents_refer_to_pages_that_exist(self):
        ours = {tuple(name.rsplit(".", 1)) for name in pages.PAGES}
        for path in DOCUMENTS:
            for page, number in re.findall(r"\b([a-z][\w.-]+)\(([1-8])\)", path.read_text()):
                with self.subTest(place(path)):
                    self.assertTrue((page, number) in ours or page in OTHERS, f"{page}({number})")

    def test_title_and_file_name_agree(self):
        for name, path in pages.PAGES.items():
            title = re.search(r'^\.TH (\S+) (\d) ', path.read_text(), re.MULTILINE)
            self.assertEqual(f"{title[1].lower()}.{title[2]}", name)

    def test_every_page_is_installed(self):
        lists = "".join(path.read_text() for path in pages.SOURCE.glob("*/**/CMakeLists.txt")
                        if not path.is_relative_to(pages.SOURCE / "build"))
        for name in pages.PAGES:
            self.assertRegex(lists, rf"(?<![\w-]){re.escape(name)}(?![\w-])")

    def test_every_service_is_in_a_page(self):
        text = "\n".join(pages.plain(line) for path in pages.PAGES.values()
                         for line in path.read_text().splitlines())
        names = {path.name.removesuffix(".in") for path in (pages.SOURCE / "systemd").iterdir()
                 if re.search(r"\.(service|timer|path|socket)(\.in)?$", path.name)}
        scripts = {path.stem for path in (pages.SOURCE / "init.d").glob("*.in")}
        self.assertGreater(len(names), 8)
        for name in names | scripts:
            with self.subTest(name):
                self.assertRegex(text, rf"(?<![\w.-]){re.escape(name)}(?![\w-])")

    def test_words_of_the_command_port(self):
        listed = "\n".join(pages.plain(line) for line in
                           pages.sections(pages.page_of("mcud"))["THE COMMAND PORT"])
        table = (pages.SOURCE / "docs/from-dns320l-daemon.md").read_text()
        table = table.split("The words, as before")[1].split("\n\nA failure")[0]
        words = {word for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
                 for word in re.findall(r"`(\w+)", row)}
        block = listed.split(".nf")[1].split(".fi")[0]
        self.assertEqual(words, {word.strip(",") for line in block.strip().splitlines()
                                 for word in re.split(r"  +", line)[0].split()
                                 if word != "SECONDS"})


class Commands(unittest.TestCase):
    def texts(self):
        for path in DOCUMENTS:
            yield place(path), path.read_text()
        for name, path in pages.PAGES.items():
            yield name, "\n".join(pages.plain(line) for line in path.read_text().splitlines())

    def commands(self):
        """(place, words) of each `mcuctl ...` that a reader may type."""
        for name, text in self.texts():
            found = re.findall(r"`(?:sudo )?(mcuctl [^`\n]+)`", text)
            if name.endswith(".md"):
                found += re.findall(r"^[ ]*(?:\$ )?(mcuctl [^\n]+)", "\n".join(FENCE.findall(text)),
                                    re.MULTILINE)
            else:
                found += re.findall(r"^(mcuctl [^\n]+)", "\n".join(
                    re.findall(r"^\.nf\n(.*?)^\.fi", text, re.MULTILINE | re.DOTALL)), re.MULTILINE)
            for command in found:
                yield name, command.split("#")[0].split()[1:]

    def test_verbs_and_options_of_mcuctl_exist(self):
        found = list(self.commands())
        self.assertGreater(len(found), 80)
        for name, words in found:
            with self.subTest(name, words=words):
                while words and words[0].startswith("-"):
                    option = words.pop(0)
                    self.assertIn(option, HELPS["mcuctl"].options)
                    if option in ("-H", "--host", "--config", "--board", "--root", "--log-level"):
                        words.pop(0)
                if words and re.fullmatch(r"[a-z-]+,?", words[0]):
                    self.assertIn(words[0].rstrip(","), VERBS)

    def test_options_of_the_other_programs_exist(self):
        for name, text in self.texts():
            for program, rest in re.findall(
                    r"`((?:mcud|mcusim|nas-[a-z]+d)) (-[^`\n]+)`", text):
                for option in pages.OPTION.findall(rest):
                    with self.subTest(name, program=program):
                        self.assertIn(option, HELPS[program].options)


if __name__ == "__main__":
    unittest.main()
