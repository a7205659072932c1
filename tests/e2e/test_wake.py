# SPDX-License-Identifier: MIT
"""When the clock starts the box: the MCU's alarm registers against an oracle of their own (zoneinfo),
over changes of daylight saving; and both clocks' sense of what is plausible."""
import datetime
import json
import time
import zoneinfo

import rig as desk

FAILED, USAGE = 1, 2
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca",
         "Pacific/Chatham", "Asia/Kathmandu"]
UTC = datetime.timezone.utc
HOUR = datetime.timedelta(hours=1)


def changes(zone):
    """[(moment, offset before, offset behind)] of the next eleven months, to the minute."""
    found = []
    at = datetime.datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    end = at + datetime.timedelta(days=330)
    while at < end:
        then = at + HOUR
        before, behind = (moment.astimezone(zone).utcoffset() for moment in (at, then))
        if before != behind:
            while at.astimezone(zone).utcoffset() == before:
                at += datetime.timedelta(minutes=1)
            found.append((at, before, behind))
        at = then
    return found


def wishes(zone):
    """Local times with no zone around each change: before, skipped or double, behind it."""
    naive = []
    for moment, before, behind in changes(zone):
        local = (moment + before).replace(tzinfo=None)
        first, last = sorted((before, behind))
        half = (last - first) / 2
        inside = local + half if behind > before else local - half
        naive += [local - 3 * HOUR, inside, local + 5 * HOUR, local + datetime.timedelta(days=2)]
    now = datetime.datetime.now(zone).replace(tzinfo=None, second=0, microsecond=0)
    return naive + [now + datetime.timedelta(days=1, hours=2)]


