#include "logs/distributor.h"

#include <fmt/core.h>

#include <utility>

#include "base/text.h"
#include "base/time.h"
#include "logs/ansi.h"
#include "logs/output_text.h"

namespace upkeep::logs {

using Part = CaptureSplitter::Part;

Distributor::Distributor(Distribution distribution, ActivityLog& log, Syslog& syslog)
    : to_(std::move(distribution)), log_(log), syslog_(syslog), captured_(to_.capture_max_bytes) {}

Distributor::~Distributor() {
  if (!splitter_.is_capturing()) return;
  log_.line(LogLevel::Warn, fmt::format("{} {} ended within a text for the supervisor: {} bytes of it were dropped",
                                        python_repr(to_.process), to_.channel, captured_.size()));
}

std::size_t Distributor::take(std::string_view bytes, bool at_end) {
  if (!to_.has_lines()) return take_parts(bytes, at_end);
  const WholeLines whole = at_end ? WholeLines{bytes.size()} : whole_lines(bytes);
  if (whole.bytes == 0) return 0;
  const std::size_t taken = take_parts(bytes.substr(0, whole.bytes), at_end);
  // A mark that may begin where a long line was cut is left for the next time.
  const bool ends_in_cut = whole.ends_in_cut || taken < whole.bytes;
  format_lines(to_.format, std::exchange(lines_, {}), ends_in_cut, wall_now(),
               [this](std::string_view lines) { to_.file->write(lines); });
  return taken;
}

std::size_t Distributor::take_parts(std::string_view bytes, bool at_end) {
  if (to_.capture_max_bytes == 0) {
    take_part({Part::Kind::Output, bytes});
    return bytes.size();
  }
  const auto split = splitter_.split(bytes, at_end);
  for (const Part& part : split.parts) take_part(part);
  return split.accepted;
}

void Distributor::take_part(const Part& part) {
  if (part.kind == Part::Kind::Complete) return complete();
  std::string stripped;
  if (to_.strips_ansi) stripped = strip_ansi(part.bytes);
  const std::string_view bytes = to_.strips_ansi ? stripped : part.bytes;
  if (part.kind == Part::Kind::Captured) {
    captured_.add(bytes);
  } else {
    if (to_.has_lines()) {
      lines_ += bytes;
    } else if (to_.file) {
      to_.file->write(bytes);
    }
    if (to_.to_syslog) syslog_.send_lines(to_.process + " ", bytes);
  }
  if (to_.to_activity_log) log_.line(LogLevel::Debug, output_text(to_.process, to_.channel, bytes));
  if (to_.observed) to_.observed(bytes);
}

void Distributor::complete() {
  std::string text = captured_.take();
  if (to_.captured) to_.captured(std::move(text));
  log_.line(LogLevel::Debug, fmt::format("{} {} emitted a comm event", python_repr(to_.process), to_.channel));
}

void Distributor::forget_captured() { (void)captured_.take(); }

}  // namespace upkeep::logs
