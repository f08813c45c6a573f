// A program of the configuration as a service directory: the state files of supervise below `servicedir`, so that
// svstat, svok, svc and scripts built on them work on it. The program keeps the policy of its section; this only shows
// what it does, and turns letters into what supervisorctl would ask for:
//
//   u   start            o   start, when it does not run      p c t h a i k q 1 2 w   the signal
//   d   stop, then CONT  x   nothing: its supervisor is the daemon, which stays
//
// Deposits: program:GROUP:NAME:dir, :lock, :control, :ok.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/supervised_process.h"
#include "services/service_files.h"

namespace upkeep::engine {

class ProgramDirectory {
 public:
  // Takes over what the last engine had, or makes the directory `path`, whose parent exists. Error: what could not be
  // done, daemontools' text and the errno; the program runs all the same.
  static Result<std::unique_ptr<ProgramDirectory>> open(SupervisedProcess& process, const std::string& path,
                                                        Surroundings& around);
  ProgramDirectory(const ProgramDirectory&) = delete;

  void changed();  // the process did
  void give_up();  // nobody supervises it here any more

 private:
  ProgramDirectory(SupervisedProcess& process, std::string path, Surroundings& around, Fd directory,
                   services::ServiceFiles files);
  std::string deposit_name(const char* what) const { return "program:" + process_.slot() + ":" + what; }
  Result<void> begin(bool is_new);
  bool is_receptive() const { return !process_.awaits_keeper() && !process_.is_ending(); }
  void read_commands();
  void command(char letter);
  void write_status();

  SupervisedProcess& process_;
  std::string path_;  // for messages
  Surroundings& around_;
  Fd directory_;
  services::ServiceFiles files_;
  wire::StatusRecord record_;  // as it was written last
  bool is_paused_ = false;
  os::Watch control_watch_;
};

}  // namespace upkeep::engine
