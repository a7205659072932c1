// SPDX-License-Identifier: MIT
#include <common/program.hpp>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <cstdlib>
#include <filesystem>
#include <iostream>

namespace nasmcu {
namespace {

namespace fs = std::filesystem;

/// "" for every spelling of "/", else absolute and without a slash at the end.
mcu::Result<std::string> normal_root(const std::string& given) {
  if (given.empty()) return std::string();
  std::error_code error;
  const fs::path real = fs::canonical(given, error);
  if (error || !fs::is_directory(real, error))
    return mcu::Error{mcu::Errc::invalid_argument, "--root " + given + ": no such directory"};
  if (real == "/") return std::string();
  std::string root = fs::absolute(given, error).lexically_normal();
  while (root.ends_with('/')) root.pop_back();
  return root;
}

int usage_error(const CLI::App& app, const std::string& what) {
  std::cerr << app.get_name() << ": " << what << " (see " << app.get_name() << " --help)\n";
  return exit_usage;
}

} // namespace

const char* const version = NASMCU_VERSION;

int exit_code(mcu::Errc code) {
  switch (code) {
  case mcu::Errc::timeout:
  case mcu::Errc::protocol:
  case mcu::Errc::link_down:
  case mcu::Errc::busy: return exit_mcu;
  case mcu::Errc::unsupported: return exit_no_device;
  case mcu::Errc::denied: return exit_denied;
  case mcu::Errc::not_running: return exit_not_running;
  case mcu::Errc::invalid_argument: return exit_usage;
  case mcu::Errc::asleep: return exit_done; // a disk at rest is all right
  case mcu::Errc::failed: break;
  }
  return exit_failed;
}

void add_common_options(CLI::App& app, CommonOptions& options) {
  app.add_option("--config", options.config,
                 "configuration FILE instead of /etc/nasmcu/nasmcu.conf and nasmcu.conf.d/*.conf")
      ->type_name("FILE");
  app.add_option("--board", options.board,
                 "a shipped board by NAME, or a board FILE; default: detected")
      ->type_name("NAME|FILE");
  app.add_option(
         "--root", options.root,
         "prefix of every built-in path; other than / nothing of the real system is changed")
      ->type_name("DIR");
  app.add_option("--log-level", options.log_level, "how much is logged, from most to nothing")
      ->type_name("LEVEL")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
  app.set_version_flag("--version", std::string("nasmcu ") + version, "print the version and exit");
}

std::optional<int> parse(CLI::App& app, int argc, char** argv, CommonOptions& options) {
  if (app.get_name().empty() && argc > 0) app.name(fs::path(argv[0]).filename().string());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version arrive here too; CLI11 prints them.
    if (error.get_exit_code() == 0) return app.exit(error);
    return usage_error(app, error.what());
  }
  auto root = normal_root(options.root);
  if (!root) return usage_error(app, root.error().what);
  options.root = *root;
  return {};
}

std::optional<int> begin_service(const std::string& name, const std::string& description, int argc,
                                 char** argv, CommonOptions& options) {
  CLI::App app{description, name};
  add_common_options(app, options);
  if (const auto code = parse(app, argc, argv, options)) return code;
  set_up_log(name, options.log_level);
  return {};
}

} // namespace nasmcu
