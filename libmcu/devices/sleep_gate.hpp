// SPDX-License-Identifier: MIT
// Whether a disk may be asked for its temperature or SMART data now (safety rule 6): a disk at rest
// is never woken, an idle one never kept awake. Pure: what the kernel knows of the disk goes in,
// decisions come out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcu {

/// What the kernel knows without asking the disk.
struct DiskActivity {
  enum class Power : unsigned char {
    unknown,   ///< the kernel does not look after it: the disk's own timer does, unseen
    active,    ///< the kernel puts it to rest (power/control is auto), and has not done so
    suspended, ///< the kernel has put it to rest
  } power = Power::unknown;
  std::uint64_t accesses = 0; ///< reads and writes completed
};

/// From the text of /sys/block/sdX/stat; nothing when that is none.
std::optional<std::uint64_t> accesses_of(std::string_view stat);

/// One for a disk, and for all who read from it.
class SleepGate {
public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  struct Options {
    /// A busy disk is not read more often.
    Duration pause = std::chrono::seconds(60);
    /// The last reading of an idle disk is good for so long.
    Duration interval = std::chrono::minutes(5);
    /// A disk is awake so long behind an access. More than the longest usual time between two looks
    /// (60 s), and less than disks' own timers usually are: with a longer time between two looks
    /// nobody knows when in it the access was.
    Duration awake = std::chrono::seconds(90);
  };

  enum class Verdict : unsigned char {
    read,      ///< ask the disk, then call done()
    keep_last, ///< the last reading still counts
    asleep,    ///< no reading; the disk is at rest, or may be
  };
  struct Decision {
    Verdict verdict = Verdict::asleep;
    std::string why; ///< "at rest since 12 min", "used since the last reading"
  };
  struct Counters {
    unsigned long reads = 0;    ///< allowed
    unsigned long kept = 0;     ///< answered with the last reading
    unsigned long withheld = 0; ///< refused, so as to let the disk rest
  };

  SleepGate() = default;
  explicit SleepGate(const Options& options) : options_(options) {}

  /// Takes note of what the disk did; may be called at any time and costs the disk nothing. The
  /// more often, the better is known when it was used.
  void observe(const DiskActivity& activity, Time now);
  /// Observes, decides and counts.
  Decision decide(const DiskActivity& activity, Time now);
  /// A reading has ended. `activity` is from behind it: what the reading itself counted for is not
  /// the owner's use of the disk.
  void done(bool ok, const DiskActivity& activity, Time now);
  /// Somebody asked for what needs the disk awake, whatever that costs: counts and explains it.
  void forced(std::string why);
  /// Another disk, or none.
  void reset();
  /// Whether it is at rest, or may be, as far as observe() was told; counts nothing.
  bool rests(Time now) const;

  const Counters& counters() const { return counters_; }
  const Decision& last() const { return last_; }

private:
  Decision judge(const DiskActivity& activity, Time now) const;
  bool recently_used(Time now) const;
  std::string at_rest(Time now) const;

  Options options_;
  std::optional<DiskActivity> seen_;
  Time seen_at_{};
  Time first_seen_{};
  std::optional<Time> used_;    ///< when a look found that it had been used
  bool used_just_then_ = false; ///< and that was at most `awake` ago
  bool used_since_read_ = false;
  std::optional<Time> suspended_; ///< since when the kernel has it at rest
  std::optional<Time> read_;      ///< the last reading that gave a value
  bool tried_ = false;            ///< a reading has ended, well or not
  Counters counters_;
  Decision last_;
};

} // namespace mcu
