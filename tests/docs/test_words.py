# SPDX-License-Identifier: MIT
"""--help, manual page and bash completion of each program name the same options, verbs and values."""
import itertools
import os
import pathlib
import re
import tempfile
import unittest

import pages

PROGRAMS = sorted(path.name for path in (pages.BUILD / "daemons").iterdir()
                  if path.is_file() and os.access(path, os.X_OK) and path.name != "nasmcu-suite")
# Started by init and by init scripts: nobody types them.
NOT_TYPED = {"nasmcu-shutdown", "nasmcu-supervise"}


class Help:
    """What `PROGRAM --help` says."""

    def __init__(self, program):
        done = pages.run(program, "--help")
        assert done.returncode == 0 and not done.stderr, done.stderr
        self.text = done.stdout
        options, _, verbs = self.text.partition("\nVerbs:\n")
        self.options, self.values = set(), {}
        for line in re.findall(r"^  (-\S.*(?:\n {10,}.*)*)", options, re.MULTILINE):
            names = line.split()[0].split(",")
            self.options.update(names)
            if listed := re.search(r":\{([^}]*)\}", line):
                self.values[names[-1]] = set(listed[1].split(","))
            if listed := re.search(r"KIND: ([a-z, -]+)", " ".join(line.split())):
                self.values[names[-1]] = set(listed[1].split(", "))
        self.usages = [re.split(r"  ", line)[0] for line in
                       re.findall(r"^  ([a-z].*)$", verbs, re.MULTILINE)]


HELPS = {program: Help(program) for program in PROGRAMS}


def tokens(usage):
    return re.findall(r"[\[\]|]|[^\s\[\]|]+", usage)


def sequences(usage):
    """Every sequence of words that a usage such as `[NAME] [on | off TIME]` allows."""
    words = tokens(usage)

    def choice():
        found = part()
        while words and words[0] == "|":
            words.pop(0)
            found += part()
        return found

    def part():
        found = [()]
        while words and words[0] not in ("|", "]"):
            word = words.pop(0)
            if word == "[":
                inner = choice()
                assert words.pop(0) == "]", usage
                follow = [(), *inner]
            else:
                follow = [(word.removesuffix("..."),)]
            found = [one + other for one, other in itertools.product(found, follow)]
        return found
    found = choice()
    assert not words, usage
    return set(found)


