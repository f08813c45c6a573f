// The files by which supervise is known: `lock`, `control`, `ok` and `status` in a service's state directory. Whoever
// holds these descriptors is the service's supervisor; they outlive an engine as deposits, so that commands that wait
// in `control` do, too.
//
//   lock      empty, 0600; a flock on it is held
//   control   fifo, 0600; each byte is a command. Open for reading and writing, or it would be at its end at once
//   ok        fifo, 0600; it can be opened for writing exactly while somebody supervises
//   status    18 or 20 bytes (wire/status_record.h), 0644, replaced as a whole by status.new
//
// Whoever loses the race for the lock has changed nothing but the directory's existence. Fifos that exist are used as
// they are: their modes and owners are how an administrator delegates control.
#pragma once

#include <optional>
#include <string>

#include "base/fd.h"
#include "os/file.h"
#include "wire/status_record.h"

namespace upkeep::services {

class ServiceFiles {
 public:
  // Makes what is missing, and takes the lock. `directory` is the service's, borrowed; `state` is relative to it or
  // absolute (base/state_directory.h). Error: daemontools' text up to the colon before the reason, with `shown` in it
  // ("unable to acquire web/supervise/lock", or without "web/" when it is empty), and the errno; EAGAIN: somebody else
  // has the lock.
  static Result<ServiceFiles> acquire(int directory, const std::string& shown, std::string state);
  // What the last engine had.
  ServiceFiles(int directory, std::string state, Fd lock, Fd control, Fd ok);

  // Opens `ok`: from now on the service counts as supervised. After the first status.
  Result<void> announce(const std::string& shown);
  // Somebody else may have it from now on, however many hold the descriptor.
  void unlock() const;
  // Of the last engine's descriptor, which that one may have unlocked in its last moment. False: somebody else has it.
  bool lock_again() const;
  // What `status` holds; none: nothing that is one.
  std::optional<wire::Status> read_status() const;
  // Error as above: "unable to write web/supervise/status.new".
  Result<void> write_status(const wire::Status& status, const std::string& shown) const;

  const Fd& lock() const { return lock_; }
  const Fd& control() const { return control_; }
  const Fd& ok() const { return ok_; }

 private:
  ServiceFiles(int directory, std::string state) : directory_(directory), state_(std::move(state)) {}
  std::string path(const char* name) const { return state_ + "/" + name; }
  bool put_in_place(const std::string& fresh, const std::string& status) const;  // false: errno says why not

  int directory_;  // borrowed
  std::string state_;
  Fd lock_, control_, ok_;
};

}  // namespace upkeep::services
