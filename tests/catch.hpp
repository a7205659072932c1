// SPDX-License-Identifier: MIT
// Catch2 2 (Debian 12) or 3 (Debian 13), by the names of 3. Of 2's only Contains(text) has become
// something else there, a matcher of elements: .ci/lint refuses it.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
#else
#include <catch2/catch.hpp>
inline auto ContainsSubstring(const std::string& text) { return Catch::Matchers::Contains(text); }
#endif
