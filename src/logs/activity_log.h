// The daemon's own log: "YYYY-MM-DD HH:MM:SS,mmm LEVL message", local time, milliseconds truncated (Supervisor
// loggers.py). To a file that rotates, or to syslog, and beside it to stdout when in the foreground. Text of several
// lines is written as it is. Lines logged before open() go to the echo only: whoever starts us keeps them for later.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/log_level.h"
#include "base/output_format.h"
#include "base/time.h"
#include "logs/sink_registry.h"
#include "logs/syslog.h"

namespace upkeep::logs {

class ActivityLog {
 public:
  explicit ActivityLog(LogLevel threshold) : threshold_(threshold) {}

  // Where lines go besides the file; null: nowhere. As Json each is an object, among those of the programs:
  // {"time":"2026-01-31T23:59:59.123456Z","program":"supervisord","level":"INFO","line":"..."}
  void set_echo(std::shared_ptr<Sink> echo, OutputFormat format = OutputFormat::Raw) {
    echo_ = std::move(echo);
    echo_format_ = format;
  }

  // The word "syslog" means the syslog daemon; any other text is a path, opened through the registry, so that a program
  // may log to the same file. Replaces what was open before.
  Result<void> open(SinkRegistry& sinks, const std::string& logfile, std::int64_t max_bytes, int backups);

  // The same for a daemon that runs already, whom no disk may keep from going on: a file that cannot be opened is
  // trouble, reported like all trouble of a log that is open.
  void resume(SinkRegistry& sinks, const std::string& logfile, std::int64_t max_bytes, int backups);

  // Instead of all that: lines of WARN and above go to `sink` as "NAME: warning: text", for a daemon whose log is its
  // standard error.
  void speak(std::string name, std::shared_ptr<Sink> sink);

  void line(LogLevel level, std::string_view text);
  // A line in daemontools' words, "svscan: warning: ...", which is WARN where there is a log.
  void complain(std::string_view line);
  bool wants(LogLevel level) const { return level >= threshold_; }
  void set_threshold(LogLevel threshold) { threshold_ = threshold; }

  // What a line begins with, its trailing blank included.
  std::string line_prefix(LogLevel level, WallTime when);

  // One line about a sink's trouble. A TroubleReport may call it even when the sink is this log's own file.
  void report(const SinkTrouble& trouble);

  // Called after a line when the file it went to is another than before: rotated, opened anew, or none (-1) any more.
  void on_file(std::function<void(int fd)> changed);

  void reopen();  // SinkRegistry::reopen_all() includes it
  // XML-RPC clearLog: removes the file, says so in it, and starts anew. Error with code ENOENT: there is no file (or
  // the log goes to syslog): NO_FILE. Any other error: it cannot be removed, FAILED, and the log goes on as before.
  Result<void> clear();

 private:
  void write_to(std::shared_ptr<Sink> file);
  void write_to_syslog();
  void tell_file();
  LogLevel threshold_;
  std::shared_ptr<Sink> file_, echo_;
  OutputFormat echo_format_ = OutputFormat::Raw;
  std::unique_ptr<Syslog> syslog_;
  OpenFile told_;  // to file_changed_
  std::function<void(int fd)> file_changed_;
  std::string voice_;                // empty: an ordinary log
  std::time_t stamped_second_ = -1;  // of stamp_, which most lines can reuse
  std::string stamp_;
};

}  // namespace upkeep::logs
