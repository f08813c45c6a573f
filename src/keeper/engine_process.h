// The engine as a child process: started from the image that runs now, whatever became of the file on disk.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"
#include "keeper/oom_score.h"

namespace upkeep::keeper {

class EngineProcess {
 public:
  explicit EngineProcess(std::vector<std::string> argv);  // of supervisord; the engine gets it behind its own name
  // Starts an engine with its end of a fresh socket pair on descriptor 3.
  Result<void> start(const OomScore& oom_score);
  // One that was started by the image that we were before.
  void resume(pid_t pid, Fd socket);
  // Becomes `image` with the command line of the keeper. Returns only when that failed; errno says why.
  void execute_as_keeper(int image);
  void close_socket() { socket_.reset(); }
  void ended() { pid_ = 0; }
  void kill(int signal) const;

  pid_t pid() const { return pid_; }            // 0: none
  int socket() const { return socket_.get(); }  // -1: none

 private:
  std::vector<std::string> argv_;
  Fd image_, socket_;
  pid_t pid_ = 0;
};

}  // namespace upkeep::keeper
