#include "wire/process_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace upkeep::wire {
namespace {

constexpr std::size_t kFields = 5;
constexpr std::string_view kSpecial = "\\\t\n\r";
constexpr std::string_view kLetters = "\\tnr";  // of the escapes, in the same order

void append_field(std::string& table, std::string_view text) {
  while (true) {
    const std::size_t plain = std::min(text.find_first_of(kSpecial), text.size());
    table += text.substr(0, plain);
    if (plain == text.size()) return;
    table += '\\';
    table += kLetters[kSpecial.find(text[plain])];
    text.remove_prefix(plain + 1);
  }
}

// A backslash before any other letter stands for itself.
std::string read_field(std::string_view text) {
  std::string field;
  while (true) {
    const std::size_t plain = std::min(text.find('\\'), text.size());
    field += text.substr(0, plain);
    if (plain == text.size()) return field;
    const std::size_t letter = plain + 1 < text.size() ? kLetters.find(text[plain + 1]) : std::string_view::npos;
    const bool is_escape = letter != std::string_view::npos;
    field += is_escape ? kSpecial[letter] : '\\';
    text.remove_prefix(plain + (is_escape ? 2 : 1));
  }
}

// nullopt: too few fields, or a state that is no number.
std::optional<ProcessRow> read_row(std::string_view line) {
  std::array<std::string_view, kFields> fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    if (end == line.size() && i + 1 < kFields) return std::nullopt;
    fields[i] = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  const auto state = parse_number(fields[2]);
  if (!state) return std::nullopt;
  return ProcessRow{read_field(fields[0]), read_field(fields[1]), *state, read_field(fields[3]), read_field(fields[4])};
}

}  // namespace

void append_process_row(std::string& table, std::string_view group, std::string_view name, std::int64_t state,
                        std::string_view state_name, std::string_view description) {
  append_field(table, group);
  table += '\t';
  append_field(table, name);
  table += '\t';
  table += std::to_string(state);
  table += '\t';
  append_field(table, state_name);
  table += '\t';
  append_field(table, description);
  table += '\n';
}

Result<std::vector<ProcessRow>> parse_process_table(std::string_view table) {
  std::vector<ProcessRow> rows;
  rows.reserve(static_cast<std::size_t>(std::count(table.begin(), table.end(), '\n')));
  while (!table.empty()) {
    const std::size_t end = table.find('\n');
    if (end == std::string_view::npos) return Error{"a process table that breaks off", 0};
    std::optional<ProcessRow> row = read_row(table.substr(0, end));
    if (!row) return Error{"a process table with a malformed line", 0};
    rows.push_back(std::move(*row));
    table.remove_prefix(end + 1);
  }
  return rows;
}

}  // namespace upkeep::wire
