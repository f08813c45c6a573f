// The loop of multilog: input through the filter into files, signals between.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "multilog/input.h"
#include "multilog/line_filter.h"
#include "multilog/log_directory.h"
#include "multilog/status_file.h"
#include "multilog/trouble.h"

namespace upkeep::multilog {

class Logger {
 public:
  Logger(const Script& script, Trouble& trouble);

  // Opens files and directories in the order of the script. The error is what to say before giving up.
  Result<void> open();

  // Until the input ends, or SIGTERM came and the line that had begun is complete; then closes everything. Both signals
  // are to be blocked; they come by `signals`, a non-blocking signalfd: TERM as said, ALRM rotates what is not empty.
  Result<void> run(int input, int signals);

 private:
  struct Asked {
    bool to_stop = false, to_rotate = false;
  };
  static Asked read_signals(int signals);
  bool pass_on(Input& input, LineFilter::Until until);
  void write_outputs();
  void close();

  Script script_;
  LineFilter filter_;
  Outputs outputs_;
  std::vector<LogDirectory> directories_;
  std::vector<StatusFile> status_files_;
};

}  // namespace upkeep::multilog
