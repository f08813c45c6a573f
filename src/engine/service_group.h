// A group whose processes are service directories: svscan's directory of them, or the one of supervise. Looks which
// there are, takes them, joins services and loggers by pipes, and lets go of what has gone.
//
// A slot is a directory, known by device and inode. Whether it has a logger is decided once, when the slot is made, and
// its pipe lives as long as the slot: whoever of service, logger and engine dies, the other end stays open. Removed
// directories go on running; only when nothing runs in them their slots are dropped.
//
// Deposits, beside those of service_directory.h:
//   services:GROUP                            the directory of service directories
//   service:SLOT:pipe-read, :pipe-write       from a service to its logger
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/service_directory.h"
#include "services/directory_scan.h"
#include "services/directory_watch.h"

namespace upkeep::engine {

// svscan's pace: how often it looks where nobody tells it of changes, how long an unfinished directory is waited for,
// and when a service that left is supervised anew.
inline constexpr Duration kScanInterval{std::chrono::seconds{5}};
// After a change, to let whoever makes a directory finish: each further change begins it again, up to the second value.
inline constexpr Duration kQuietTime{std::chrono::milliseconds{150}};
inline constexpr Duration kQuietTimeMax{std::chrono::seconds{1}};
// A logger reads on to the end of its pipe after its service is gone for good; then it is asked to end.
inline constexpr Duration kLoggerDrainTime{std::chrono::seconds{5}};

class ServiceGroup : public os::Clockwork {
 public:
  ServiceGroup(const config::ServiceSource& source, std::string group, Supervisor& supervisor);
  ~ServiceGroup() override;
  ServiceGroup(const ServiceGroup&) = delete;

  // A cold start. Error, for a single directory: it cannot be supervised; text as supervise says it.
  Result<void> begin();
  // Goes on where the last engine was.
  void resume(Snapshot& snapshot, core::Mood mood);

  void rescan();  // at once
  // The end of all supervision: each service is told to go down, then its logger. Over: nothing runs any more.
  void stop();
  bool is_over() const;
  void let_go();  // of everything, at once; nothing runs any more

  std::optional<Instant> next_deadline() const override;
  void on_time(Instant now) override;

 private:
  using Key = std::pair<dev_t, ino_t>;
  struct Slot {
    std::string name;  // of its entry in the directory
    ino_t inode = 0;
    bool is_listed = true, has_log = false;
    Pipe pipe;  // with a logger
    std::unique_ptr<ServiceDirectory> service, logger;
    Instant retry_at{};                 // not taken before
    std::optional<Instant> logger_end;  // stopping: when the logger is asked to end
  };

  Result<void> begin_single();
  void look();
  void see(const services::FoundService& found);
  bool is_awaited(const services::FoundService& found);
  Result<void> make_slot(const services::FoundService& found);
  void supervise_listed();
  bool supervise(const Key& key, Slot& slot);  // false: there was nothing to be taken
  Result<std::unique_ptr<ServiceDirectory>> take(const Key& key, const Slot& slot, bool is_logger);
  void left(const Key& key, bool is_logger);
  void drop_finished();
  void resolve_names();
  void stop_logger(Slot& slot);
  void resume_slot(const std::string& slot_name, const Key& key, const std::map<Key, std::string>& names,
                   Snapshot& snapshot, core::Mood mood);
  std::string last_name(const std::string& text, const Snapshot& snapshot) const;
  Result<void> make_pipe(const Key& key, Slot& slot);
  void watch_directories();
  void changed();
  void look_by(Instant when);

  std::string slot_name(const Key& key, bool is_logger) const;
  std::string deposit_name(const Key& key, const char* what) const;
  ServiceDirectory::Ends ends(const Slot& slot, bool is_logger) const;
  void complain(const char* who, const Error& error);  // who: "svscan: warning"

  StatusQueue statuses_;
  ServiceSurroundings around_;
  Surroundings& engine_;
  Fd directory_;
  std::map<Key, Slot> slots_;
  std::map<Key, Instant> unfinished_;  // directories without a script, and since when
  std::unique_ptr<services::DirectoryWatch> watch_;
  bool watches_unfinished_ = false;  // beside the directory that holds all
  std::optional<Instant> look_at_;
  std::optional<Instant> changed_at_;  // first of the changes that are waited out
  bool is_stopping_ = false;
  std::shared_ptr<const char> alive_ = std::make_shared<char>();  // for what is deferred
};

}  // namespace upkeep::engine
