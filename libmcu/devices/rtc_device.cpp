// SPDX-License-Identifier: MIT
// Clock chips of the kernel. Under another root a clock is a plain file with the time in it.
#include <libmcu/devices/backends.hpp>
#include <libmcu/devices/kernel_node.hpp>
#include <libmcu/kernel/find.hpp>
#include <libmcu/model/civil_time.hpp>
#include <libmcu/model/text.hpp>

#include <fcntl.h>
#include <linux/rtc.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mcu {
namespace {

/// Where a clock's time is.
struct Place {
  std::string dev;  ///< /dev/rtcN
  bool real = true; ///< false under another root, where no real clock is ever touched
};

Error lost(const std::string& dev, const std::string& how) {
  return {Errc::protocol,
          dev + ": the clock has lost its time" + how + ": set it with mcuctl systohc"};
}

bool is_plain_file(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

/// One request to the clock.
Status ask_chip(const std::string& dev, unsigned long request, rtc_time& time,
                const std::string& what) {
  const int fd = ::open(dev.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return os_error(dev, "cannot open", errno);
  const int failure = ::ioctl(fd, request, &time) < 0 ? errno : 0;
  ::close(fd);
  if (failure == EINVAL && request == RTC_RD_TIME) return lost(dev, "");
  if (failure != 0) return os_error(dev, what, failure);
  return {};
}

Result<CivilTime> read_chip(const std::string& dev) {
  rtc_time raw{};
  const Status read = ask_chip(dev, RTC_RD_TIME, raw, "cannot read the time");
  if (!read) return read.error();
  const CivilTime time{raw.tm_year + 1900, raw.tm_mon + 1, raw.tm_mday,
                       raw.tm_hour,        raw.tm_min,     raw.tm_sec};
  // Without a battery many chips begin in 1970.
  if (!check(time)) return lost(dev, " (it says " + iso_text(time) + ")");
  return time;
}

Status set_chip(const std::string& dev, const CivilTime& time) {
  rtc_time raw{};
  raw.tm_year = time.year - 1900;
  raw.tm_mon = time.month - 1;
  raw.tm_mday = time.day;
  raw.tm_hour = time.hour;
  raw.tm_min = time.minute;
  raw.tm_sec = time.second;
  raw.tm_wday = weekday(time); // some chips count it by themselves from here
  return ask_chip(dev, RTC_SET_TIME, raw, "cannot set the time");
}

/// "2024-02-29 21:06:17" as iso_text() writes it, and nothing else.
std::optional<CivilTime> parse_iso(std::string_view text) {
  if (text.size() != 19) return {};
  const auto field = [&](std::size_t at, std::size_t length) {
    return static_cast<int>(parse_integer(text.substr(at, length)).value_or(-1));
  };
  const CivilTime time{field(0, 4),  field(5, 2),  field(8, 2),
                       field(11, 2), field(14, 2), field(17, 2)};
  if (!check(time) || iso_text(time) != text) return {};
  return time;
}

Error not_plain(const Place& place) {
  return {Errc::unsupported,
          place.dev + " is no plain file, and under another root no real clock is used"};
}

Result<CivilTime> read_clock(const Files& files, const Place& place) {
  if (!is_plain_file(place.dev)) {
    if (place.real) return read_chip(place.dev);
    return not_plain(place);
  }
  const auto text = files.read(place.dev);
  if (!text) return text.error();
  const auto time = parse_iso(*text);
  if (!time) return lost(place.dev, " (it says " + in_quotes(*text) + ")");
  return *time;
}

Status set_clock(const Files& files, const Place& place, const CivilTime& time) {
  if (is_plain_file(place.dev)) return files.write(place.dev, iso_text(time) + "\n");
  if (place.real) return set_chip(place.dev, time);
  return not_plain(place);
}

Status has_alarm(const Files& files, const std::string& clock) {
  if (files.exists(clock + "/wakealarm")) return {};
  return Error{Errc::unsupported,
               "this clock cannot start the box: " + clock + " has no wakealarm"};
}

/// In seconds of the clock's own time; nothing: no alarm is set.
Result<std::optional<std::time_t>> read_alarm(const Files& files, const std::string& clock) {
  const auto text = files.read(clock + "/wakealarm");
  if (!text) return text.error();
  if (trim(*text).empty()) return std::optional<std::time_t>();
  const auto seconds = parse_integer(trim(*text));
  if (!seconds)
    return Error{Errc::protocol,
                 clock + "/wakealarm says " + in_quotes(*text) + ", which is no time"};
  if (*seconds == 0) return std::optional<std::time_t>();
  return std::optional<std::time_t>(*seconds);
}

Status set_alarm(const Files& files, const std::string& clock,
                 const std::optional<std::time_t>& seconds) {
  if (const Status can = has_alarm(files, clock); !can) return can;
  const std::string file = clock + "/wakealarm";
  // The kernel refuses a second alarm while one is set.
  if (const Status cleared = files.write(file, "0"); !cleared) return cleared;
  if (!seconds) return {};
  if (const Status put = files.write(file, std::to_string(*seconds)); !put) return put;
  const auto told = read_alarm(files, clock);
  if (!told) return told.error();
  // Some alarms know whole minutes only.
  constexpr std::time_t minute = 60;
  if (*told && **told > *seconds - minute && **told < *seconds + minute) return {};
  if (*told)
    return Error{Errc::protocol, clock + ": the alarm is at " + std::to_string(**told) +
                                     ", not at " + std::to_string(*seconds) + " as it was set"};
  return Error{Errc::invalid_argument,
               "the clock did not take the alarm: it must be later than the clock's own time"};
}

class KernelClock : public Clock {
public:
  KernelClock(KernelSide& side, const ClockSpec& spec) : Clock(spec), node_(side) {}
  const std::string& name() const override { return clock_name; }
  Availability availability() const override { return node_.availability(); }
  void refresh() override { node_.place(find()); }
  void close() override { node_.leave(); }

  Task<Result<CivilTime>> read() override {
    const auto job = [place = place_](const Files& files, const std::string&) {
      return read_clock(files, place);
    };
    auto time = co_await node_.run<Result<CivilTime>>(job);
    co_return time;
  }

  Task<Status> set(CivilTime time) override {
    if (const Status real = check(time); !real) co_return real.error();
    const auto job = [place = place_, time](const Files& files, const std::string&) {
      return set_clock(files, place, time);
    };
    auto done = co_await node_.run<Status>(job);
    co_return done;
  }

  Task<Result<std::optional<CivilTime>>> wake() override {
    const auto job = [](const Files& files, const std::string& clock) {
      if (const Status can = has_alarm(files, clock); !can)
        return Result<std::optional<std::time_t>>(can.error());
      return read_alarm(files, clock);
    };
    const auto seconds = co_await node_.run<Result<std::optional<std::time_t>>>(job);
    if (!seconds) co_return seconds.error();
    if (!*seconds) co_return std::optional<CivilTime>();
    const auto time = to_civil(**seconds, true);
    if (!time) co_return time.error();
    co_return std::optional<CivilTime>(*time);
  }

  Task<Status> set_wake(std::optional<CivilTime> time) override {
    std::optional<std::time_t> seconds;
    if (time) {
      // The kernel counts the clock's fields as if they were UTC, whatever they are.
      const auto counted = to_time_t(*time, true);
      if (!counted) co_return counted.error();
      seconds = *counted;
    }
    const auto job = [seconds](const Files& files, const std::string& clock) {
      return set_alarm(files, clock, seconds);
    };
    auto done = co_await node_.run<Status>(job);
    co_return done;
  }

private:
  /// The folder in sysfs; the time is behind place_.
  Result<std::string> find() {
    const KernelSide& side = node_.side();
    auto found = find_rtc(*side.files, side.root, spec().device.address);
    if (!found) return found.error();
    if (!side.files->exists(found->dev))
      return Error{Errc::unsupported, found->sysfs + " is there, and " + found->dev + " is not"};
    place_ = {found->dev, side.root.empty()};
    return found->sysfs;
  }

  KernelNode node_;
  Place place_;
};

std::unique_ptr<Clock> make_clock(const BackendContext& context, const ClockSpec& spec) {
  return std::make_unique<KernelClock>(*context.kernel, spec);
}

} // namespace

const Backend rtc_backend = {"rtc", nullptr, nullptr, nullptr, nullptr, nullptr, &make_clock};

} // namespace mcu