class Words(unittest.TestCase):
    def test_the_grammar_of_usages_is_understood(self):
        self.assertEqual(sequences("[NAME [on | off TIME]]"),
                         {(), ("NAME",), ("NAME", "on"), ("NAME", "off", "TIME")})
        self.assertEqual(sequences("before | after"), {("before",), ("after",)})

    def test_options_of_help_and_manual_page(self):
        for program, said in HELPS.items():
            parts = pages.sections(pages.page_of(program))
            text = "\n".join(pages.plain(line) for line in parts["SYNOPSIS"] + parts["OPTIONS"])
            # [ -x ] of the synopsis, and "-c FILE" of another program in an explanation.
            text = re.sub(r"\(\s*qemu [^)]*\)", "", text)
            with self.subTest(program):
                self.assertEqual(set(pages.OPTION.findall(text)), said.options)

    def test_every_program_that_people_type_has_a_completion(self):
        self.assertIn("mcuctl", PROGRAMS)
        self.assertEqual(set(PROGRAMS) - NOT_TYPED - pages.COMPLETIONS.keys(), set())
        lists = (pages.SOURCE / "daemons/CMakeLists.txt").read_text()
        for file in set(pages.COMPLETIONS.values()):
            self.assertIn(file.removeprefix("daemons/"), lists)

    def test_one_executable_is_told_which_of_them_it_is(self):
        done = pages.run("nasmcu-suite", "no-such-name")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        listed = re.findall(r"^  (\S+)$", done.stderr, re.MULTILINE)
        self.assertEqual(set(listed), set(PROGRAMS) - {"mcusim", "nasmcu-supervise"})
        for program in listed:
            self.assertEqual(pages.run("nasmcu-suite", program, "--help").stdout,
                             HELPS[program].text)

    def test_options_of_help_and_completion(self):
        for program in pages.COMPLETIONS.keys() & HELPS.keys():
            with self.subTest(program):
                offered = pages.complete(program, "-")
                self.assertEqual(set(offered), HELPS[program].options)
                self.assertEqual(len(offered), len(set(offered)))

    def test_values_of_options(self):
        self.assertEqual(HELPS["mcuctl"].values.keys(), {"--log-level"})
        for program, said in HELPS.items():
            parts = pages.sections(pages.page_of(program))
            # mcusim's common options are those of the others, and its faults have a section.
            text = " ".join(pages.plain(line) for name in ("DESCRIPTION", "OPTIONS", "FAULTS")
                            for line in parts.get(name, []))
            for option, values in said.values.items():
                with self.subTest(program=program, option=option):
                    for value in values:
                        self.assertRegex(text, rf"(?<![\w-]){value}(?![\w-])")
                    if program in pages.COMPLETIONS:
                        self.assertEqual(set(pages.complete(program, option, "")), values)
                        self.assertEqual(set(pages.complete(program, option, "=", "")), values)

    def test_the_log_levels_of_the_manual_pages(self):
        for program, said in HELPS.items():
            found = [text for tag, text in pages.paragraphs(
                pages.sections(pages.page_of(program))["OPTIONS"]).items()
                if tag.startswith("--log-level LEVEL")]
            if program == "mcusim" or "--log-level" not in said.options:
                continue  # mcusim's page has one paragraph for all of the common options
            with self.subTest(program):
                listed = set(re.findall(r"\b[a-z]+\b", found[0])) - {"or", "default"}
                self.assertEqual(listed, said.values["--log-level"])

    def test_the_faults_of_the_simulators_page(self):
        tags = pages.headings(pages.sections(pages.page_of("mcusim"))["FAULTS"])
        self.assertEqual({kind for tag in tags for kind in tag.split(", ")},
                         HELPS["mcusim"].values["--fault"])
        self.assertEqual(set(pages.complete("mcusim", "--fault", "drop", "=", "")),
                         {"on", "off", "once"})

    def test_verbs_of_mcuctl_and_their_usage_in_the_manual_page(self):
        tags = pages.headings(pages.sections(pages.page_of("mcuctl"))["VERBS"])
        spaced = {" ".join(tokens(tag)) for tag in tags}
        self.assertEqual(spaced, {" ".join(tokens(usage)) for usage in HELPS["mcuctl"].usages}
                         | {"help"})

    def test_verbs_of_mcuctl_and_their_arguments_in_the_completion(self):
        usages = HELPS["mcuctl"].usages
        self.assertGreater(len(usages), 25)
        self.assertEqual(set(pages.complete("mcuctl", "")),
                         {usage.split()[0] for usage in usages} | {"help"})
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "a-file").touch()
            for usage in usages:
                self.check_arguments(folder, *usage.partition(" ")[::2])

    def check_arguments(self, folder, verb, usage):
        allowed = sequences(usage)
        for known in {one[:length] for one in allowed for length in range(len(one) + 1)}:
            following = {one[len(known)] for one in allowed
                         if one[:len(known)] == known and len(one) > len(known)}
            words = {word for word in following if not word.isupper()}
            typed = [{"PERCENT": "50", "SECONDS": "60"}.get(word, word) for word in known]
            with self.subTest(verb=verb, after=known):
                offered = set(pages.complete("mcuctl", verb, *typed, "", folder=folder))
                self.assertLessEqual(words, offered)
                if following & {"FILE", "TRACE", "BOARD"}:
                    self.assertIn("a-file", offered)
                if "BOARD" in following:
                    self.assertIn("qnap-ts433", offered)
                if not following - words:
                    self.assertEqual(offered, words)

    def test_a_board_is_completed_by_name_and_by_file(self):
        shipped = {path.stem for path in (pages.SOURCE / "config/boards").glob("*.ini")}
        for program in pages.COMPLETIONS.keys() & HELPS.keys():
            with self.subTest(program):
                offered = set(pages.complete(program, "--board", "", folder=pages.SOURCE / "tests"))
                self.assertLessEqual(shipped | {"docs"}, offered)
                self.assertNotIn("none", offered)
                self.assertEqual(pages.complete(program, "--board", "=", "qnap-ts4"),
                                 ["qnap-ts433"])

    def test_options_before_the_verb_are_passed_over(self):
        self.assertEqual(pages.complete("mcuctl", "--board", "fan", "--json", "beep", ""),
                         ["short", "long"])
        self.assertEqual(pages.complete("mcuctl", "--log-level", "=", "off", "sleep", "b"),
                         ["before"])

    def test_what_the_late_hook_takes(self):
        said = HELPS["nasmcu-shutdown"].text
        synopsis = " ".join(pages.plain(line) for line in pages.sections(
            pages.page_of("nasmcu-shutdown"))["SYNOPSIS"])
        for verb in ("poweroff", "halt", "reboot", "kexec"):
            self.assertRegex(said, rf"VERB.*\b{verb}\b")
            self.assertRegex(synopsis, rf"\b{verb}\b")


if __name__ == "__main__":
    unittest.main()
