// SPDX-License-Identifier: MIT
#include "tree_file.hpp"

#include <algorithm>
#include <fstream>
#include <functional>
#include <numeric>
#include <random>
#include <stdexcept>

namespace fakeroot {
namespace {

using Values = std::map<std::string, std::string>;

const std::string home = NASMCU_SOURCE_DIR "/tests/fakeroot/";

/// Blanks part words, but not between double quotes.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words;
  bool quoted = false, inside = false;
  for (const char c : line) {
    const bool blank = (c == ' ' || c == '\t') && !quoted;
    if (blank) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (c == '"')
      quoted = !quoted;
    else
      words.back() += c;
  }
  return words;
}

const std::string* look_up(const std::string& name, const Values& first, const Values& second) {
  for (const Values* values : {&first, &second})
    if (const auto found = values->find(name); found != values->end()) return &found->second;
  return nullptr;
}

/// "$(tag)" replaced; a part's arguments go before what was set.
std::string substitute(std::string text, const Values& arguments, const Values& set) {
  for (std::size_t at = 0; (at = text.find("$(", at)) != std::string::npos;) {
    const auto end = text.find(')', at);
    const std::string name = text.substr(at + 2, end - at - 2);
    const std::string* value = end == std::string::npos ? nullptr : look_up(name, arguments, set);
    if (value == nullptr) throw std::runtime_error("nothing is known for $(" + name + ")");
    text.replace(at, end - at + 1, *value);
  }
  return text;
}

class Reader {
public:
  explicit Reader(const std::set<std::string>& with) : with_(with) {}

  void read(const std::string& path, const Values& arguments) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(path + ": cannot be read");
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) try {
        if (const auto words = split(line); !words.empty() && words[0][0] != '#')
          obey(words, arguments);
      } catch (const std::runtime_error& error) {
        throw std::runtime_error(path + ":" + std::to_string(number) + ": " + error.what());
      }
  }

  Tree take() { return std::move(tree_); }

private:
  void obey(std::vector<std::string> words, const Values& arguments) {
    if (words[0].starts_with('[')) return section(words);
    if (skip_) return;
    for (std::string& word : words) {
      word = substitute(word, arguments, tree_.values);
      note_placeholders(word);
    }
    if (words[0] == "set" && words.size() == 3) {
      tree_.values[words[1]] = words[2];
    } else if (words[0] == "use" && words.size() >= 2) {
      use(words);
    } else {
      entry(words);
    }
  }

  /// [name], [name] if WORD, [name] unless WORD.
  void section(const std::vector<std::string>& words) {
    std::string name = words[0];
    std::size_t next = 1;
    while (!name.ends_with(']') && next < words.size()) name += " " + words[next++];
    name = name.substr(1, name.size() - 2);
    skip_ = false;
    if (next + 1 < words.size()) skip_ = with_.contains(words[next + 1]) != (words[next] == "if");
    if (!skip_) tree_.devices.push_back({name, false, {}});
  }

  void use(const std::vector<std::string>& words) {
    Values arguments;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const auto sign = words[i].find('=');
      if (sign == std::string::npos) throw std::runtime_error(words[i] + ": NAME=VALUE is needed");
      arguments[words[i].substr(0, sign)] = words[i].substr(sign + 1);
    }
    read(home + "parts/" + words[1] + ".tree", arguments);
  }

  void entry(std::vector<std::string> words) {
    using enum Entry::Kind;
    static const std::map<std::string, std::pair<Entry::Kind, std::size_t>> kinds = {
        {"file", {file, 2}}, {"strings", {strings, 3}},     {"folder", {folder, 2}},
        {"link", {link, 3}}, {"gpio-chip", {gpio_chip, 4}}, {"input", {input, 3}}};
    const auto kind = kinds.find(words[0]);
    if (kind == kinds.end() || words.size() < kind->second.second)
      throw std::runtime_error(words[0] + ": unknown, or something is missing behind it");
    if (tree_.devices.empty()) throw std::runtime_error("a [name] is needed first");
    if (!words[1].starts_with('/')) throw std::runtime_error(words[1] + ": a path begins with /");
    tree_.devices.back().entries.push_back(
        {kind->second.first, words[1], {words.begin() + 2, words.end()}});
  }

  void note_placeholders(const std::string& word) {
    for (std::size_t at = 0; (at = word.find('{', at)) != std::string::npos; ++at) {
      std::string name = word.substr(at + 1, word.find('}', at) - at - 1);
      if (name.starts_with('#')) name.erase(0, 1);
      auto& all = tree_.placeholders;
      if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
    }
  }

  const std::set<std::string>& with_;
  Tree tree_;
  bool skip_ = false;
};

std::string numbered(const std::string& kind, unsigned number) {
  if (kind == "sd") return kind + static_cast<char>('a' + number % 26);
  return kind + std::to_string(number);
}

} // namespace

Tree read_tree(const std::string& board, const std::set<std::string>& with) {
  Reader reader(with);
  reader.read(board.find('/') == std::string::npos ? home + "boards/" + board + ".tree" : board,
              {});
  return reader.take();
}

std::map<std::string, std::string> number(const std::vector<std::string>& placeholders,
                                          unsigned seed) {
  std::map<std::string, std::vector<std::string>> kinds; // "hwmon" -> "hwmon.fan", ...
  for (const std::string& one : placeholders) kinds[one.substr(0, one.find('.'))].push_back(one);
  std::mt19937 random(seed);
  std::map<std::string, std::string> names;
  for (const auto& [kind, members] : kinds) {
    // Some more numbers than things: holes, and numbers of two digits.
    std::vector<unsigned> numbers(members.size() + (seed == 0 ? 0 : 8));
    std::iota(numbers.begin(), numbers.end(), 0);
    if (seed != 0) std::shuffle(numbers.begin(), numbers.end(), random);
    for (std::size_t i = 0; i < members.size(); ++i) names[members[i]] = numbered(kind, numbers[i]);
  }
  return names;
}

std::string fill(const std::string& text, const std::map<std::string, std::string>& names) {
  std::string filled;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '{') {
      filled += text[at];
      continue;
    }
    const auto end = text.find('}', at);
    const bool bare = text[at + 1] == '#';
    const std::string key = text.substr(at + 1 + bare, end - at - 1 - bare);
    const auto name = names.find(key);
    if (end == std::string::npos || name == names.end())
      throw std::runtime_error(text + ": nothing has the name " + key);
    filled += bare ? name->second.substr(key.find('.')) : name->second;
    at = end;
  }
  return filled;
}

} // namespace fakeroot
