// SPDX-License-Identifier: MIT
#include <common/program.hpp>

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace nasmcu {
namespace {

/// The journal's line prefix: "<3>" error to "<7>" debug (sd-daemon(3)).
class Priority : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const char digit = digit_of(message.level);
    const char prefix[] = {'<', digit, '>'};
    out.append(prefix, prefix + sizeof prefix);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Priority>();
  }

private:
  static char digit_of(spdlog::level::level_enum level) {
    switch (level) {
    case spdlog::level::critical: return '2';
    case spdlog::level::err: return '3';
    case spdlog::level::warn: return '4';
    case spdlog::level::info: return '6';
    default: return '7';
    }
  }
};

/// $JOURNAL_STREAM is inherited; it speaks of stderr only where its device and inode are stderr's.
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

} // namespace

void set_up_log(const std::string& program, const std::string& level) {
  auto logger =
      std::make_shared<spdlog::logger>(program, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  if (stderr_is_journal())
    formatter->add_flag<Priority>('*').set_pattern("%*%v");
  else
    formatter->set_pattern("%Y-%m-%d %H:%M:%S.%e %n %l: %v");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

bool report(const std::vector<mcu::Diagnostic>& diagnostics) {
  for (const mcu::Diagnostic& one : diagnostics) {
    const bool is_error = one.severity == mcu::Diagnostic::Severity::error;
    spdlog::log(is_error ? spdlog::level::err : spdlog::level::warn, "{}", mcu::to_string(one));
  }
  return !mcu::has_errors(diagnostics);
}

} // namespace nasmcu
