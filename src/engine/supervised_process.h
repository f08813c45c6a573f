// One supervised process: feeds the pure state machine (core/process.h) with what happens and performs what it says.
// Owns everything users see of it. Every transition is noted in the keeper, in the message that performs it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/model.h"
#include "core/note.h"
#include "core/reconcile.h"
#include "engine/control.h"
#include "engine/fcgi_socket.h"
#include "engine/keeper_link.h"
#include "engine/process_channels.h"
#include "engine/service_role.h"
#include "engine/surroundings.h"

namespace upkeep::engine {

// What a process is beside a program, by the kind of its group.
struct Role {
  bool listens = false;            // to events
  FcgiSocket* socket = nullptr;    // that it accepts requests on; borrowed
  ServiceRole* service = nullptr;  // the service directory that it runs for; borrowed
};

class SupervisedProcess {
 public:
  SupervisedProcess(const config::Process& config, Surroundings& surroundings, Role role = {});
  SupervisedProcess(const SupervisedProcess&) = delete;

  // Names the files of automatic logs that have none yet; before anything else.
  void make_auto_logs();

  // Recovery: goes on where the last engine was. `entry` is the keeper's, with its channels; null: it knows nothing.
  void resume(const core::Resumption& resumption, const std::optional<core::ProcessNote>& note, Snapshot::Entry* entry);
  void write_note();  // unprompted: for a process that was not started

  void feed(const core::Event& event);  // now
  // The same for the service that the process runs for: past its wishes.
  void drive(const core::Event& event) { feed_at(event, around_.loop.now(), false); }
  // To the present child, as the state machine would send it: with the note. Nothing, when there is none.
  void signal_child(int number, bool to_group);
  void on_spawned(wire::Spawned fact, std::vector<LentChannel> channels);
  void on_spawn_failed(const wire::SpawnFailed& fact);
  void on_exited(const wire::Exited& fact);
  void on_signal_failed(const wire::SignalFailed& fact);
  std::optional<Instant> deadline() const;

  // To the process itself, never its group; the caller checked that it is signallable. Error: it is about to start, and
  // there is nothing yet that a signal could be sent to.
  Result<void> send_signal(int number);
  // Supervisor's line about a stop that somebody waits for.
  void report_stopping() { log(LogLevel::Info, "waiting for " + config_.name + " to stop"); }

  const config::Process& config() const { return config_; }
  const std::string& slot() const { return slot_; }  // "group:name"; of a service see service_directory.h
  core::State state() const { return role_.service ? role_.service->shown(phase_) : core::state_of(phase_); }
  const core::Phase& phase() const { return phase_; }
  bool is_service() const { return role_.service != nullptr; }
  // What keeps it from being started; null: nothing that can be known beforehand.
  std::optional<Refused> obstacle() const;
  bool awaits_keeper() const;  // a spawn is asked for and not answered
  // Its child has ended, which the keeper is about to tell. Who orders something now has seen the end, and means what
  // comes after it.
  bool is_ending() const { return core::child_of(phase_) && around_.keeper.has_ended(slot_); }
  const std::string& spawn_error() const { return spawn_error_; }
  const ExitStatus& last_status() const { return last_status_; }
  int pid() const { return pid_; }
  ProcessInfo info(WallTime now) const;
  const std::string& signal_error() const { return signal_error_; }  // why it is UNKNOWN
  const ProcessChannels& channels() const { return channels_; }
  ProcessChannels& channels() { return channels_; }

 private:
  void feed_at(const core::Event& event, Instant now, bool releases_exit);
  void perform(const core::Action& action);
  void spawn();
  void spawn_script();
  Result<std::vector<Fd>> acquire_socket();
  core::SpawnFailed no_sinks(const Error& error);
  bool tell_shortage(const wire::SpawnFailed& fact, pid_t who);
  void end_of_start();  // the child is no more, or never was
  void publish(const core::Publish& change);
  void record(core::Report what, const core::Event& event);
  void report(core::Report what);  // to the log
  std::string note() const;
  bool is_as_noted(const core::ProcessNote& note) const;
  void log(LogLevel level, const std::string& text) {
    if (level >= LogLevel::Critical || !role_.service || !role_.service->is_quiet()) around_.log.line(level, text);
  }

  const config::Process& config_;
  Surroundings& around_;
  const Role role_;
  std::string slot_;
  core::Phase phase_;
  std::uint64_t serial_ = 0;
  int pid_ = 0;  // for display; 0: none
  WallTime start_{}, stop_{};
  int exit_status_ = 0;
  ExitStatus last_status_;
  std::string spawn_error_, signal_error_;
  bool lacks_means_ = false;  // and the log knows
  ProcessChannels channels_;
};

}  // namespace upkeep::engine
