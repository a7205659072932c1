// SPDX-License-Identifier: MIT
#include <alertd/alert_config.hpp>

#include <libmcu/model/board.hpp>
#include <libmcu/model/ini_reader.hpp>
#include <libmcu/model/text.hpp>

#include <algorithm>
#include <string_view>

namespace nasmcu::alertd {
namespace {

constexpr std::string_view check_heading = "alert ";

/// Goes into a mail's header as it is, so only what needs no quoting there: "root",
/// "me@example.org".
bool is_mail_recipient(const std::string& word) {
  constexpr std::string_view marks = "@._+-=%'";
  const auto allowed = [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
  };
  // A program that takes recipients as arguments would take "-x" for an option.
  return !word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), allowed);
}

/// "a,b" -> "a, b"; nothing when one of them is none.
std::optional<std::string> recipients_in(std::string_view text) {
  std::string list;
  while (true) {
    const auto end = std::min(text.find(','), text.size());
    const std::string one(mcu::trim(text.substr(0, end)));
    if (!is_mail_recipient(one)) return {};
    list += (list.empty() ? "" : ", ") + one;
    if (end == text.size()) return list;
    text.remove_prefix(end + 1);
  }
}

/// Turns the sections of all files into one AlertConfig, one section at a time.
class AlertConfigMaker {
public:
  void add(const mcu::IniFile& file) {
    for (const mcu::IniSection& section : file.sections) {
      mcu::IniReader in(section, result_.diagnostics);
      if (mcu::same_word(section.name, "Alert"))
        read_alert(in);
      else if (mcu::lower(section.name).starts_with(check_heading))
        read_check(in);
    }
  }

  AlertConfigFile take() {
    check_space();
    for (const Draft& draft : drafts_) finish(draft);
    return std::move(result_);
  }

private:
  /// A check as far as the files have told it.
  struct Draft {
    UserCheck check;
    std::string file; ///< the last heading's place
    int line = 0;
    bool has_file = false, has_command = false; ///< a key is there, right or wrong
  };

  void read_alert(mcu::IniReader& in) {
    read_mail(in);
    read_sound(in);
    read_night(in);
    if (const auto minutes = in.integer("SmartInterval", 5, 1440))
      config().smart_interval = std::chrono::minutes(*minutes);
    read_poller(in);
    read_path(in, "Smartctl", config().smartctl);
    read_space(in, "SpaceWarn", config().space.warn);
    read_space(in, "SpaceFail", config().space.fail);
    if (const auto minutes = in.integer("MissingAfter", 1, 60))
      config().missing_grace = std::chrono::minutes(*minutes);
    in.finish();
  }

  void read_poller(mcu::IniReader& in) {
    const mcu::IniEntry* entry = in.take("Poller");
    if (entry == nullptr) return;
    if (mcu::same_word(entry->value, "auto"))
      config().poller = PollerRule::automatic;
    else if (mcu::same_word(entry->value, "nas-alertd"))
      config().poller = PollerRule::ourselves;
    else if (mcu::same_word(entry->value, "smartd"))
      config().poller = PollerRule::smartd;
    else
      in.reject(*entry, "auto, nas-alertd or smartd is allowed");
  }

  void read_mail(mcu::IniReader& in) {
    if (const mcu::IniEntry* entry = in.take("Mail")) {
      if (const auto recipients = recipients_in(entry->value))
        config().mail = *recipients;
      else
        in.reject(*entry, "users or addresses with commas between are allowed, such as root, "
                          "me@example.org");
    }
    read_path(in, "Sendmail", config().sendmail);
  }

  void read_sound(mcu::IniReader& in) {
    if (const auto on = in.yes_no("Buzzer")) config().sound.on = *on;
    read_hours(in, "QuietHours", config().sound.quiet);
    if (const auto minutes = in.integer("BeepEvery", 0, 1440))
      config().sound.repeat = std::chrono::minutes(*minutes);
  }

  void read_night(mcu::IniReader& in) {
    read_hours(in, "NightHours", config().night);
    const mcu::IniEntry* entry = in.take("NightLeds");
    if (entry == nullptr) return;
    const auto leds = mcu::split_words(entry->value);
    if (leds.empty() || !std::all_of(leds.begin(), leds.end(), mcu::is_device_name))
      return in.reject(*entry, "names of LEDs with blanks between are allowed, each 1 to 32 of "
                               "a-z, 0-9 and -, such as power usb");
    for (const std::string& led : leds)
      if (std::count(leds.begin(), leds.end(), led) > 1)
        return in.reject(*entry, led + " stands there twice");
    config().night_leds = leds;
  }

