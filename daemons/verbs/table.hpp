// SPDX-License-Identifier: MIT
// Lines of aligned columns for a terminal, a pipe or the command port. Pure.
#pragma once

#include <string>
#include <vector>

namespace nasmcu {

enum class Tone { plain, dim, good, warn, bad, title };

struct Cell {
  std::string text;
  Tone tone = Tone::plain;
};
using Row = std::vector<Cell>;

/// `text` in the terminal's colours; unchanged without `color`.
std::string paint(const std::string& text, Tone tone, bool color);

/// A blank line and the title of a section.
std::string heading(const std::string& title, bool color);

/// One line for each row, indented by two blanks, each with its line feed. The last cell of a row
/// is never padded, so that a long reason stays one cell.
std::vector<std::string> aligned_lines(const std::vector<Row>& rows, bool color);
std::string aligned(const std::vector<Row>& rows, bool color);

/// Without control characters: words that come from a disk or a file cannot play tricks on a
/// terminal.
std::string harmless(std::string text);

} // namespace nasmcu
