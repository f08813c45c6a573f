// Rotation of a log file by size: which files to delete and rename, and when. Pure: sizes and numbers in, steps out.
// Source: Supervisor loggers.py RotatingFileHandler (the main log and the logs of programs).
//
// A file F has the backups F.1 (youngest) to F.N; number 0 stands for F itself. Backups above N, left from a formerly
// larger N, are not touched.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace upkeep::core {

struct RemoveFile {
  int number = 0;
  bool operator==(const RemoveFile&) const = default;
};
struct RenameFile {
  int from = 0, to = 0;
  bool operator==(const RenameFile&) const = default;
};
using RotationStep = std::variant<RemoveFile, RenameFile>;

// Asked after each write of a whole chunk; chunks are never split. max_bytes <= 0: never.
bool is_rotation_due(std::int64_t position, std::int64_t max_bytes);

// What to do between closing F and opening it again with truncation, in order. `existing`: the numbers of the backups
// that exist. A file that is missing after all (ENOENT) is no error to whoever performs a step. No backups wanted: no
// steps, the truncation is all.
std::vector<RotationStep> plan_rotation(int backups, const std::set<int>& existing);

std::string backup_path(const std::string& path, int number);  // "F" for 0, else "F.3"

}  // namespace upkeep::core
