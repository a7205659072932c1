// SPDX-License-Identifier: MIT
#include <mcusim/faults.hpp>

#include <libmcu/model/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace mcusim {

using mcu::Bytes;
using mcu::Done;
using mcu::Status;
using std::chrono::microseconds;

static constexpr std::string_view names[] = {
    "drop",  "drop-byte", "drop-ack",  "drop-data", "flip",   "dup",       "late",       "split",
    "noise", "surplus",   "ack-first", "silent",    "refuse", "host-drop", "unsolicited"};

std::vector<std::string_view> fault_names() { return {std::begin(names), std::end(names)}; }

FaultInjector::FaultInjector(std::uint64_t seed) : random_(seed) {
  static_assert(std::size(names) == kinds);
}

bool FaultInjector::strikes(Fault fault) {
  Rule& r = rule(fault);
  const bool hit = r.once || (r.rate > 0 && random_.chance(r.rate));
  if (!hit) return false;
  r.once = false;
  ++r.count;
  return true;
}

Status FaultInjector::set_rate(Fault fault, const std::string& rate) {
  Rule& r = rule(fault);
  if (rate == "once") {
    r.once = true;
  } else if (rate == "on") {
    r.rate = 1;
  } else if (rate == "off") {
    r.rate = 0;
    r.once = false;
  } else {
    const std::optional<double> value = mcu::parse_decimal(rate);
    if (!value || *value < 0 || *value > 1) {
      return invalid("fault rate", rate, "0 to 1 of the replies, on, off, once");
    }
    r.rate = *value;
  }
  return Done{};
}

Status FaultInjector::set(const Words& words) {
  if (words.empty() || words.size() > 2) {
    return mcu::Error{mcu::Errc::invalid_argument,
                      "usage: fault KIND [RATE|on|off|once], or fault off; kinds: " +
                          mcu::join(fault_names())};
  }
  if (words.size() == 1 && words[0] == "off") {
    for (Rule& r : rules_) {
      r.rate = 0;
      r.once = false;
    }
    return Done{};
  }
  const auto* const found = std::find(std::begin(names), std::end(names), words[0]);
  if (found == std::end(names)) return invalid("fault", words[0], mcu::join(fault_names()));
  return set_rate(static_cast<Fault>(found - std::begin(names)),
                  words.size() == 2 ? words[1] : "on");
}

Status FaultInjector::set_list(std::string_view list) {
  FaultInjector trial = *this; // a list with a mistake changes nothing
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    const std::size_t equals = item.find('=');
    Words words{std::string(item.substr(0, equals))};
    if (equals != std::string_view::npos) words.emplace_back(item.substr(equals + 1));
    const Status status = trial.set(words);
    if (!status.ok()) return status;
  }
  *this = trial;
  return Done{};
}

Verdict FaultInjector::judge(bool may_refuse) {
  if (strikes(Fault::silent)) return Verdict::ignore;
  if (!may_refuse || !strikes(Fault::refuse)) return Verdict::answer;
  return random_.chance(0.5) ? Verdict::refuse_checksum : Verdict::refuse_other;
}

/// Where the byte number `at` of the whole reply is.
static std::uint8_t* byte_at(Reply& reply, std::size_t at) {
  for (Outgoing& message : reply) {
    if (at < message.bytes.size()) return &message.bytes[at];
    at -= message.bytes.size();
  }
  return nullptr;
}

static std::size_t size_of(const Reply& reply) {
  std::size_t size = 0;
  for (const Outgoing& message : reply) size += message.bytes.size();
  return size;
}

void FaultInjector::flip_bit(Reply& reply) {
  const auto last = static_cast<unsigned>(size_of(reply) - 1);
  *byte_at(reply, random_.between(0, last)) ^=
      static_cast<std::uint8_t>(1U << random_.between(0, 7));
}

