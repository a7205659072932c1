// SPDX-License-Identifier: MIT
#include <alertd/channels.hpp>

#include <alertd/message.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <spdlog/spdlog.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

namespace nasmcu::alertd {
namespace {

constexpr std::chrono::seconds mail_limit{60};
constexpr std::chrono::seconds hook_limit{30};

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "nas";
  return name.data();
}

/// What run-parts(8) takes, too: a backup or a package's left-over is no hook.
bool is_hook_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

/// The journal's native protocol: a value with line feeds comes with its length.
std::string datagram(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += name;
    if (value.find('\n') == std::string::npos) {
      text += "=" + value + "\n";
      continue;
    }
    text += "\n";
    std::uint64_t size = value.size();
    for (int i = 0; i < 8; ++i, size >>= 8) text += static_cast<char>(size & 0xFF);
    text += value + "\n";
  }
  return text;
}

bool send_to(const std::string& path, const std::string& text) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  const bool sent = ::sendto(fd, text.data(), text.size(), MSG_NOSIGNAL, generic, sizeof address) ==
                    static_cast<ssize_t>(text.size());
  ::close(fd);
  return sent;
}

} // namespace

Channels::Channels(mcu::asio::any_io_executor executor, std::string root,
                   std::shared_ptr<Children> children)
    : executor_(executor),
      root_(std::move(root)),
      children_(std::move(children)),
      mail_(std::make_shared<mcu::Worker>(executor)),
      hook_(std::make_shared<mcu::Worker>(executor)) {}

void Channels::stop() {
  mail_->stop();
  hook_->stop();
}

std::vector<std::string> Channels::hooks() const {
  std::vector<std::string> found;
  std::error_code error;
  const std::filesystem::directory_iterator folder(root_ + "/etc/nasmcu/alert.d", error);
  if (error) return found;
  for (const auto& entry : folder) {
    const std::string path = entry.path().string();
    struct stat info = {};
    if (!is_hook_name(entry.path().filename().string()) || ::stat(path.c_str(), &info) != 0 ||
        !S_ISREG(info.st_mode) || (info.st_mode & 0111) == 0)
      continue;
    if (info.st_uid != ::geteuid() || (info.st_mode & 0022) != 0) {
      spdlog::warn("{} is not run: it must belong to root, and nobody else may write it", path);
      continue;
    }
    found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string Channels::words() const {
  const std::size_t count = hooks().size();
  return (config_.mail.empty() ? "no mail (no recipient is configured), "
                               : "mail to " + config_.mail + ", ") +
         std::to_string(count) + (count == 1 ? " hook, " : " hooks, ") + "journal";
}

mcu::Task<void> Channels::run(std::shared_ptr<mcu::Worker> worker,
                              std::shared_ptr<Children> children, Program program,
                              std::string what) {
  const std::function<mcu::Result<Ended>()> job = [children, program = std::move(program)] {
    return mcu::Result<Ended>(children->run(program));
  };
  const mcu::Result<Ended> ended = co_await worker->run<mcu::Result<Ended>>(job);
  if (ended && !ended->why.empty()) spdlog::error("{}: {}", what, ended->why);
}

void Channels::tell(const Event& event) {
  journal(event);
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (!config_.mail.empty()) {
    Program program;
    // -i: a line with one dot is text. -t: who gets it is in the header.
    program.words = {config_.sendmail.empty() ? root_ + "/usr/sbin/sendmail" : config_.sendmail,
                     "-i", "-t"};
    program.input = mail(event, config_.mail, host_name(), now);
    program.patience = mail_limit;
    program.errors = true;
    program.of_owner = true;
    mcu::asio::co_spawn(
        executor_,
        run(mail_, children_, std::move(program), "mail about " + event.alert.finding.id),
        mcu::asio::detached);
  }
  for (const std::string& hook : hooks()) {
    Program program;
    program.words = {hook};
    program.environment = hook_environment(event);
    program.patience = hook_limit;
    program.of_owner = true;
    mcu::asio::co_spawn(executor_, run(hook_, children_, std::move(program), "hook"),
                        mcu::asio::detached);
  }
}

void Channels::journal(const Event& event) const {
  if (send_to(root_ + "/run/systemd/journal/socket", datagram(journal_fields(event)))) return;
  const std::string words = std::string(name(event.change)) + ": " + event.alert.finding.subject;
  if (event.change == Change::cleared || event.alert.finding.severity == Severity::rebuilding)
    spdlog::info("{}", words);
  else if (event.alert.finding.severity == Severity::failed)
    spdlog::error("{}", words);
  else
    spdlog::warn("{}", words);
}

} // namespace nasmcu::alertd
