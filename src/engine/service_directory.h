// One service directory under supervision, as supervise does it: lock, fifos and status on disk, commands that come in,
// scripts that are started in it. Everything that must not be lost with an engine is a deposit:
//
//   service:SLOT:dir, :lock, :control, :ok     descriptors of the directory and of its state files
//   service:SLOT:log-read, :log-write          pipe to the `log` script (daemontools-encore), if there is one
//   service:SLOT:ready                         where `run` is to say that it is ready, while it has not
//
// SLOT is "GROUP:DEVICE-INODE", with "/log" behind it for the logger of a pair. `#log` behind that is the slot of a
// `log` script, and what follows a '!' are errands: `control/C` and `notify` scripts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/errands.h"
#include "engine/service.h"
#include "engine/status_queue.h"
#include "engine/supervisor.h"
#include "services/service_files.h"

namespace upkeep::engine {

// What all directories of a group share.
struct ServiceSurroundings {
  const config::ServiceSource& source;
  Supervisor& supervisor;
  std::string group;
  StatusQueue& statuses;
  std::function<void(const std::string& text, int code)> warn;  // "unable to ...": "supervise: warning: ...: REASON"
};

class ServiceDirectory {
 public:
  struct Place {
    std::string slot;
    std::string name;  // of its process
    Fd directory;
  };
  // The pipe of a service and its logger, borrowed; -1: there is none.
  struct Ends {
    int input = -1, output = -1;
  };

  // Takes the directory, and starts what is to be started. Error: as ServiceFiles::acquire() has it; nothing was done.
  static Result<std::unique_ptr<ServiceDirectory>> take(const ServiceSurroundings& around, Place place, Ends ends,
                                                        std::function<void()> left);
  // From the deposits of the last engine, and the keeper's snapshot. Null: they are not complete.
  static std::unique_ptr<ServiceDirectory> resume(const ServiceSurroundings& around, const std::string& slot,
                                                  std::string name, Ends ends, Snapshot& snapshot, core::Mood mood,
                                                  std::function<void()> left);
  ~ServiceDirectory();
  ServiceDirectory(const ServiceDirectory&) = delete;

  void command(char letter);
  void rename(const std::string& name);
  // Gives everything back: nobody supervises any more. Before that, all processes are gone. The object goes at the end
  // of the turn, after its processes: whoever is telling of one of them may still look at it.
  static void retire(std::unique_ptr<ServiceDirectory> directory);

  const std::string& name() const { return name_; }
  bool is_gone() const { return is_gone_; }
  bool is_running() const;
  std::string path() const;  // where the directory is now

 private:
  class Part;

  ServiceDirectory(const ServiceSurroundings& around, Place place, services::ServiceFiles files, Ends ends,
                   std::function<void()> left);
  void make_parts(bool has_log_script);
  Result<void> begin(bool is_down, const std::string& shown);
  void deposit_all();
  void give_up();
  std::string deposit_name(const char* what) const { return "service:" + slot_ + ":" + what; }
  Result<void> listen();
  bool is_receptive() const;
  void read_commands();
  void take_byte(char byte);
  void changed();
  void left(const Part& part);
  bool write_status();  // false: it is as it was
  bool has_encore_files() const;
  std::string shown() const;

  ServiceSurroundings around_;
  Surroundings& engine_;
  std::string slot_, name_;
  Fd directory_;
  services::ServiceFiles files_;
  Ends ends_;
  std::function<void()> left_;
  Pipe log_pipe_;  // of a log script
  std::unique_ptr<Part> main_, log_script_;
  bool to_log_ = false, to_group_ = false;  // whom the next commands are for
  bool is_gone_ = false, is_long_record_ = false;
  bool status_is_due_ = false;                                    // it waits in the queue
  std::shared_ptr<const char> alive_ = std::make_shared<char>();  // for what is deferred
  std::string last_status_;
  std::uint32_t last_pid_ = 0;  // in it, of the service
  os::Watch control_watch_;
};

}  // namespace upkeep::engine
