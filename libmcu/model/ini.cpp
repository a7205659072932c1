// SPDX-License-Identifier: MIT
// inih splits the lines; a reader of our own feeds it, one line a call. The reader knows what
// inih's callback does not tell: the line number, headings without keys, and which line gave no
// key.
#include <libmcu/model/ini.hpp>

#include <libmcu/model/text.hpp>

#include <ini.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace mcu {
namespace {

// inih as Debian builds it holds 200 bytes of a line, with its end.
constexpr std::size_t longest_line = 190;
// No configuration of a NAS is larger; a wrong path (a disk image) must not fill the memory.
constexpr std::size_t largest_file = 1U << 20U;

// A file of another kind shall not give a complaint a line.
constexpr std::size_t most_complaints = 20;

/// Collects one file's sections while inih reads it.
class Reader {
public:
  Reader(const std::string& file, std::string_view text) : file_(file), rest_(text) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3); // a byte order mark
  }

  IniFile parse() {
    ini_parse_stream(&Reader::next_line, this, &Reader::on_key, this);
    return std::move(result_);
  }

private:
  static char* next_line(char* buffer, int size, void* self) {
    return static_cast<Reader*>(self)->feed(buffer, static_cast<std::size_t>(size));
  }

  static int on_key(void* self, const char*, const char* name, const char* value) {
    static_cast<Reader*>(self)->add(name, value == nullptr ? "" : value);
    return 1;
  }

  char* feed(char* buffer, std::size_t size) {
    if (expects_key_) complain("neither 'key = value' nor [section] nor a comment");
    expects_key_ = false;
    if (rest_.empty()) return nullptr;
    const auto length = rest_.find('\n');
    // Without leading blanks: inih would take an indented key for more of the line above.
    std::string_view line = trim(rest_.substr(0, length));
    rest_.remove_prefix(length == std::string_view::npos ? rest_.size() : length + 1);
    ++line_;
    line = examine(line).substr(0, size > 2 ? size - 2 : 0);
    line.copy(buffer, line.size()); // also for a line without data, unlike memcpy
    buffer[line.size()] = '\n';
    buffer[line.size() + 1] = '\0';
    return buffer;
  }

  /// Takes headings and what cannot be INI out; what it returns is for inih.
  std::string_view examine(std::string_view line) {
    if (line.empty() || line.front() == ';' || line.front() == '#') return {};
    const bool is_heading = line.front() == '[';
    // The keys below a heading that cannot be read must not fall to the section above it.
    if (is_heading) section_ = no_section;
    if (line.find('\0') != std::string_view::npos) {
      complain("a zero byte: this is no text file");
    } else if (line.size() > longest_line) {
      complain("the line has " + std::to_string(line.size()) + " characters, allowed are " +
               std::to_string(longest_line));
    } else if (is_heading) {
      heading(line);
    } else {
      expects_key_ = true;
      return line;
    }
    return {};
  }

  void heading(std::string_view line) {
    const auto end = line.find(']');
    // Names of sections are quoted in many complaints: none of them may command a terminal.
    const bool plain = std::none_of(line.begin(), line.end(), [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    if (!plain || end == std::string_view::npos || trim(line.substr(1, end - 1)).empty())
      return complain("a section heading looks like [name], this is " + in_quotes(line));
    std::string name;
    for (const std::string& word : split_words(line.substr(1, end - 1)))
      name += (name.empty() ? "" : " ") + word;
    const std::string_view behind = trim(line.substr(end + 1));
    if (!behind.empty() && behind.front() != ';' && behind.front() != '#')
      complain("nothing but a comment may stand behind [" + name + "], this is " +
               in_quotes(behind));
    open(name);
  }

  void open(const std::string& name) {
    const auto same = [&](const IniSection& section) { return same_word(section.name, name); };
    const auto found = std::find_if(result_.sections.begin(), result_.sections.end(), same);
    section_ = static_cast<std::size_t>(found - result_.sections.begin());
    if (found == result_.sections.end()) result_.sections.push_back({name, file_, line_, {}});
  }

  void add(std::string_view name, std::string_view value) {
    expects_key_ = false;
    if (trim(name).empty()) return complain("nothing stands before the '='");
    if (section_ == before_any) open(""); // kept, so that the file's reader hears of them
    if (section_ == no_section) return;
    result_.sections[section_].entries.push_back(
        {std::string(trim(name)), std::string(trim(value)), file_, line_});
  }

  void complain(std::string text) {
    auto& all = result_.diagnostics;
    all.push_back({Diagnostic::Severity::error, file_, line_, std::move(text)});
    if (all.size() < most_complaints || rest_.empty()) return;
    all.push_back({Diagnostic::Severity::error, file_, line_,
                   "too many lines that are no INI: the rest of the file was not read"});
    rest_ = {};
  }

  static constexpr std::size_t no_section = static_cast<std::size_t>(-1);
  static constexpr std::size_t before_any = static_cast<std::size_t>(-2);

  const std::string& file_;
  std::string_view rest_;
  IniFile result_;
  std::size_t section_ = before_any; ///< index into result_.sections
  int line_ = 0;
  bool expects_key_ = false; ///< inih has the line and has not called back
};

Error cannot_read(const std::string& path, const std::string& why) {
  return {Errc::failed, "cannot read " + path + ": " + why};
}

} // namespace

bool same_word(std::string_view a, std::string_view b) { return lower(a) == lower(b); }

std::string to_string(const Diagnostic& diagnostic) {
  const bool is_error = diagnostic.severity == Diagnostic::Severity::error;
  const std::string line = diagnostic.line > 0 ? ":" + std::to_string(diagnostic.line) : "";
  return diagnostic.file + line + (is_error ? ": error: " : ": warning: ") + diagnostic.text;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& one) {
    return one.severity == Diagnostic::Severity::error;
  });
}

const IniEntry* IniSection::find(std::string_view key) const {
  const auto same = [&](const IniEntry& entry) { return same_word(entry.key, key); };
  const auto found = std::find_if(entries.rbegin(), entries.rend(), same);
  return found == entries.rend() ? nullptr : &*found;
}

IniFile parse_ini(const std::string& file, const std::string& text) {
  return Reader(file, text).parse();
}

Result<IniFile> read_ini(const std::string& path) {
  // Not blocking: a named pipe at this place must not stop a daemon.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return cannot_read(path, std::strerror(errno));
  struct stat info {};
  std::string text;
  std::array<char, 4096> buffer;
  ssize_t got = 0;
  int error = ::fstat(fd, &info) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(info.st_mode)) error = EISDIR;
  while (error == 0 && text.size() <= largest_file) {
    got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR) error = errno;
    if (got == 0) break;
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  if (error != 0) return cannot_read(path, std::strerror(error));
  if (text.size() > largest_file)
    return cannot_read(path, "larger than 1 MiB, no configuration is");
  return parse_ini(path, text);
}

} // namespace mcu
