// multilog's command line: a script of one word an action, which every line of the input runs through.
//
// The first byte of a word decides (https://cr.yp.to/daemontools/multilog.html); words that begin with anything else
// are ignored without a message, also empty ones, because scripts exist that live on that. Nothing is a syntax error.
//
//   -PATTERN +PATTERN   deselect, select the line (it begins selected)
//   e                   a selected line goes to standard error
//   =FILE               a selected line goes to the front of FILE
//   t                   first word only: each line begins with a TAI64N label
//   sSIZE nCOUNT !CMD   for the directories that follow: file size, number of files, processor
//   .PATH /PATH         a selected line goes to this log directory
//   h hT                first word only, ours: each line begins with a date for people (stamp.h)
//
// In encore's dialect also T (first word: seconds.microseconds), F and S (patterns that follow are the shell's, are
// simple), wCODE (suffix of finished files, "s" by default) and sizes up to 2147483647. There F and S count from where
// they stand for every line alike; encore itself forgets to go back to S before the second line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/dialect.h"
#include "multilog/pattern.h"
#include "multilog/stamp.h"

namespace upkeep::multilog {

inline constexpr std::uint64_t kFileBytesMin = 4096;
inline constexpr std::uint64_t kFileBytesMax = 16777215;
inline constexpr std::uint64_t kFileBytesMaxEncore = 2147483647;
inline constexpr std::uint64_t kFileBytesDefault = 99999;
inline constexpr std::uint64_t kFilesMin = 2;
inline constexpr std::uint64_t kFilesDefault = 10;

struct DirectorySettings {
  std::string path;
  std::uint64_t file_bytes = kFileBytesDefault;
  std::uint64_t files = kFilesDefault;   // with `current`: so one less is kept beside it
  std::optional<std::string> processor;  // for /bin/sh -c; an empty one runs, too, and leaves nothing of the file
  std::string finished_suffix = "s";
  bool operator==(const DirectorySettings&) const = default;
};

struct Select {
  Pattern pattern;
  bool operator==(const Select&) const = default;
};
struct Deselect {
  Pattern pattern;
  bool operator==(const Deselect&) const = default;
};
struct ToStandardError {
  bool operator==(const ToStandardError&) const = default;
};
struct ToStatusFile {
  std::size_t index;  // into Script::status_files
  bool operator==(const ToStatusFile&) const = default;
};
struct ToDirectory {
  std::size_t index;  // into Script::directories
  bool operator==(const ToDirectory&) const = default;
};
using Action = std::variant<Select, Deselect, ToStandardError, ToStatusFile, ToDirectory>;

struct Script {
  StampFormat stamp = StampFormat::None;
  std::vector<Action> actions;  // in the order of the words
  std::vector<DirectorySettings> directories;
  std::vector<std::string> status_files;
  bool operator==(const Script&) const = default;
};

Script parse_script(const std::vector<std::string>& words, Dialect dialect);

}  // namespace upkeep::multilog