class OnDlink(desk.RigTest):
    board = "dlink-dns327l"

    def setUp(self):
        super().setUp()
        self.rig.start_sim()

    def direct(self, *words, code=0):
        got, out, error = self.rig.mcuctl("--direct", *words)
        self.assertEqual(got, code, f"{words}: {out}{error}")
        return out if code == 0 else error

    def registers(self):
        """The alarm as the MCU has it, with the year that makes it come next."""
        state = self.rig.sim("state")
        clock = datetime.datetime.fromisoformat(state["clock"])
        alarm = state["alarm"]
        self.assertTrue(alarm["enabled"])
        fields = [alarm[name] for name in ("month", "day", "hour", "minute", "second")]
        year = clock.year if tuple(fields) > clock.timetuple()[1:6] else clock.year + 1
        return datetime.datetime(year, *fields), clock

    def play(self, utc):
        rig = self.rig
        rig.configure(f"[Clock]\nUTC = {'yes' if utc else 'no'}\n")
        played = 0
        for name in ZONES:
            zone = zoneinfo.ZoneInfo(name)
            rig.environment["TZ"] = name
            self.direct("systohc")
            for wish in wishes(zone):
                with self.subTest(zone=name, wish=wish, utc=utc):
                    # A time that is skipped or comes twice: PEP 495's fold=0 is our rule too.
                    wanted = wish.replace(tzinfo=zone, fold=0).timestamp()
                    self.direct("wake", wish.isoformat())
                    alarm, clock = self.registers()
                    if utc:
                        self.assertEqual(alarm.replace(tzinfo=UTC).timestamp(), wanted)
                    # The MCU's clock runs on without knowing of daylight saving: what counts is that
                    # it gets there at the right moment.
                    left = (alarm - clock).total_seconds()
                    self.assertAlmostEqual(time.time() + left, wanted, delta=3)
                    self.assertEqual(json.loads(self.direct("--json", "wake"))["wake"], int(wanted))
                    local = datetime.datetime.fromtimestamp(wanted, zone)
                    self.assertEqual(self.direct("wake").strip(), local.strftime("%Y-%m-%d %H:%M:%S %z"))
                    played += 1
        # Four of the zones change at least once in eleven months, whatever a government decides next
        # of the fifth; each change is four wishes, and each zone has one more.
        self.assertGreaterEqual(played, 4 * 4 + len(ZONES))

    def test_a_clock_in_utc(self):
        self.play(True)

    def test_a_clock_in_local_time(self):
        self.play(False)

    def test_off_is_off_and_stays_so(self):
        self.direct("wake", "2h")
        self.assertEqual(self.direct("wake", "off"), "off\n")
        self.assertFalse(self.rig.sim("state")["alarm"]["enabled"])
        self.assertEqual(self.direct("wake"), "off\n")
        self.assertEqual(self.direct("wake", "arm"), "off\n")
        self.assertFalse(self.rig.sim("state")["alarm"]["enabled"])

    def test_more_than_a_year_away_is_explained(self):
        far = datetime.datetime.now() + datetime.timedelta(days=400)
        self.assertIn("no year", self.direct("wake", far.isoformat(timespec="minutes"), code=USAGE))
        near = datetime.datetime.now() + datetime.timedelta(days=364)
        self.direct("wake", near.isoformat(timespec="minutes"))

    def test_it_is_armed_again_before_the_end(self):
        self.direct("wake", "3h")
        before, _ = self.registers()
        self.rig.sim("set alarm enabled off")
        self.rig.sim("set alarm minute 0")
        self.direct("wake", "arm")
        self.assertEqual(self.registers()[0], before)

    def test_a_regular_time_is_armed_and_an_earlier_wish_goes_before_it(self):
        zone = zoneinfo.ZoneInfo("Asia/Kathmandu")
        self.rig.environment["TZ"] = "Asia/Kathmandu"
        soon = datetime.datetime.now(zone) + datetime.timedelta(hours=5)
        self.rig.configure(f"[Clock]\nUTC = yes\n[Wake]\nAt = {soon:%H:%M}\n")
        said = json.loads(self.direct("--json", "wake", "arm"))["wake"]
        self.assertEqual(said, int(soon.replace(second=0, microsecond=0).timestamp()))
        self.assertEqual(self.registers()[0].replace(tzinfo=UTC).timestamp(), said)
        self.direct("wake", "1h")
        self.assertLess(json.loads(self.direct("--json", "wake", "arm"))["wake"], said)

    def test_a_new_time_of_the_clock_moves_the_alarm_with_it(self):
        self.rig.configure("[Clock]\nUTC = yes\n")
        self.direct("wake", "2h")
        self.rig.environment["TZ"] = "Asia/Kathmandu"
        self.rig.configure("[Clock]\nUTC = no\n")
        self.direct("systohc")
        alarm, clock = self.registers()
        self.assertAlmostEqual((alarm - clock).total_seconds(), 7200, delta=30)

    def test_a_clock_that_cannot_be_right_is_refused_in_words(self):
        self.rig.sim("set clock 2000-01-01 00:00:00")
        self.assertIn("before this program was made", self.direct("hctosys", code=FAILED))
        self.rig.sim("set clock-raw 61 00 00 00 01 01 26")  # no decimal digits
        self.direct("hctosys", code=6)
        self.rig.sim("set clock-raw 00 00 00 00 01 00 26")  # month 0
        self.direct("hctosys", code=6)
        self.assertEqual(self.rig.actions(), [], "the system's clock was left alone")

    def test_a_step_back_is_made_until_ntp_has_set_the_time(self):
        back = datetime.datetime.now() - datetime.timedelta(days=2)
        self.rig.sim(f"set clock {back:%Y-%m-%d %H:%M:%S}")
        lines = self.direct("hctosys").splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], ["RTC", "Sys", "Diff"])
        self.assertEqual(len(self.rig.actions()), 1)
        synchronised = self.rig.root / "run/systemd/timesync/synchronized"
        synchronised.parent.mkdir(parents=True)
        synchronised.touch()
        self.assertIn("NTP", self.direct("hctosys", code=FAILED))
        self.assertEqual(len(self.rig.actions()), 1)

    def test_mcud_sets_the_clock_once_when_ntp_has_set_the_time(self):
        rig = self.rig
        rig.configure("[Clock]\nUTC = yes\n")
        rig.sim("set clock 2030-01-01 00:00:00")
        synchronised = rig.root / "run/systemd/timesync/synchronized"
        synchronised.parent.mkdir(parents=True)
        synchronised.touch()
        rig.start_bus()
        rig.start_mcud()
        this_year = str(datetime.datetime.now(UTC).year)
        rig.wait_until(lambda: rig.sim("state")["clock"].startswith(this_year), 20, "the clock")


if __name__ == "__main__":
    desk.main()
