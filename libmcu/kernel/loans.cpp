// SPDX-License-Identifier: MIT
#include <libmcu/kernel/loans.hpp>

#include <libmcu/link/descriptor.hpp>
#include <libmcu/model/text.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>

namespace mcu {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) switch (c) {
    case '\\': result += "\\\\"; break;
    case '\t': result += "\\t"; break;
    case '\n': result += "\\n"; break;
    default: result += c;
    }
  return result;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    switch (++i < text.size() ? text[i] : '\0') {
    case '\\': result += '\\'; break;
    case 't': result += '\t'; break;
    case 'n': result += '\n'; break;
    default: return {};
    }
  }
  return result;
}

/// Its folders too, for everybody to read.
void make_folders(const std::string& file) {
  for (auto slash = file.find('/', 1); slash != std::string::npos;
       slash = file.find('/', slash + 1))
    if (::mkdir(file.substr(0, slash).c_str(), 0755) == 0)
      // Whatever the umask: other programs' sockets are below.
      (void)::chmod(file.substr(0, slash).c_str(), 0755);
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

Result<std::string> read_all(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) return os_error(path, "cannot open", errno);
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return os_error(path, "cannot read", errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

const std::string& key(const Loan& loan) {
  static const std::string none;
  return loan.writes.empty() ? none : loan.writes.front().first;
}

} // namespace

std::string to_line(const Loan& loan) {
  std::string line = "loan\t" + escaped(loan.guard_path) + "\t" + escaped(loan.guard_value);
  for (const auto& [path, value] : loan.writes)
    line += "\t" + escaped(path) + "\t" + escaped(value);
  return line;
}

Result<Loan> loan_from_line(std::string_view line) {
  const Error damaged{Errc::protocol, in_quotes(line) + " is no loan"};
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= line.size();) {
    const auto end = std::min(line.find('\t', begin), line.size());
    auto word = unescaped(line.substr(begin, end - begin));
    if (!word) return damaged;
    words.push_back(std::move(*word));
    begin = end + 1;
  }
  if (words.size() < 5 || words.size() % 2 == 0 || words[0] != "loan") return damaged;
  Loan loan{words[1], words[2], {}};
  if (!loan.guard_path.empty() && loan.guard_path.front() != '/') return damaged;
  for (std::size_t i = 3; i < words.size(); i += 2) {
    if (!words[i].starts_with('/')) return damaged;
    loan.writes.emplace_back(words[i], words[i + 1]);
  }
  return loan;
}

struct Loans::State {
  const std::shared_ptr<const Files> files;
  const std::string file;
  std::mutex mutex; ///< for all below
  int lock = -1;
  std::vector<Loan> loans;

  std::vector<Loan> all() {
    const std::lock_guard guard(mutex);
    return loans;
  }
  // With the mutex held:
  Status take_lock();
  Status read_journal();
  Status save() const;
  // Without:
  Status settle(const Loan& loan) const;
  void forget(const Loan& loan);
  Status give_back_all();
};

Status Loans::State::take_lock() {
  make_folders(file);
  const std::string path = file + ".lock";
  const std::string cost = "; what is borrowed from the kernel is not given back after a crash";
  // Nobody else may even open it: a lock needs no right to write.
  Descriptor opened(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (opened.get() < 0)
    return Error{Errc::failed, os_error(path, "cannot open", errno).what + cost};
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return Error{Errc::busy,
                   path + " is locked: another program drives this box's hardware. While mcud "
                          "runs, use mcuctl without --direct"};
    return Error{Errc::failed, os_error(path, "cannot lock", errno).what + cost};
  }
  lock = opened.release();
  return {};
}

Status Loans::State::read_journal() {
  const auto text = read_all(file);
  if (!text && text.error().code == Errc::unsupported) return {};
  if (!text)
    return Error{Errc::failed, text.error().what + "; what an earlier run borrowed is not known"};
  std::string damage;
  std::vector<Loan> known;
  std::size_t number = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    ++number;
    if (line.empty()) continue;
    if (auto loan = loan_from_line(line))
      known.push_back(std::move(*loan));
    else if (damage.empty())
      damage = file + ":" + std::to_string(number) + ": " + loan.error().what + ", left out";
  }
  // Of two the one on file is older: the state before both.
  for (Loan& loan : loans)
    if (std::none_of(known.begin(), known.end(),
                     [&](const Loan& one) { return key(one) == key(loan); }))
      known.push_back(std::move(loan));
  loans = std::move(known);
  if (!damage.empty()) return Error{Errc::failed, damage};
  return {};
}