void FaultInjector::lose_byte(Reply& reply) {
  std::size_t at = random_.between(0, static_cast<unsigned>(size_of(reply) - 1));
  for (Outgoing& message : reply) {
    if (at < message.bytes.size()) {
      message.bytes.erase(message.bytes.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
    at -= message.bytes.size();
  }
}

/// Two to four chunks for each message of more than one byte.
Reply FaultInjector::split(const Reply& reply) {
  Reply chunks;
  for (const Outgoing& message : reply) {
    const auto size = static_cast<unsigned>(message.bytes.size());
    Duration pause = message.pause;
    unsigned from = 0;
    unsigned cuts = size < 2 ? 0 : random_.between(1, std::min(3U, size - 1));
    for (; cuts > 0; --cuts) {
      const unsigned to = random_.between(from + 1, size - cuts);
      chunks.push_back(
          {Bytes(message.bytes.begin() + from, message.bytes.begin() + to), pause, message.ack});
      pause = microseconds(random_.between(1000, 10'000));
      from = to;
    }
    chunks.push_back(
        {Bytes(message.bytes.begin() + from, message.bytes.end()), pause, message.ack});
  }
  return chunks;
}

Bytes FaultInjector::random_bytes(unsigned most) {
  Bytes bytes(random_.between(1, most));
  for (std::uint8_t& byte : bytes) byte = random_.byte();
  return bytes;
}

Reply FaultInjector::damage(Reply reply) {
  if (reply.empty() || size_of(reply) == 0 || strikes(Fault::drop)) return {};
  const bool data_and_ack = reply.size() == 2 && !reply[0].ack && reply[1].ack;
  if (data_and_ack && strikes(Fault::ack_first)) {
    std::swap(reply[0], reply[1]);
    std::swap(reply[0].pause, reply[1].pause);
  } else if (data_and_ack && strikes(Fault::drop_ack)) {
    reply.pop_back();
  } else if (data_and_ack && strikes(Fault::drop_data)) {
    reply.erase(reply.begin());
  }
  if (strikes(Fault::flip)) flip_bit(reply);
  if (strikes(Fault::drop_byte)) lose_byte(reply);
  if (strikes(Fault::dup)) {
    const Reply twin = reply;
    reply.insert(reply.end(), twin.begin(), twin.end());
  }
  if (strikes(Fault::noise)) {
    const Bytes bytes = random_bytes(8);
    reply.front().bytes.insert(reply.front().bytes.begin(), bytes.begin(), bytes.end());
  }
  if (strikes(Fault::surplus)) reply.back().bytes.insert(reply.back().bytes.end(), 2, 0x00);
  if (strikes(Fault::split)) reply = split(reply);
  if (strikes(Fault::late)) reply.front().pause += late_;
  // The burst follows soon: a host that keeps asking gets it inside its next exchange.
  if (rule(Fault::unsolicited).rate > 0) {
    Bytes bytes = unsolicited();
    if (!bytes.empty()) {
      reply.push_back({std::move(bytes), microseconds(random_.between(500, 5000)), false});
    }
  }
  return reply;
}

Bytes FaultInjector::unsolicited() {
  return strikes(Fault::unsolicited) ? random_bytes(4) : Bytes{};
}

bool FaultInjector::loses_host_byte(bool frame_start, std::size_t shortest_frame) {
  // Once a frame is chosen, no other is drawn for before it is through: when its first byte was the
  // lost one, the MCU takes each of the others for a start.
  if (host_rest_ > 0) {
    --host_rest_;
    return host_rest_ == host_lost_;
  }
  if (!frame_start || !strikes(Fault::host_drop)) return false;
  host_rest_ = shortest_frame - 1;
  host_lost_ = random_.between(0, static_cast<unsigned>(host_rest_));
  return host_rest_ == host_lost_;
}

nlohmann::json FaultInjector::counts() const {
  nlohmann::json counts = nlohmann::json::object();
  for (std::size_t i = 0; i < kinds; ++i) counts[std::string(names[i])] = rules_[i].count;
  return counts;
}

nlohmann::json FaultInjector::settings() const {
  nlohmann::json settings = nlohmann::json::object();
  for (std::size_t i = 0; i < kinds; ++i) {
    if (rules_[i].once) {
      settings[std::string(names[i])] = "once";
    } else if (rules_[i].rate > 0) {
      settings[std::string(names[i])] = rules_[i].rate;
    }
  }
  return settings;
}

} // namespace mcusim
