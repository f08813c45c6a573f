// One sink per file, whatever its name: programs that share a log file share the sink, so that they do not rotate it
// under each other. The settings of whoever opened it first win; after a rotation all follow to the new file.
//
// /dev/stdout and /dev/stderr (also /dev/fd/N, /proc/self/fd/N) mean the daemon's inherited stdout and stderr, which
// are never opened by name: that could block, and would start a regular file at position 0. Other descriptors' numbers
// mean nothing: those of the engine are its own affair.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "logs/file_sink.h"
#include "logs/sink.h"

namespace upkeep::logs {

class SinkRegistry {
 public:
  // The sinks for the inherited stdout and stderr must not be null. `report` hears of the troubles of every file.
  SinkRegistry(std::shared_ptr<Sink> out, std::shared_ptr<Sink> err, TroubleReport report,
               FileSink::Clock clock = monotonic_now);
  SinkRegistry(const SinkRegistry&) = delete;

  // The sink for a path, created if nobody has it open. It closes when its last holder lets go.
  Result<std::shared_ptr<Sink>> open(const std::string& path, std::int64_t max_bytes, int backups, mode_t mode = 0666);

  // The same, but a file that cannot be opened is no failure: its sink says so once, counts what it loses, and opens
  // the file as soon as that is possible. `trouble`: why it could not be opened now. No sink: it never will be.
  struct Opened {
    std::shared_ptr<Sink> sink;
    std::optional<Error> trouble{};
  };
  Opened open_sooner_or_later(const std::string& path, std::int64_t max_bytes, int backups, mode_t mode = 0666);

  // Before an engine leaves: what waits for a slow reader of our stdout or stderr goes out, if it does so soon.
  void settle();

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

  Result<std::shared_ptr<Sink>> stdio_sink(const std::string& path, long long number) const;
  std::shared_ptr<FileSink> find(const os::FileId& id) const;             // null: nobody has it open
  std::shared_ptr<FileSink> find_waiting(const std::string& path) const;  // for its file; null: nobody
  std::shared_ptr<FileSink> enroll(std::shared_ptr<FileSink> sink);       // returns whoever has its file open already

  std::shared_ptr<Sink> out_, err_;
  TroubleReport report_;
  FileSink::Clock clock_;
  std::shared_ptr<Index> index_;  // shared with the sinks, which may outlive us and keep their entry right
};

}  // namespace upkeep::logs
