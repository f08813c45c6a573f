// When a log file is full, which old ones go, and what is done to a directory in which order. Pure.
//
// A file ends after the first newline that makes it at least size - 2000 bytes long, or in the middle of a line at
// exactly `size` bytes: so where files end depends on the bytes alone, not on how they arrived. (The original looks at
// chunks of up to 1000 bytes and ends at the last newline of the chunk that gets there, within the same limits.)
//
// A plan is a list of steps, each of which the file system does whole or not at all. After any number of them the next
// start_plan() goes on without losing a byte: see docs/multilog.md, "After a crash".
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace upkeep::multilog {

inline constexpr std::uint64_t kEndWindowBytes = 2000;

struct Portion {
  std::size_t bytes = 0;        // of those at hand, to be written to the file
  bool completes_file = false;  // after them the file is rotated
  bool operator==(const Portion&) const = default;
};

// What of `bytes` goes into a file that holds `written` bytes and is to have no more than `size`. No bytes, and
// completes_file: the file was full before.
Portion next_portion(std::uint64_t written, std::uint64_t size, std::string_view bytes);

// Of the names in a directory those to be removed, so that less than `files` old ones are left: the first 25 bytes are
// the age, smallest first. Every name of at least 25 bytes that begins with "@" counts, whoever made it.
std::vector<std::string> excess_files(std::vector<std::string> names, std::uint64_t files);

// Modes tell a restart how far the last run came: the owner's x bit says that a file is complete and on disk.
inline constexpr mode_t kOpenMode = 0644;
inline constexpr mode_t kCompleteMode = 0744;

struct Discard {
  std::string file;
};  // whatever comes of it
struct Remove {
  std::string file;
};  // gone already is as good
struct SyncFile {
  std::string file;
};  // onto the disk
struct MarkComplete {
  std::string file;
};  // to kCompleteMode
struct Rename {
  std::string from, to;
};
struct Keep {
  std::string file, suffix;
};                          // a second name @STAMP.suffix, unless it has one from an earlier run
struct Purge {};            // excess_files() go
struct RunProcessor {};     // until it succeeds
struct CreateState {};      // an empty one
struct CreateCurrent {};    // and write to it from now on
struct ContinueCurrent {};  // the one that is there, from its end on
using Step = std::variant<Discard, Remove, SyncFile, MarkComplete, Rename, Keep, Purge, RunProcessor, CreateState,
                          CreateCurrent, ContinueCurrent>;
using Plan = std::vector<Step>;

struct Found {  // by a start: the modes of the files that exist
  std::optional<mode_t> current, previous, processed;
};

// A complete `current` is continued and nothing else touched. Otherwise what the last run left is finished: output of a
// processor that is complete takes the place of `previous`, everything else keeps its bytes as @STAMP.u.
Plan start_plan(const Found& found, const std::string& finished_suffix);

// `current` is full. With a processor its output is what stays.
Plan rotation_plan(bool has_processor, const std::string& finished_suffix);

}  // namespace upkeep::multilog
