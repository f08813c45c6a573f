// One sink per file, whatever its name: programs that share a log file share the sink, so that they do not rotate it
// under each other. The settings of whoever opened it first win; after a rotation all follow to the new file.
//
// /dev/stdout and /dev/stderr (also /dev/fd/N, /proc/self/fd/N) mean the daemon's inherited stdout and stderr, which
// are never opened by name: that could block, and would start a regular file at position 0.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "logs/file_sink.h"
#include "logs/sink.h"

namespace upkeep::logs {

class SinkRegistry {
 public:
  // The sinks for the inherited stdout and stderr must not be null. `report` hears of the troubles of every file.
  SinkRegistry(std::shared_ptr<Sink> out, std::shared_ptr<Sink> err, TroubleReport report);
  SinkRegistry(const SinkRegistry&) = delete;

  // The sink for a path, created if nobody has it open. It closes when its last holder lets go.
  Result<std::shared_ptr<Sink>> open(const std::string& path, std::int64_t max_bytes, int backups, mode_t mode = 0666);

  void reopen_all();  // SIGUSR2: every file of this registry that is open, the activity log's included

 private:
  struct Hash {
    std::size_t operator()(const os::FileId& id) const {
      return std::hash<std::uint64_t>{}(id.inode ^ id.device << 48);
    }
  };
  // A file renamed or linked from outside may end up with two sinks; they take turns at its end, but rotate each by
  // itself.
  using Index = std::unordered_multimap<os::FileId, std::weak_ptr<FileSink>, Hash>;

  std::shared_ptr<Sink> stdio_sink(const std::string& path) const;  // null: an ordinary path
  std::shared_ptr<FileSink> find(const os::FileId& id) const;       // null: nobody has it open

  std::shared_ptr<Sink> out_, err_;
  TroubleReport report_;
  std::shared_ptr<Index> index_;  // shared with the sinks, which may outlive us and keep their entry right
};

}  // namespace upkeep::logs
