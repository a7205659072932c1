// SPDX-License-Identifier: MIT
// Finds a chip by its label and hands over to the way that reaches it.
#include <libmcu/kernel/gpio_line.hpp>

#include <libmcu/kernel/fake_socket.hpp>
#include <libmcu/kernel/files.hpp>
#include <libmcu/kernel/gpio_chips.hpp>
#include <libmcu/model/text.hpp>

#include <poll.h>

#include <cerrno>
#include <cstring>

namespace mcu {
namespace {

const GpioChips& way_to(const std::string& path) {
  return is_fake(path) ? fake_chips : libgpiod_chips;
}

std::string in_a_row(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

/// The node of the one chip with that label.
Result<std::string> find_chip(const std::string& root, const std::string& label) {
  std::vector<std::string> matches, others, silent;
  for (const std::string& node : Files().list(root + "/dev")) {
    if (!node.starts_with("gpiochip")) continue;
    const std::string path = root + "/dev/" + node;
    const auto found = way_to(path).label(path);
    if (!found) {
      silent.push_back(found.error().what);
      continue;
    }
    (*found == label ? matches : others).push_back(*found == label ? path : *found);
  }
  if (matches.size() == 1) return matches.front();
  if (matches.size() > 1)
    return Error{Errc::failed, "several GPIO chips are called " + label + ": " + in_a_row(matches)};
  std::string what = "no GPIO chip is called " + label;
  what += others.empty() ? "; there is none" : "; there are " + in_a_row(others);
  if (!silent.empty()) what += (others.empty() ? " that answers (" : " (") + in_a_row(silent) + ")";
  return Error{Errc::unsupported, what};
}

/// A request is refused without a number where the chip went between two calls.
Errc code_of_refusal(int number) {
  switch (number) {
  case EBUSY: return Errc::busy;
  case EOPNOTSUPP:
  case ENOENT:
  case ENODEV:
  case ENXIO: return Errc::unsupported;
  default: return Errc::failed;
  }
}

} // namespace

std::string to_string(const LineSpec& spec) {
  return "line " + std::to_string(spec.line) + " of " + spec.chip;
}

Result<std::unique_ptr<InputLine>> open_input(const std::string& root, const LineSpec& spec,
                                              const std::string& consumer) {
  const auto path = find_chip(root, spec.chip);
  if (!path) return path.error();
  return way_to(*path).input(*path, spec, consumer);
}

Result<std::unique_ptr<OutputLine>> open_output(const std::string& root, const LineSpec& spec,
                                                const std::string& consumer) {
  const auto path = find_chip(root, spec.chip);
  if (!path) return path.error();
  return way_to(*path).output(*path, spec, consumer);
}

Error no_such_line(const LineSpec& spec, std::size_t lines) {
  return {Errc::unsupported,
          "there is no " + to_string(spec) + ", it has " + std::to_string(lines)};
}

Error line_refused(const LineSpec& spec, const std::string& what, int number,
                   const std::string& holder) {
  if (number == EBUSY)
    return {Errc::busy, to_string(spec) + " is in use" +
                            (holder.empty() ? "" : " by " + in_quotes(holder)) +
                            ": a driver or another program holds it ('gpioinfo' tells more)"};
  return {code_of_refusal(number), to_string(spec) + ": " + what + ": " + std::strerror(number)};
}

Error line_lost(const LineSpec& spec, const std::string& what, int number) {
  if (number == ENODEV) return {Errc::unsupported, to_string(spec) + ": its chip went"};
  return os_error(to_string(spec), what, number);
}

std::chrono::steady_clock::time_point edge_time(std::int64_t nanoseconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point now = Clock::now();
  const Clock::time_point at(
      std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(nanoseconds)));
  return at > now || now - at > std::chrono::minutes(1) ? now : at;
}

LineNews line_news(int fd) {
  pollfd one = {fd, POLLIN, 0};
  int ready = 0;
  do ready = ::poll(&one, 1, 0);
  while (ready < 0 && errno == EINTR);
  if (ready <= 0) return LineNews::none;
  if ((one.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) return LineNews::gone;
  return LineNews::edges;
}

} // namespace mcu
