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
// Trouble (disk full, quota, file size limit, read-only) drops the bytes and counts them; every later write tries
// again. A file that cannot be opened by its name, be it at first, after a rotation or when asked to reopen, is tried
// again by later writes, at most once in kOpenAgainAfter. Until then what was open before is written on, if it has a
// name left, so that nothing is lost when only the name is in trouble. A file that somebody removed, or whose directory
// or file system is gone, is created anew by the next write. No write, no attempt: there is no timer.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/time.h"
#include "logs/losses.h"
#include "logs/sink.h"
#include "os/file.h"

namespace upkeep::logs {

inline constexpr Duration kOpenAgainAfter{std::chrono::seconds{1}};

struct FileSettings {
  std::int64_t max_bytes = 0;  // rotate once the file is this long; 0 or less: never
  int backups = 0;             // F.1 (youngest) ... F.backups; 0: the file is truncated instead
  mode_t mode = 0666;          // of a file that we create, subject to the umask; AUTO logs: 0600
};

class FileSink : public Sink {
 public:
  // Called after every change of the open file, its end included: what it was and what it is; {0, 0} stands for none.
  using Moved = std::function<void(const os::FileId& before, const os::FileId& after)>;

  using Clock = std::function<Instant()>;

  // Creates the file or continues it. The directory must exist.
  static Result<std::shared_ptr<FileSink>> open(std::string path, FileSettings settings, TroubleReport report = {},
                                                Clock clock = monotonic_now);

  // Without a file as yet. It is opened by open(), or else by a write.
  FileSink(std::string path, FileSettings settings, TroubleReport report, Clock clock);
  ~FileSink() override;

  // Opens it by name. A failure is the caller's to deal with, and reported to nobody else...
  Result<void> open();
  // ...or is reported, once, like all trouble.
  Result<void> open_or_report();

  void write(std::string_view bytes) override;
  Result<std::size_t> splice_from(int source, std::size_t most) override;
  void reopen() override { (void)open_or_report(); }
  Result<void> remove() override;
  OpenFile open_file() const override { return {file_.get(), id_}; }

  const std::string& path() const { return path_; }
  bool is_open() const { return static_cast<bool>(file_); }
  const os::FileId& id() const { return id_; }  // {0, 0}: not open
  std::uint64_t dropped() const { return losses_.total(); }
  void on_moved(Moved moved) { moved_ = std::move(moved); }

 private:
  enum class Kind { Regular, Null, Special };

  Result<void> open_by_name(int more_flags);
  void drop_nameless();  // closes the file if it was removed: nobody could ever read what is written to it
  void say_name_trouble(const Error& error);
  bool is_left_behind();
  bool ready();  // something is open to write to, now if not before; else errno says why not
  // Where the next byte goes, in a file that readers can find. Otherwise errno says why not.
  std::optional<off_t> place_to_write();
  std::size_t write_at(off_t end, std::string_view bytes) const;
  std::size_t lose_from(int source, std::size_t most, int why);
  void rotate_if_due(off_t size);
  const std::string path_;
  const FileSettings settings_;
  const TroubleReport report_;
  Losses losses_;
  Losses name_trouble_;  // loses nothing; tells when rotating or reopening begins and ceases to fail
  Clock clock_;
  Fd file_;                 // empty: could not be opened
  bool strayed_ = false;    // file_ is not what the name says: that could not be opened
  bool removed_ = false;    // by us, and not opened again yet
  Instant next_attempt_{};  // to open it; while it is open, to look whether it is still where its name says
  int last_failure_ = 0;    // errno of the last attempt
  Kind kind_ = Kind::Regular;
  os::FileId id_;
  off_t rotate_at_;
  Moved moved_;
};

}  // namespace upkeep::logs
