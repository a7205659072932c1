# SPDX-License-Identifier: MIT
# spdlog's headers alone: Debian's own file is for one size of pointers.
add_library(spdlog::spdlog_header_only INTERFACE IMPORTED)
