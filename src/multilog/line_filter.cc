#include "multilog/line_filter.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/overloaded.h"

namespace upkeep::multilog {
namespace {

constexpr std::size_t kStandardErrorBytesMax = 64u << 10;  // of a batch

bool is_directory(const Action& action) { return std::holds_alternative<ToDirectory>(action); }

}  // namespace

void Outputs::clear() {
  for (ChosenLines& lines : directories) lines.clear();
  standard_error.clear();
  for (StatusLine& line : status_lines) line.order = 0;
}

LineFilter::LineFilter(Script script)
    : script_(std::move(script)),
      stamper_(script_.stamp),
      selects_everything_(script_.stamp == StampFormat::None && std::ranges::all_of(script_.actions, is_directory)),
      examines_(!std::ranges::all_of(script_.actions, is_directory)),
      is_selected_(script_.directories.size(), true) {
  Stamper sample{script_.stamp};
  sample.begin_batch(WallTime{std::chrono::seconds{1'000'000'000}});  // as many digits as today's
  stamp_bytes_ = sample.next().size();
  head_.reserve(kLineWindowBytes);
}

std::size_t LineFilter::take(std::string_view input, WallTime now, Until until, Outputs& outputs) {
  stamper_.begin_batch(now);
  const char* at = input.data();
  const char* const end = at + input.size();
  if (selects_everything_ && until == Until::NoMoreLines && !in_long_line_) {
    const auto last = input.rfind('\n');
    if (last != std::string_view::npos) {
      at += last + 1;
      send({}, input.substr(0, last + 1), outputs);
    }
  }
  while (at < end && !is_full(outputs)) {
    const auto left = static_cast<std::size_t>(end - at);
    const char* const newline = static_cast<const char*>(std::memchr(at, '\n', left));
    const std::string_view piece{
        at, std::min(newline ? static_cast<std::size_t>(newline - at) + 1 : left, kMostOfALineBytes)};
    const bool ends = piece.back() == '\n';
    if (in_long_line_) {
      send({}, piece, outputs);
    } else if (ends || piece.size() >= kLineWindowBytes - stamp_bytes_) {
      begin_line(piece, outputs);
    } else {
      if (held_stamp_.empty()) held_stamp_ = stamper_.next();  // the moment its first byte was seen
      break;
    }
    in_long_line_ = !ends;
    at += piece.size();
    if (ends && until == Until::EndOfLine) break;
  }
  return static_cast<std::size_t>(at - input.data());
}

void LineFilter::finish(std::string_view rest, WallTime now, Outputs& outputs) {
  if (is_between_lines(rest)) return;
  stamper_.begin_batch(now);
  if (in_long_line_) {
    send({}, rest, outputs);
  } else {
    begin_line(rest, outputs);
  }
  in_long_line_ = false;
  send({}, "\n", outputs);
}

bool LineFilter::is_full(const Outputs& outputs) const {
  constexpr std::size_t reserve = kMostOfALineBytes + kStampBytesMax;
  return outputs.standard_error.size() > kStandardErrorBytesMax ||
         std::ranges::any_of(outputs.directories, [](const ChosenLines& lines) { return lines.is_full(reserve); });
}

std::string_view LineFilter::stamp() {
  if (held_stamp_.empty()) return stamper_.next();
  return held_stamp_;
}

void LineFilter::begin_line(std::string_view line, Outputs& outputs) {
  const std::string_view stamp = this->stamp();
  if (examines_) run_script(examined_part(stamp, line), outputs);
  send(stamp, line, outputs);
  held_stamp_.clear();
}

// Without its newline.
std::string_view LineFilter::examined_part(std::string_view stamp, std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  line = line.substr(0, kLineWindowBytes - stamp.size());
  if (stamp.empty()) return line;
  head_.assign(stamp).append(line);
  return head_;
}

void LineFilter::run_script(std::string_view examined, Outputs& outputs) {
  bool selected = true;
  ++lines_;
  for (const Action& action : script_.actions)
    std::visit(
        Overloaded{[&](const Select& select) { selected = selected || matches(select.pattern, examined); },
                   [&](const Deselect& deselect) { selected = selected && !matches(deselect.pattern, examined); },
                   [&](const ToStandardError&) {
                     if (!selected) return;
                     outputs.standard_error.append(examined.substr(0, kStandardErrorLineBytes));
                     outputs.standard_error.append(examined.size() > kStandardErrorLineBytes ? "...\n" : "\n");
                   },
                   [&](const ToStatusFile& file) {
                     if (!selected) return;
                     outputs.status_lines[file.index].order = lines_;
                     outputs.status_lines[file.index].text = examined;
                   },
                   [&](const ToDirectory& directory) { is_selected_[directory.index] = selected; }},
        action);
}

void LineFilter::send(std::string_view stamp, std::string_view piece, Outputs& outputs) {
  for (std::size_t i = 0; i < outputs.directories.size(); ++i) {
    if (!is_selected_[i]) continue;
    if (stamp.empty()) {
      outputs.directories[i].add(piece);
    } else {
      outputs.directories[i].add(stamp, piece);
    }
  }
}

}  // namespace upkeep::multilog
