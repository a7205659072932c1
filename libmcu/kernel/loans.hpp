// SPDX-License-Identifier: MIT
// What was taken from the kernel's hands (a LED's trigger, a fan's automatic mode, a thermal zone's
// policy), and what it gets back: at the end, and after a crash at the next start.
#pragma once

#include <libmcu/kernel/files.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcu {

struct Loan {
  /// "/sys/class/hwmon/hwmon3/name" and "qnapmcu": while the file does not say so, the node belongs
  /// to something else by now and is left alone. Empty where the path itself is the name.
  std::string guard_path, guard_value;
  /// Written in this order to give it back.
  std::vector<std::pair<std::string, std::string>> writes;
  bool operator==(const Loan&) const = default;
};

/// The journal: a file of our own below /run, which a reboot empties together with what it is
/// about. Whoever has it open owns the hardware. What is locked is FILE.lock beside it, because
/// FILE itself is replaced at each change.
///
/// Any thread may call anything: giving back takes time and happens in a Worker. note() does not
/// wait for it.
class Loans {
public:
  /// Nothing is opened yet. An empty `file` keeps the journal in memory only.
  Loans(std::shared_ptr<const Files> files, std::string file);
  ~Loans();
  Loans(const Loans&) = delete;
  Loans& operator=(const Loans&) = delete;

  /// Opens and locks the file (its folder is made), and reads what an earlier process left behind.
  /// `busy` when another program has it; other failures are no reason to stop, and the text says
  /// what they cost: with a read-only /run the journal is in memory only, and a damaged line is
  /// left out.
  Status open();
  /// Lets another program have it. What was not given back stays on file.
  void close();

  /// Notes a loan before it is taken, and returns only when it is on file. A loan whose first path
  /// is known already changes nothing: what counts is the state before us. One with another guard
  /// was about another device and is replaced. After a failure to write the file the loan is still
  /// known, and given back at the end.
  Status note(const Loan& loan);
  bool has(const std::string& first_path) const;
  /// Gives one loan back; ok when there is none. One whose node went, or belongs to something else,
  /// is forgotten; one that cannot be written stays for another time.
  Status give_back(const std::string& first_path);
  /// Gives all back, the latest first, and goes on after a failure: the first one is returned.
  Status give_back_all();
  /// give_back_all() as a job for a Worker: it owns what it needs, should the thread outlive us.
  std::function<Status()> giving_back() const;
  std::vector<Loan> all() const;

private:
  struct State;
  std::shared_ptr<State> state_;
};

/// One line of the journal and back: the word "loan", the guard's two and each write's two words,
/// with tabs between. A damaged line gives an error.
std::string to_line(const Loan& loan);
Result<Loan> loan_from_line(std::string_view line);

} // namespace mcu