Status Loans::State::save() const {
  if (lock < 0) return {};
  if (loans.empty()) {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT)
      return os_error(file, "cannot remove", errno);
    return {};
  }
  std::string text;
  for (const Loan& loan : loans) text += to_line(loan) + "\n";
  const std::string next = file + ".new";
  const Descriptor opened(
      ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (opened.get() < 0) return os_error(next, "cannot open for writing", errno);
  if (!write_all(opened.get(), text)) return os_error(next, "cannot write", errno);
  if (std::rename(next.c_str(), file.c_str()) != 0) return os_error(file, "cannot replace", errno);
  return {};
}

/// ok: given back, or nothing is there to give it to.
Status Loans::State::settle(const Loan& loan) const {
  if (!loan.guard_path.empty()) {
    const auto name = files->read(loan.guard_path);
    if (!name && name.error().code != Errc::unsupported) return name.error();
    if (!name || *name != loan.guard_value) return {};
  }
  Status first;
  for (const auto& [path, value] : loan.writes) {
    const Status written = files->write(path, value);
    // The others count all the same: the last may be what gives the device its driver back.
    if (!written && first && files->exists(path)) first = written;
  }
  return first;
}

void Loans::State::forget(const Loan& loan) {
  const std::lock_guard guard(mutex);
  std::erase(loans, loan);
  // A file that still has it costs only that the same is written once more.
  (void)save();
}

Status Loans::State::give_back_all() {
  const std::vector<Loan> given = all();
  Status first;
  for (auto loan = given.rbegin(); loan != given.rend(); ++loan) {
    const Status settled = settle(*loan);
    if (settled)
      forget(*loan);
    else if (first)
      first = settled;
  }
  return first;
}

Loans::Loans(std::shared_ptr<const Files> files, std::string file)
    : state_(new State{std::move(files), std::move(file), {}, -1, {}}) {}

Loans::~Loans() { close(); }

Status Loans::open() {
  const std::lock_guard guard(state_->mutex);
  if (state_->file.empty() || state_->lock >= 0) return {};
  if (Status locked = state_->take_lock(); !locked) return locked;
  return state_->read_journal();
}

void Loans::close() {
  const std::lock_guard guard(state_->mutex);
  // The file of the lock stays: who removes it would let two programs lock two files of one name.
  if (state_->lock >= 0) ::close(std::exchange(state_->lock, -1));
}

Status Loans::note(const Loan& loan) {
  if (loan.writes.empty())
    return Error{Errc::invalid_argument, "a loan needs something to write when it is given back"};
  const std::lock_guard guard(state_->mutex);
  std::vector<Loan>& loans = state_->loans;
  const auto known = std::find_if(loans.begin(), loans.end(),
                                  [&](const Loan& one) { return key(one) == key(loan); });
  if (known != loans.end()) {
    if (known->guard_path == loan.guard_path && known->guard_value == loan.guard_value) return {};
    loans.erase(known);
  }
  loans.push_back(loan);
  if (const Status saved = state_->save(); !saved)
    return Error{Errc::failed,
                 saved.error().what + "; after a crash " + key(loan) + " is not given back"};
  return {};
}

bool Loans::has(const std::string& first_path) const {
  const std::vector<Loan> loans = all();
  return std::any_of(loans.begin(), loans.end(),
                     [&](const Loan& one) { return key(one) == first_path; });
}

std::vector<Loan> Loans::all() const { return state_->all(); }

Status Loans::give_back(const std::string& first_path) {
  const std::vector<Loan> loans = all();
  const auto loan = std::find_if(loans.begin(), loans.end(),
                                 [&](const Loan& one) { return key(one) == first_path; });
  if (loan == loans.end()) return {};
  Status settled = state_->settle(*loan);
  if (settled) state_->forget(*loan);
  return settled;
}

Status Loans::give_back_all() { return state_->give_back_all(); }

std::function<Status()> Loans::giving_back() const {
  return [state = state_] { return state->give_back_all(); };
}

} // namespace mcu
