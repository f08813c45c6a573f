// The engine: owns and wires everything above the keeper, and runs the loop. It may die at any moment; the next one
// goes on from what the keeper holds. Every start is a recovery, and the first is the one that finds nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/mood.h"
#include "core/note.h"
#include "engine/alarm.h"
#include "engine/event_bus.h"
#include "engine/front_end.h"
#include "engine/group_changes.h"
#include "engine/keeper_link.h"
#include "engine/loads.h"
#include "engine/origin.h"
#include "engine/program_directories.h"
#include "engine/supervisor.h"
#include "engine/tidying.h"
#include "engine/upgrade.h"
#include "engine/verbs.h"
#include "engine/watchdog.h"
#include "logs/activity_log.h"
#include "logs/sink_registry.h"
#include "logs/syslog.h"
#include "logs/tee_pipe.h"
#include "os/loop.h"

namespace upkeep::engine {

using LogLine = std::function<void(LogLevel, std::string)>;
using MakeFrontEnd = std::function<std::unique_ptr<FrontEnd>(os::Loop&, Control&, LogLine)>;

// A start that failed: text for stderr and the exit status.
struct StartFailure {
  std::string text;
  int exit_status = 2;
  bool is_whole = false;  // the text is all that is to be said, not to be put after "Error: "
  std::string hint{};     // a further line in our own words; may be empty
};

class Engine : public DaemonEvents, public DaemonVerbs, public os::Clockwork {
 public:
  Engine(std::vector<std::string> argv, Origin origin, Loads loads, KeeperLink link, Snapshot snapshot);
  ~Engine() override;

  // Cold start or recovery, whatever the snapshot says. nullopt: running.
  std::optional<StartFailure> start(const MakeFrontEnd& make_front_end);
  // Until the daemon ends; the keeper was told how.
  void run() { loop_.run(); }
  KeeperLink& link() { return link_; }

 private:
  std::optional<StartFailure> start_cold(const MakeFrontEnd& make_front_end);
  std::optional<StartFailure> recover(const MakeFrontEnd& make_front_end);
  std::optional<StartFailure> begin(const MakeFrontEnd& make_front_end, std::vector<config::Notice> notices);
  std::optional<StartFailure> test_sockets();
  Result<void> open_log(const std::vector<config::Notice>& notices);
  std::string make_auto_log(const config::Process& process, Stdio channel);
  void write_own_pidfile();
  void warn_of_those_left_behind();
  void leave_terminal();
  void remember();  // the daemon's note
  void say_how_we_recovered(const std::vector<std::string>& strays);

  // DaemonEvents
  void on_signalled(int number, std::uint64_t sequence) override;
  void on_orphan(const wire::Orphan& fact) override;
  void on_refused(const std::string& why) override;
  void on_keeper_lost() override;
  void on_upgrade_refused(wire::UpgradeReport report) override { upgrade_.failed(std::move(report)); }
  void on_leave() override;

  // DaemonVerbs
  DaemonInfo info() const override;
  void begin_shutdown() override { set_mood(core::Mood::ShuttingDown); }
  void begin_restart() override { set_mood(core::Mood::Restarting); }
  Answer clear_log() override;
  GroupChanges& group_changes() override { return *group_changes_; }
  DaemonStatus status() const override;
  tl::expected<std::string, Refused> upgrade(const std::string& path) override { return upgrade_.ask(path); }

  // Clockwork: "waiting for a, b to die", and the end of stop_grace
  std::optional<Instant> next_deadline() const override;
  void on_time(Instant now) override;

  void act_on(int signal);  // as supervisord
  void set_mood(core::Mood asked);
  void end_with_essentials();
  void advance_stop();
  void lose_patience(Instant now);
  void finish();
  void notice_background_child(const SupervisedProcess& process);
  void log(LogLevel level, const std::string& text);
  // What this daemon runs by. Of a later load only what begins with it counts: see newest_daemon().
  const config::Config& config() const { return loads_.own().config; }
  // As the last reread has it, for what it may change: identifier, childlogdir.
  const config::Daemon& newest_daemon() const { return loads_.newest()->config.daemon; }
  bool is_daemon() const { return !config().daemon.no_daemon; }
  bool is_supervisord() const { return config().daemon.face == config::Face::Supervisord; }
  std::optional<StartFailure> begin_single_service();
  void services_changed();
  void show_programs();  // as service directories

  os::Loop loop_;  // first: everything below deregisters from it
  Tidying tidying_{loop_};
  std::vector<std::string> argv_;
  const Origin origin_;
  Loads loads_;
  SpawnSetting setting_;
  KeeperLink link_;
  Snapshot snapshot_;
  int keeper_pid_;
  Watchdog watchdog_;
  Alarm alarm_;
  logs::ActivityLog log_;
  Upgrade upgrade_;
  std::vector<config::Notice> early_;  // lines from before the log was open
  bool log_is_open_ = false;
  std::unique_ptr<logs::SinkRegistry> sinks_;
  std::optional<logs::TeePipe> tee_;
  logs::Syslog syslog_;
  core::Mood mood_ = core::Mood::Running;
  std::unique_ptr<EventBus> events_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<ProgramDirectories> program_directories_;  // null: not wanted
  std::unique_ptr<GroupChanges> group_changes_;
  std::unique_ptr<Verbs> verbs_;
  std::unique_ptr<FrontEnd> front_end_;
  std::optional<Instant> next_wait_line_;
  int exit_code_ = 0;               // with which it will end
  std::optional<Instant> kill_at_;  // once it ends and has a stop_grace
  bool finished_ = false;
  std::set<std::string> told_of_background_;
};

}  // namespace upkeep::engine
