// SPDX-License-Identifier: MIT
#include <alertd/alert.hpp>

namespace nasmcu::alertd {

std::string_view name(Severity severity) {
  switch (severity) {
  case Severity::warning: return "warning";
  case Severity::rebuilding: return "rebuilding";
  case Severity::failed: return "failed";
  }
  return "failed";
}

std::string_view name(Change change) {
  switch (change) {
  case Change::raised: return "raised";
  case Change::changed: return "changed";
  case Change::cleared: return "cleared";
  }
  return "changed";
}

} // namespace nasmcu::alertd