  static void read_hours(mcu::IniReader& in, std::string_view key, std::optional<Hours>& hours) {
    const mcu::IniEntry* entry = in.take(key);
    if (entry == nullptr) return;
    const auto value = parse_hours(entry->value);
    if (value)
      hours = *value;
    else
      in.reject(*entry, value.error().what);
  }

  static void read_path(mcu::IniReader& in, std::string_view key, std::string& path) {
    const mcu::IniEntry* entry = in.take(key);
    if (entry == nullptr) return;
    if (entry->value.starts_with('/'))
      path = entry->value;
    else
      in.reject(*entry, "a path that begins with / is needed");
  }

  void read_space(mcu::IniReader& in, std::string_view key, double& percent) {
    const auto value = in.decimal(key, 50, 100);
    if (!value) return;
    percent = *value;
    last_space_ = *in.take(key);
  }

  /// Each may be right by itself, and in another file.
  void check_space() {
    const SpaceLimits& space = config().space;
    if (space.warn <= space.fail) return;
    result_.diagnostics.push_back(
        {mcu::Diagnostic::Severity::error, last_space_.file, last_space_.line,
         "SpaceWarn " + mcu::number_text(space.warn) + " is above SpaceFail " +
             mcu::number_text(space.fail) + ": it must be the lower one"});
  }

  void read_check(mcu::IniReader& in) {
    const std::string name = mcu::lower(in.section().name.substr(check_heading.size()));
    if (!mcu::is_device_name(name))
      return in.error(0, in.title() + ": a check's name is 1 to 32 of a-z, 0-9 and -");
    Draft& draft = draft_of(name);
    draft.file = in.section().file;
    draft.line = in.section().line;
    draft.has_file |= in.take("File") != nullptr;
    read_path(in, "File", draft.check.file);
    read_command(in, draft);
    if (const auto minutes = in.integer("Every", 1, 1440))
      draft.check.every = std::chrono::minutes(*minutes);
    if (const auto time = in.integer("Timeout", 1, 300))
      draft.check.limit = std::chrono::seconds(*time);
    read_severity(in, draft.check);
    in.finish();
  }

  Draft& draft_of(const std::string& name) {
    const auto same = [&](const Draft& draft) { return draft.check.name == name; };
    const auto found = std::find_if(drafts_.begin(), drafts_.end(), same);
    if (found != drafts_.end()) return *found;
    drafts_.emplace_back().check.name = name;
    return drafts_.back();
  }

  static void read_command(mcu::IniReader& in, Draft& draft) {
    const mcu::IniEntry* entry = in.take("Command");
    if (entry == nullptr) return;
    draft.has_command = true;
    const auto words = mcu::split_words(entry->value);
    if (words.empty() || !words.front().starts_with('/'))
      return in.reject(*entry, "a program's path that begins with / and its arguments are allowed");
    // There is no shell: the marks would reach the program.
    if (entry->value.find_first_of("'\"`|<>&") != std::string::npos)
      return in.reject(*entry, "no shell reads it, so quotes, pipes and the like are not allowed; "
                               "put them into a script");
    draft.check.command = words;
  }

  static void read_severity(mcu::IniReader& in, UserCheck& check) {
    const mcu::IniEntry* entry = in.take("Severity");
    if (entry == nullptr) return;
    for (const Severity severity : {Severity::warning, Severity::failed})
      if (mcu::same_word(entry->value, name(severity))) {
        check.severity = severity;
        return;
      }
    in.reject(*entry, "warning or failed is allowed");
  }

  void finish(const Draft& draft) {
    const std::string title = "[Alert " + draft.check.name + "]";
    if (draft.has_file == draft.has_command) {
      const char* what = draft.has_file ? " has both File and Command; one of them is allowed"
                                        : " needs File or Command";
      result_.diagnostics.push_back(
          {mcu::Diagnostic::Severity::error, draft.file, draft.line, title + what});
      return;
    }
    const bool good = !draft.check.file.empty() || !draft.check.command.empty();
    if (good) config().checks.push_back(draft.check);
  }

  AlertConfig& config() { return result_.config; }

  AlertConfigFile result_;
  std::vector<Draft> drafts_; ///< in the order of the files
  mcu::IniEntry last_space_;
};

} // namespace

AlertConfigFile make_alert_config(const std::vector<mcu::IniFile>& files) {
  AlertConfigMaker maker;
  for (const mcu::IniFile& file : files) maker.add(file);
  return maker.take();
}

} // namespace nasmcu::alertd
