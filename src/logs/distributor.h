// Carries the output of one channel of a process to everybody who has to see its bytes, in Supervisor's order
// (dispatchers.py POutputDispatcher): marked texts are taken out (logs/capture_splitter.h), escapes are stripped
// (logs/ansi.h), then the log file, syslog, and the activity log at level debug get what is left. Where the file is to
// have whole lines (logs/line_format.h), nothing is accepted of a line until it is whole: it stays in the pipe.
//
// Only needed where is_needed(): else the bytes are spliced to the log file and nobody touches them.
//
// What an engine that is killed takes along: a marked text whose end has not come yet. What follows of it, the end
// token included, is then ordinary output. Nothing else: see logs/channel.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "logs/activity_log.h"
#include "logs/capture_splitter.h"
#include "logs/captured_text.h"
#include "logs/line_format.h"
#include "logs/sink.h"
#include "logs/syslog.h"

namespace upkeep::logs {

struct Distribution {
  std::string process;         // its name, for syslog and the activity log
  std::string_view channel;    // "stdout" or "stderr"; static
  std::shared_ptr<Sink> file;  // null: none
  LineFormat format{};         // of what the file gets
  bool strips_ansi = false;
  bool to_syslog = false;
  bool to_activity_log = false;                      // what is captured, too
  std::int64_t capture_max_bytes = 0;                // 0: nothing is captured
  std::function<void(std::string)> captured{};       // gets every marked text once it is complete; may be empty
  std::function<void(std::string_view)> observed{};  // sees every piece, of marked texts as well; may be empty

  bool is_needed() const {
    return strips_ansi || to_syslog || to_activity_log || capture_max_bytes != 0 || observed || has_lines();
  }
  bool has_lines() const { return file && !format.is_raw(); }
};

class Distributor {
 public:
  // `log` and `syslog` are borrowed for life.
  Distributor(Distribution distribution, ActivityLog& log, Syslog& syslog);
  ~Distributor();  // a marked text that was begun and never ended is told of
  Distributor(const Distributor&) = delete;

  // Deals with bytes from the front and returns how many; the rest, at most kUndecidedBytes or an unfinished line, has
  // to be given again with what follows. With `at_end`, when nothing follows, it takes all.
  std::size_t take(std::string_view bytes, bool at_end);

  void forget_captured();  // of a marked text in progress, what has come so far; clearing the logs does that

 private:
  std::size_t take_parts(std::string_view bytes, bool at_end);
  void take_part(const CaptureSplitter::Part& part);
  void complete();

  Distribution to_;
  ActivityLog& log_;
  Syslog& syslog_;
  CaptureSplitter splitter_;
  CapturedText captured_;
  std::string lines_;  // for the file; empty between calls
};

}  // namespace upkeep::logs
