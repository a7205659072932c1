// SPDX-License-Identifier: MIT
#include <verbs/prometheus.hpp>

#include <libmcu/model/printable.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace nasmcu {
namespace {

/// The shortest form that reads back as the same number; whole ones without an exponent.
std::string sample_value(double value) {
  constexpr double exact = 9007199254740992.0; // 2^53: beyond it not every whole number exists
  std::array<char, 64> text{};
  const bool whole = std::abs(value) < exact && value == std::trunc(value);
  const auto end = whole ? std::to_chars(text.begin(), text.end(), static_cast<std::int64_t>(value))
                         : std::to_chars(text.begin(), text.end(), value);
  return {text.data(), end.ptr};
}

/// Backslash and line feed, and in a label's value the quote. Collectors refuse what is no UTF-8.
std::string escaped(std::string_view text, bool quote) {
  std::string result;
  for (const char c : mcu::valid_utf8(text)) {
    if (c == '\\' || (quote && c == '"')) result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

std::string label_text(const MetricLabels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += text.empty() ? "{" : ",";
    text += std::string(name.text()) + "=\"" + escaped(value, true) + "\"";
  }
  return text.empty() ? text : text + "}";
}

double number_of(bool yes) { return yes ? 1 : 0; }

void add_sensors(Metrics& metrics, const std::vector<SensorView>& sensors) {
  auto& celsius = metrics.gauge("nasmcu_temperature_celsius", "Temperature that a sensor reads.");
  auto& limit = metrics.gauge("nasmcu_temperature_limit_celsius",
                              "Temperature at which the board's fans go to failsafe.");
  auto& asleep = metrics.gauge("nasmcu_sensor_asleep",
                               "1 while the sensor's disk rests, which has no temperature then.");
  auto& failed = metrics.gauge("nasmcu_sensor_failed", "1 while a sensor that is there fails.");
  for (const SensorView& one : sensors) {
    if (!one.present) continue;
    const MetricLabels labels = {{"sensor", one.name}};
    const bool read = one.valid && !one.asleep;
    if (read) celsius.add(labels, one.celsius);
    if (one.max) limit.add(labels, *one.max);
    asleep.add(labels, number_of(one.asleep));
    failed.add(labels, number_of(!one.valid && !one.asleep));
  }
}

void add_fans(Metrics& metrics, const std::vector<FanView>& fans) {
  auto& speed = metrics.gauge("nasmcu_fan_speed_rpm", "Speed that a fan's tachometer reads.");
  auto& duty = metrics.gauge("nasmcu_fan_duty_ratio", "Duty in force, 0 to 1.");
  auto& failsafe = metrics.gauge("nasmcu_fan_failsafe", "1 while a fan runs at its failsafe duty.");
  for (const FanView& one : fans) {
    if (!one.present) continue;
    const MetricLabels labels = {{"fan", one.name}};
    if (one.rpm) speed.add(labels, *one.rpm);
    if (one.valid) duty.add(labels, one.duty / 100);
    failsafe.add(labels, number_of(one.in_failsafe));
  }
}

void add_lights_and_buttons(Metrics& metrics, const Snapshot& snapshot) {
  auto& on = metrics.gauge("nasmcu_led_on", "1 while a LED is lit or blinks.");
  for (const LedView& one : snapshot.leds)
    if (one.present && one.valid && !one.state.empty())
      on.add({{"led", one.name}}, number_of(one.state != mcu::name(mcu::LedState::off)));
  auto& pressed = metrics.gauge("nasmcu_button_pressed", "1 while a button is held.");
  for (const ButtonView& one : snapshot.buttons)
    if (one.present && one.valid) pressed.add({{"button", one.name}}, number_of(one.pressed));
}

/// A counter of LinkStats, and what it is in base units.
struct LinkCounter {
  const char* statistic;
  CounterName name;
  const char* help;
  double unit = 1;
};
constexpr LinkCounter link_counters[] = {
    {"exchanges", "nasmcu_link_exchanges_total", "Requests that were answered well."},
    {"failures", "nasmcu_link_failures_total", "Requests given up after the last try."},
    {"tries", "nasmcu_link_tries_total", "Requests put on the wire, repeated ones included."},
    {"retries", "nasmcu_link_retries_total", "Tries behind a first one."},
    {"timeouts", "nasmcu_link_timeouts_total", "Tries that were not answered in time."},
    {"bad_replies", "nasmcu_link_bad_replies_total",
     "Tries with a damaged or wrong answer, or refused."},
    {"refusals", "nasmcu_link_refusals_total", "Tries that the microcontroller refused."},
    {"stray_bytes", "nasmcu_link_stray_bytes_total", "Late, unasked or surplus bytes."},
    {"resyncs", "nasmcu_link_resyncs_total", "Times that the line was drained after an error."},
    {"reopens", "nasmcu_link_reopens_total", "Times that the port was opened again."},
    {"rtt_total_us", "nasmcu_link_round_trip_seconds_total", "Time spent waiting for answers.",
     1e-6},
};

void add_link(Metrics& metrics, const LinkView& link) {
  if (link.protocol.empty()) return; // this board has no microcontroller
  metrics.gauge("nasmcu_link_up", "1 while the microcontroller can be talked to.")
      .add({{"protocol", link.protocol}}, number_of(link.up));
  for (const LinkCounter& one : link_counters) {
    const auto count = link.statistics.find(one.statistic);
    if (count == link.statistics.end()) continue;
    metrics.counter(one.name, one.help).add({}, static_cast<double>(count->second) * one.unit);
  }
}

void add_alerts(Metrics& metrics, const std::vector<AlertView>& alerts) {
  auto& standing = metrics.gauge("nasmcu_alert", "1 for each alert that stands.");
  for (const AlertView& one : alerts)
    standing.add({{"id", one.id},
                  {"severity", one.severity},
                  {"bay", one.bay},
                  {"disk", one.disk},
                  {"serial", one.serial},
                  {"acknowledged", one.acknowledged ? "true" : "false"}},
                 1);
}

void add_disks(Metrics& metrics, const std::vector<DiskView>& disks) {
  auto& healthy =
      metrics.gauge("nasmcu_disk_healthy", "Whether the last verdict on a disk was ok.");
  auto& asleep = metrics.gauge("nasmcu_disk_asleep", "1 while a disk is at rest.");
  auto& celsius = metrics.gauge("nasmcu_disk_temperature_celsius",
                                "Temperature that an awake disk gave with its SMART data.");
  auto& reads = metrics.counter("nasmcu_disk_smart_reads_total", "Readings of SMART data.");
  auto& withheld = metrics.counter("nasmcu_disk_smart_withheld_total",
                                   "Readings that were left out so as to let the disk rest.");
  for (const DiskView& disk : disks) {
    if (!disk.present) continue;
    const MetricLabels labels = {{"disk", disk.name}, {"bay", disk.bay}, {"serial", disk.serial}};
    if (disk.verdict == "ok" || disk.verdict == "warning" || disk.verdict == "failed")
      healthy.add(labels, number_of(disk.verdict == "ok"));
    asleep.add(labels, number_of(disk.asleep));
    if (disk.celsius && !disk.asleep) celsius.add(labels, *disk.celsius);
    reads.add(labels, static_cast<double>(disk.reads));
    withheld.add(labels, static_cast<double>(disk.withheld));
  }
}

} // namespace

MetricFamily::MetricFamily(MetricName name, std::string_view type, std::string help)
    : name_(name.text()), help_(std::move(help)), type_(type) {}

MetricFamily& MetricFamily::add(const MetricLabels& labels, double value) {
  if (!std::isfinite(value)) return *this;
  const std::string shown = label_text(labels);
  if (labels_.insert(shown).second) samples_ += name_ + shown + " " + sample_value(value) + "\n";
  return *this;
}

std::string MetricFamily::text() const {
  if (samples_.empty()) return {};
  return "# HELP " + name_ + " " + escaped(help_, false) + "\n# TYPE " + name_ + " " +
         std::string(type_) + "\n" + samples_;
}

MetricFamily& Metrics::gauge(MetricName name, std::string help) {
  return families_.emplace_back(MetricFamily(name, "gauge", std::move(help)));
}

MetricFamily& Metrics::counter(CounterName name, std::string help) {
  return families_.emplace_back(MetricFamily(name, "counter", std::move(help)));
}

std::string Metrics::text() const {
  std::string all;
  for (const MetricFamily& family : families_) all += family.text();
  return all;
}

std::string metrics_text(const Snapshot& snapshot, const std::vector<AlertView>& alerts,
                         const std::vector<DiskView>& disks) {
  Metrics metrics;
  metrics.gauge("nasmcu_board_info", "1; the labels say which board this is.")
      .add(
          {{"board", snapshot.board}, {"name", snapshot.board_name}, {"backend", snapshot.backend}},
          1);
  add_sensors(metrics, snapshot.sensors);
  add_fans(metrics, snapshot.fans);
  add_lights_and_buttons(metrics, snapshot);
  add_link(metrics, snapshot.link);
  add_alerts(metrics, alerts);
  add_disks(metrics, disks);
  return metrics.text();
}

} // namespace nasmcu
