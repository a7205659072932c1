// SPDX-License-Identifier: MIT
// Metrics in Prometheus' text exposition format, for `mcuctl metrics` and node_exporter's textfile
// collector. Pure. One wrong line makes a collector refuse all of them, so names are checked by the
// compiler, and values and labels when they are added.
#pragma once

#include <verbs/box.hpp>

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nasmcu {

/// [a-zA-Z_][a-zA-Z0-9_]*: a name of a metric or a label. Anything else does not compile.
class MetricName {
public:
  consteval MetricName(const char* text) : text_(text) {
    if (!is_name(text_)) throw "not a name that Prometheus takes";
  }
  constexpr std::string_view text() const { return text_; }

private:
  static constexpr bool is_name(std::string_view name) {
    if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
    for (const char c : name) {
      const bool fits =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      if (!fits) return false;
    }
    return true;
  }
  std::string_view text_;
};

/// A counter's name ends in "_total".
class CounterName : public MetricName {
public:
  consteval CounterName(const char* text) : MetricName(text) {
    if (!std::string_view(text).ends_with("_total")) throw "a counter's name ends in _total";
  }
};

struct MetricLabel {
  MetricName name;
  std::string value; ///< any text
};
using MetricLabels = std::vector<MetricLabel>;

/// All samples of one name.
class MetricFamily {
public:
  /// What is no finite number is left out, and so is a second sample with the same labels.
  MetricFamily& add(const MetricLabels& labels, double value);

  /// "# HELP", "# TYPE" and the samples; empty without any sample.
  std::string text() const;

private:
  friend class Metrics;
  MetricFamily(MetricName name, std::string_view type, std::string help);

  std::string name_, help_;
  std::string_view type_;
  std::set<std::string> labels_; ///< of the samples so far
  std::string samples_;
};

/// Families in the order in which they are made; each is to be made once.
class Metrics {
public:
  MetricFamily& gauge(MetricName name, std::string help);
  MetricFamily& counter(CounterName name, std::string help);
  std::string text() const;

private:
  std::deque<MetricFamily> families_; ///< a deque: what was handed out stays where it is
};

/// What is known of the box. A failed reading, a sleeping disk's temperature and a device that is
/// not there have no line: an absent metric is what collectors understand.
std::string metrics_text(const Snapshot& snapshot, const std::vector<AlertView>& alerts = {},
                         const std::vector<DiskView>& disks = {});

} // namespace nasmcu
