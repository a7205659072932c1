# SPDX-License-Identifier: MIT
# fmt's headers alone: Debian's own file is for one size of pointers.
add_library(fmt::fmt INTERFACE IMPORTED)
target_compile_definitions(fmt::fmt INTERFACE FMT_HEADER_ONLY)
