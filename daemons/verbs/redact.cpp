// SPDX-License-Identifier: MIT
#include <verbs/redact.hpp>

#include <libmcu/model/text.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

namespace nasmcu {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
bool is_name(char c) { return is_alnum(c) || c == '_' || c == '-'; }

/// How long a text runs on with what `fits` accepts.
template <class Fits>
std::size_t run(std::string_view text, Fits fits) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), fits) - text.begin());
}

/// "aa:bb:cc:dd:ee:ff", also with '-', also longer (EUI-64): its length, or 0.
std::size_t mac(std::string_view text) {
  if (text.size() < 17 || (text[2] != ':' && text[2] != '-')) return 0;
  std::size_t at = 0, groups = 0;
  while (at + 1 < text.size() && is_hex(text[at]) && is_hex(text[at + 1])) {
    at += 2;
    ++groups;
    if (at + 1 >= text.size() || text[at] != text[2] || !is_hex(text[at + 1])) break;
    ++at;
  }
  return groups >= 6 && (at == text.size() || !is_alnum(text[at])) ? at : 0;
}

/// "8-4-4-4-12" hex digits.
std::size_t uuid(std::string_view text) {
  constexpr std::array<std::size_t, 5> groups = {8, 4, 4, 4, 12};
  std::size_t at = 0;
  for (const std::size_t digits : groups) {
    if (at != 0 && (at >= text.size() || text[at++] != '-')) return 0;
    if (run(text.substr(at), is_hex) != digits) return 0;
    at += digits;
  }
  return at == text.size() || !is_alnum(text[at]) ? at : 0;
}

std::size_t ip6(std::string_view text) {
  std::size_t length = run(text, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
  if (length < text.size() && (is_letter(text[length]) || text[length] == '_')) return 0;
  while (length > 2 &&
         (text[length - 1] == '.' || (text[length - 1] == ':' && text[length - 2] != ':')))
    --length;
  if (std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length), ':') < 2)
    return 0;
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, std::string(text.substr(0, length)).c_str(), &ignored) == 1 ? length
                                                                                           : 0;
}

std::size_t ip4(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return 0;
    const std::size_t digits = run(text.substr(at), is_digit);
    if (digits < 1 || digits > 3 || *mcu::parse_integer(text.substr(at, digits)) > 255) return 0;
    at += digits;
  }
  const bool goes_on =
      at < text.size() && (is_alnum(text[at]) || text[at] == '_' ||
                           (text[at] == '.' && at + 1 < text.size() && is_digit(text[at + 1])));
  return goes_on ? 0 : at;
}

/// World wide names, machine ids: 16 hex digits and more, also behind "0x".
std::size_t long_id(std::string_view word) {
  std::string_view digits = word;
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  const bool fits = digits.size() >= 16 && run(digits, is_hex) == digits.size() &&
                    std::any_of(digits.begin(), digits.end(), is_digit);
  return fits ? word.size() : 0;
}

/// A word of capitals and digits, as makers print them on disks.
std::size_t serial_like(std::string_view word) {
  constexpr std::array<std::string_view, 1> known = {"WT61P803"}; // chips that look like one
  const auto digits = std::count_if(word.begin(), word.end(), is_digit);
  const auto capitals = std::count_if(word.begin(), word.end(), is_upper);
  const bool fits = word.size() >= 8 && digits >= 2 && capitals >= 1 &&
                    static_cast<std::size_t>(digits + capitals) == word.size() &&
                    std::find(known.begin(), known.end(), word) == known.end();
  return fits ? word.size() : 0;
}

/// Behind "serial =", "Serial Number:", "S/N:": where what it says begins; 0 when it is none.
std::size_t serial_label(std::string_view text) {
  constexpr std::array<std::string_view, 6> labels = {
      "serial number", "serialnumber", "serial_short", "serial", "s/n", "sn"};
  const std::string front = mcu::lower(text.substr(0, 16));
  for (const std::string_view label : labels) {
    if (!front.starts_with(label)) continue;
    std::size_t at = label.size();
    at += run(text.substr(at), [](char c) { return c == ' ' || c == '"' || c == '\''; });
    if (at >= text.size() || (text[at] != ':' && text[at] != '=')) continue;
    ++at;
    return at + run(text.substr(at), [](char c) { return c == ' ' || c == '"' || c == '\''; });
  }
  return 0;
}

/// What a serial label says, where it can be a serial number.
std::size_t labelled(std::string_view text) {
  const std::size_t length = run(text, is_name);
  const std::string_view word = text.substr(0, length);
  const bool fits =
      length >= 4 && std::any_of(word.begin(), word.end(), is_digit) && !word.starts_with("tty");
  return fits ? length : 0;
}

bool same(std::string_view a, std::string_view b) { return mcu::lower(a) == mcu::lower(b); }

class Redactor {
public:
  Redactor(std::string_view text, const PrivateWords& words) : text_(text), words_(words) {}

  std::string work() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

private:
  std::string_view rest() const { return text_.substr(at_); }
  bool word_begins() const { return at_ == 0 || !is_alnum(text_[at_ - 1]); }

  void keep(std::size_t length) {
    out_ += text_.substr(at_, length);
    at_ += length;
  }
  bool replace(std::size_t length, std::string_view tag) {
    if (length == 0) return false;
    out_ += tag;
    at_ += length;
    return true;
  }

  void step() {
    if (home()) return;
    if (!word_begins()) return keep(std::max<std::size_t>(1, run(rest(), is_alnum)));
    if (!is_alnum(text_[at_]) && text_[at_] != ':') return keep(1);
    if (name()) return;
    if (const std::size_t value = serial_label(rest()); value != 0) {
      keep(value);
      if (replace(labelled(rest()), "[serial]")) return;
      return;
    }
    const std::string_view word = rest().substr(0, run(rest(), is_alnum));
    if (replace(uuid(rest()), "[id]") || replace(mac(rest()), "[mac]") ||
        replace(ip6(rest()), "[ip]") || replace(ip4(rest()), "[ip]") ||
        replace(long_id(word), "[id]") || replace(serial_like(word), "[serial]"))
      return;
    keep(std::max<std::size_t>(1, word.size()));
  }

  bool home() {
    constexpr std::string_view folder = "/home/";
    if (!rest().starts_with(folder)) return false;
    keep(folder.size());
    replace(run(rest(), [](char c) { return is_name(c) || c == '.' || c == '+'; }), "[user]");
    return true;
  }

  /// Host and user names are whole words; what a host name goes on with is its domain.
  bool name() {
    if (at_ > 0 && is_name(text_[at_ - 1])) return false;
    const std::string_view word = rest().substr(0, run(rest(), is_name));
    const auto is = [word](const std::string& one) { return one.size() >= 2 && same(word, one); };
    if (std::any_of(words_.hosts.begin(), words_.hosts.end(), is)) {
      const std::size_t domain = run(rest(), [](char c) { return is_name(c) || c == '.'; });
      const bool dot = text_[at_ + domain - 1] == '.'; // the sentence's
      return replace(domain - (dot ? 1 : 0), "[host]");
    }
    const auto user = std::find_if(words_.users.begin(), words_.users.end(), is);
    return user != words_.users.end() && replace(word.size(), "[user]");
  }

  std::string_view text_;
  const PrivateWords& words_;
  std::size_t at_ = 0;
  std::string out_;
};

} // namespace

std::string redact(std::string_view text, const PrivateWords& words) {
  return Redactor(text, words).work();
}

} // namespace nasmcu
