// A folder of service directories, on disk, and the letters that users write into their fifos. Directories of each kind
// that daemontools, daemontools-encore and runit know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/fd.h"
#include "simulation/random.h"

namespace upkeep::simulation {

class ScanFolder {
 public:
  struct Service {
    std::string name, slot;  // of its process: "svc:DEVICE-INODE"
    bool has_log = false, is_down = false, has_start = false, has_stop = false;
    // What users last asked for; 0: nobody can say, as it left, or a script of it failed.
    char want = 'u';
    std::map<int, int> orders;  // how many letters asked for a signal, by its number
    bool was_told_to_leave = false;
    std::string logger() const { return slot + "/log"; }
  };
  static constexpr const char* kGroup = "svc";

  // The names of slots come in the order of the services, so that a seed gives the same run on every disk.
  ScanFolder(std::string path, Random& random);

  const std::string& path() const { return path_; }
  std::vector<Service>& services() { return services_; }
  const std::vector<Service>& services() const { return services_; }
  // To whom a slot belongs, be it a logger's or an errand's; null: to none of ours.
  Service* of_slot(const std::string& slot);

  // False: nobody supervises it.
  bool send(const Service& service, bool to_logger, char letter) const;
  bool is_supervised(const Service& service, bool logger) const;
  bool is_locked(const Service& service, bool logger) const;
  void take_a_letter() const;  // out of each fifo, as a careless engine might

 private:
  void make(Service& service, const std::vector<std::string>& files);
  bool make_all(Random random);
  std::string state(const Service& service, bool logger) const;

  std::string path_;
  std::vector<Service> services_;
};

}  // namespace upkeep::simulation
