// A plain log file that rotates by size, as Supervisor's stdout_logfile and logfile do (Supervisor loggers.py
// RotatingFileHandler). Also whatever else a path may name: /dev/null, a fifo, a terminal.
//
// A regular file is written at its present end, found by fstat before every call: without O_APPEND, which splice
// refuses, and yet a file that somebody truncated or appended to is continued, not holed. Two processes on one file
// still race; two sinks in one thread do not. Chunks are never split over two files, so a file exceeds its limit by up
// to one chunk.
//
// Everything else is written non-blocking and never rotated, renamed or unlinked; what does not fit is dropped and
// counted. A fifo is opened for reading and writing, so that it needs no reader yet and survives the one it has.
//
// Trouble (disk full, quota, file size limit, read-only, directory gone) drops the bytes and counts them. Every later
// write tries again, opening the file first if need be.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.h"
#include "logs/losses.h"
#include "logs/sink.h"
#include "os/file.h"

namespace upkeep::logs {

struct FileSettings {
  std::int64_t max_bytes = 0;  // rotate once the file is this long; 0 or less: never
  int backups = 0;             // F.1 (youngest) ... F.backups; 0: the file is truncated instead
  mode_t mode = 0666;          // of a file that we create, subject to the umask; AUTO logs: 0600
};

class FileSink : public Sink {
 public:
  // Called after every change of the open file, its end included: what it was and what it is; {0, 0} stands for none.
  using Moved = std::function<void(const os::FileId& before, const os::FileId& after)>;

  // Creates the file or continues it. The directory must exist.
  static Result<std::shared_ptr<FileSink>> open(std::string path, FileSettings settings, TroubleReport report = {});

  ~FileSink() override;

  void write(std::string_view bytes) override;
  Result<std::size_t> splice_from(int source, std::size_t most) override;
  void reopen() override;
  Result<void> remove() override;

  const std::string& path() const { return path_; }
  const os::FileId& id() const { return id_; }
  std::uint64_t dropped() const { return losses_.total(); }
  void on_moved(Moved moved) { moved_ = std::move(moved); }

 private:
  enum class Kind { Regular, Null, Special };

  FileSink(std::string path, FileSettings settings, TroubleReport report);

  Result<void> open_now(int more_flags);  // closes what is open first
  Result<void> open_by_name(int more_flags);
  bool ready();  // the file is open, now if not before; else errno says why not
  std::optional<off_t> end_of_file() const;
  std::size_t write_at(off_t end, std::string_view bytes) const;
  std::size_t lose_from(int source, std::size_t most, int why);
  void rotate_if_due(off_t size);
  Result<void> rotate();

  std::string path_;
  FileSettings settings_;
  Losses losses_;
  Losses rotation_trouble_;  // loses nothing; tells when rotation begins and ceases to fail
  Fd file_;                  // empty: could not be opened, the next write tries again
  Kind kind_ = Kind::Regular;
  os::FileId id_;
  off_t rotate_at_;
  Moved moved_;
};

}  // namespace upkeep::logs
