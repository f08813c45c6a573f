// The service directories of the programs, below `servicedir` (program_directory.h). Named as supervisorctl names the
// processes: NAME, or GROUP:NAME where the two differ.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/program_directory.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

class ProgramDirectories {
 public:
  ProgramDirectories(std::string directory, Supervisor& supervisor);

  void sync();   // one for each process there is now, none for those that are gone
  void close();  // the daemon ends

 private:
  void open(SupervisedProcess& process);

  std::string directory_;
  Supervisor& supervisor_;
  std::map<const SupervisedProcess*, std::unique_ptr<ProgramDirectory>> programs_;
};

}  // namespace upkeep::engine
