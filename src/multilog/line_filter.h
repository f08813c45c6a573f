// The script at work: input bytes in, lines for standard error, status files and directories out. Pure and incremental.
//
// A line is stamped, then runs through the actions; each directory, status file and `e` takes it if it is selected at
// that place of the script. Nothing of a line goes anywhere before its newline is there, or the first 1000 bytes of it
// (stamp included): then the script decides by those, and the rest of the line follows to the same directories
// unexamined, as it comes.
//
//   for (view = input; !view.empty();) {
//     const std::size_t taken = filter.take(view, now, LineFilter::Until::NoMoreLines, outputs);
//     ... write outputs, clear them, give back `taken` bytes ...
//     if (taken == 0) break;  // the beginning of a line, to be shown again with more behind it
//   }
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "multilog/chosen_lines.h"
#include "multilog/script.h"
#include "multilog/stamp.h"

namespace upkeep::multilog {

inline constexpr std::size_t kLineWindowBytes = kPatternWindowBytes;  // examined, of a line with its stamp
inline constexpr std::size_t kStandardErrorLineBytes = 200;           // of a longer line these and "..."

struct Outputs {
  explicit Outputs(const Script& script)
      : directories(script.directories.size()), status_lines(script.status_files.size()) {}

  struct StatusLine {
    std::size_t order = 0;  // of two lines for the same file under two names the later has the greater; 0: no line
    std::string text;       // at most kLineWindowBytes, without a newline
  };

  void clear();

  std::vector<ChosenLines> directories;
  std::string standard_error;
  std::vector<StatusLine> status_lines;  // of a batch only the last line matters to a status file
};

class LineFilter {
 public:
  explicit LineFilter(Script script);

  enum class Until { NoMoreLines, EndOfLine };

  // Takes whole lines, and what may go out of a long one, off the front of `input`; EndOfLine: no more than one line.
  // Returns how many bytes: less than everything where a line has begun but not ended, or the outputs are full.
  std::size_t take(std::string_view input, WallTime now, Until until, Outputs& outputs);

  // The input has ended: `rest` is what the last take() left. An unfinished line is treated as if it ended here.
  void finish(std::string_view rest, WallTime now, Outputs& outputs);

  // Whether the input so far ended with a line. `rest` as above.
  bool is_between_lines(std::string_view rest) const { return rest.empty() && !in_long_line_; }

 private:
  static constexpr std::size_t kMostOfALineBytes = 256u << 10;  // of a long line, at once

  bool is_full(const Outputs& outputs) const;
  std::string_view stamp();
  void begin_line(std::string_view line, Outputs& outputs);
  std::string_view examined_part(std::string_view stamp, std::string_view line);
  void run_script(std::string_view examined, Outputs& outputs);
  void send(std::string_view stamp, std::string_view piece, Outputs& outputs);

  Script script_;
  Stamper stamper_;
  bool selects_everything_;        // each directory gets each line as it came
  bool examines_;                  // some action looks at the line
  std::size_t stamp_bytes_;        // as far as it counts for the window
  std::vector<char> is_selected_;  // by directory: whether it gets the present line
  bool in_long_line_ = false;      // its front is out, its newline is not here yet
  std::string held_stamp_;         // of the line whose beginning was left in the input
  std::string head_;               // examined_part() of a stamped line
  std::size_t lines_ = 0;          // examined so far
};

}  // namespace upkeep::multilog
