#include "ctl/format.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <span>

#include "ctl/namespec.h"
#include "wire/utf8.h"

namespace upkeep::ctl {
namespace {

constexpr std::size_t kNameColumnMin = 30;
constexpr std::size_t kLineCharacters = 79;

struct Meaning {
  int status;
  std::string_view text;
};

// Python pads by characters, not bytes.
std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(std::max<std::size_t>(wire::first_code_point(text).bytes, 1));
    ++count;
  }
  return count;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out{text};
  if (const std::size_t used = characters(text); used < width) out.append(width - used, ' ');
  return out;
}

Attempt<std::string> result_line(const ProcessResult& result, std::string_view success,
                                 std::span<const Meaning> meanings) {
  const std::string name = make_namespec(result.group, result.name);
  if (result.status == fault::kSuccess) return fmt::format("{}: {}", name, success);
  for (const Meaning& meaning : meanings)
    if (meaning.status == result.status) return fmt::format("{}: ERROR ({})", name, meaning.text);
  return Failure::other("ValueError", fmt::format("Unknown result code {} for {}", result.status, name));
}

constexpr Meaning kStartMeanings[] = {
    {fault::kBadName, "no such process"},
    {fault::kNoFile, "no such file"},
    {fault::kNotExecutable, "file is not executable"},
    {fault::kAlreadyStarted, "already started"},
    {fault::kSpawnError, "spawn error"},
    {fault::kAbnormalTermination, "abnormal termination"},
};
constexpr Meaning kSignalMeanings[] = {
    {fault::kBadName, "no such process"},
    {fault::kBadSignal, "bad signal name"},
    {fault::kNotRunning, "not running"},
};
constexpr Meaning kClearMeanings[] = {
    {fault::kBadName, "no such process"},
    {fault::kFailed, "failed"},
};

// Widths of the columns when the words take `rows` rows; empty: wider than a line.
std::vector<std::size_t> column_widths(const std::vector<std::string_view>& words, std::size_t rows) {
  std::vector<std::size_t> widths;
  std::size_t total = 0;
  for (std::size_t first = 0; first < words.size(); first += rows) {
    std::size_t width = 0;
    for (std::size_t i = first; i < std::min(first + rows, words.size()); ++i) width = std::max(width, words[i].size());
    widths.push_back(width);
    total += width + (first == 0 ? 0 : 2);
  }
  if (total > kLineCharacters) widths.clear();
  return widths;
}

}  // namespace

std::vector<std::string> status_rows(const std::vector<ProcessInfo>& infos) {
  std::size_t width = kNameColumnMin;
  for (const ProcessInfo& info : infos) width = std::max(width, characters(make_namespec(info.group, info.name)));
  std::vector<std::string> rows;
  for (const ProcessInfo& info : infos)
    rows.push_back(padded(make_namespec(info.group, info.name), width + 3) + padded(info.state_name, 10) +
                   info.description);
  return rows;
}

std::string avail_row(const ConfigInfo& info) {
  return fmt::format("{} {:<9} {:<9} {}:{}", padded(make_namespec(info.group, info.name), 32),
                     info.in_use ? "in use" : "avail", info.autostart ? "auto" : "manual", info.group_priority,
                     info.process_priority);
}

std::vector<std::string> change_rows(const ConfigChanges& changes) {
  std::map<std::string, std::string_view> by_name;
  for (const auto& name : changes.added) by_name[name] = "available";
  for (const auto& name : changes.changed) by_name[name] = "changed";
  for (const auto& name : changes.removed) by_name[name] = "disappeared";
  std::vector<std::string> rows;
  for (const auto& [name, what] : by_name) rows.push_back(fmt::format("{}: {}", name, what));
  return rows;
}

Attempt<std::string> start_line(const ProcessResult& result) { return result_line(result, "started", kStartMeanings); }

Attempt<std::string> stop_line(const ProcessResult& result) {
  if (result.status == fault::kFailed) return result.description;
  return result_line(result, "stopped", kSignalMeanings);
}

Attempt<std::string> signal_line(const ProcessResult& result) {
  if (result.status == fault::kFailed) return result.description;
  return result_line(result, "signalled", kSignalMeanings);
}

Attempt<std::string> clear_line(const ProcessResult& result) { return result_line(result, "cleared", kClearMeanings); }

std::string in_columns(const std::vector<std::string_view>& words) {
  if (words.empty()) return {};
  if (words.size() == 1) return fmt::format("{}\n", words.front());
  std::size_t rows = 1;
  std::vector<std::size_t> widths = column_widths(words, rows);
  while (widths.empty() && rows + 1 < words.size()) widths = column_widths(words, ++rows);
  if (widths.empty()) {  // nothing fits: one word a line
    rows = words.size();
    widths = {0};
  }
  std::string out;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < widths.size() && row + column * rows < words.size(); ++column) {
      if (column > 0) out += "  ";
      out += padded(words[row + column * rows], widths[column]);
    }
    out += '\n';
  }
  return out;
}

}  // namespace upkeep::ctl
