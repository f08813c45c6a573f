#include "multilog/rotation.h"

#include <sys/stat.h>

#include <algorithm>

namespace upkeep::multilog {
namespace {

constexpr std::size_t kAgeBytes = 25;  // "@" and 24 digits
constexpr const char* kInterrupted = "u";

void append(Plan& plan, Plan more) { plan.insert(plan.end(), more.begin(), more.end()); }

Plan finish(const std::string& file, const std::string& suffix) { return {Keep{file, suffix}, Remove{file}, Purge{}}; }

bool is_complete(const std::optional<mode_t>& mode) { return mode && (*mode & S_IXUSR); }

}  // namespace

Portion next_portion(std::uint64_t written, std::uint64_t size, std::string_view bytes) {
  if (written >= size) return {0, true};
  const std::string_view fitting = bytes.substr(0, size - written);
  // The first byte which, as a newline, would end the file.
  const std::uint64_t window = size > kEndWindowBytes ? size - kEndWindowBytes : 0;
  const std::uint64_t first = window > written ? window - written - 1 : 0;
  const auto newline = first < fitting.size() ? fitting.find('\n', first) : std::string_view::npos;
  if (newline == std::string_view::npos) return {fitting.size(), false};
  return {newline + 1, true};
}

std::vector<std::string> excess_files(std::vector<std::string> names, std::uint64_t files) {
  std::erase_if(names, [](const std::string& name) { return name.size() < kAgeBytes || name.front() != '@'; });
  if (names.size() < files) return {};
  const auto excess = static_cast<std::ptrdiff_t>(names.size() - files + 1);
  std::ranges::stable_sort(names, {},
                           [](const std::string& name) { return std::string_view{name}.substr(0, kAgeBytes); });
  return {names.begin(), names.begin() + excess};
}

Plan start_plan(const Found& found, const std::string& finished_suffix) {
  if (is_complete(found.current)) return {ContinueCurrent{}};
  Plan plan{Discard{"state"}, Discard{"newstate"}};
  if (is_complete(found.processed)) {
    plan.push_back(Remove{"previous"});
    append(plan, finish("processed", finished_suffix));
  } else {
    plan.push_back(Remove{"processed"});
    if (found.previous) append(plan, finish("previous", kInterrupted));
  }
  if (found.current) append(plan, finish("current", kInterrupted));
  append(plan, {CreateState{}, CreateCurrent{}});
  return plan;
}

Plan rotation_plan(bool has_processor, const std::string& finished_suffix) {
  Plan plan{SyncFile{"current"}, Rename{"current", "previous"}, CreateCurrent{}, MarkComplete{"previous"}};
  if (!has_processor) {
    append(plan, finish("previous", finished_suffix));
    return plan;
  }
  append(plan, {RunProcessor{}, SyncFile{"processed"}, MarkComplete{"processed"}, SyncFile{"newstate"},
                Remove{"previous"}, Rename{"newstate", "state"}});
  append(plan, finish("processed", finished_suffix));
  return plan;
}

}  // namespace upkeep::multilog
