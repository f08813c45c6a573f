// The keeper: parent of all programs and of the engine, and nothing else. It forks, reaps, signals, holds and lends
// descriptors, remembers notes it does not read, and starts the engine again when it ends. It parses no configuration,
// looks up no names, touches no disk. docs/keeper-protocol.md is its manual.
#pragma once

#include <sys/resource.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/datagram.h"
#include "base/fd.h"
#include "keeper/channel.h"
#include "keeper/child.h"
#include "keeper/engine_process.h"
#include "keeper/engine_watch.h"
#include "keeper/image_check.h"
#include "keeper/oom_score.h"
#include "keeper/outbox.h"
#include "keeper/probation.h"
#include "keeper/service_manager.h"
#include "keeper/table.h"
#include "wire/handover.h"

namespace upkeep::keeper {

using DepositMap = std::map<std::string, Fd>;

// How a keeper begins.
struct Beginning {
  std::vector<std::string> argv;  // supervisord's, passed on to every engine
  wire::Stage stage = wire::Stage::Fresh;
  DepositMap deposits;
  std::vector<wire::HandoverItem> handover;  // from a keeper that died; empty: none
  Fd starter;                                // a daemon's starter waits on it for one byte, the exit status
};

// How it ends.
struct End {
  int exit_status = 0;
  bool detach = false;  // the caller must fork a daemon and run a Keeper there with `deposits`
  DepositMap deposits;
  Fd starter;  // still waiting: READY never came
};

class Keeper {
 public:
  explicit Keeper(Beginning beginning);  // aborts when the kernel refuses epoll or signalfd
  End run();

 private:
  enum class Kind : std::uint64_t { Signals, Engine, Channel, Adopted };
  struct Stdios {  // of one SPAWN, before the fork
    std::array<Fd, 3> child;
    Fd notification;  // empty: the plan names none
    std::vector<Channel> channels;
  };

  // the loop
  int wait_ms(Instant now) const;
  void dispatch(std::uint64_t key);
  void run_timers();
  void watch_fd(int fd, Kind kind, std::uint64_t id, std::uint32_t events);
  void unwatch_fd(int fd);

  // children
  void read_signals();
  void reap();
  void child_ended(std::int32_t pid, const ExitStatus& status);
  void tell_end(const std::string& slot);
  void adopted_ended(const std::string& slot);
  void poll_adopted_blindly();
  void perform_last_wills();
  void send_signal(const std::string& slot, const Process& process, int number, bool to_group, std::uint64_t serial);

  // engine
  void start_engine();
  void engine_ended(const ExitStatus& status);
  void engine_closed();
  void read_engine();
  void flush();
  void open_gates();
  void tell_signals();
  void send_snapshot();
  static wire::Slot describe(const std::string& name, const SlotEntry& entry);  // all but descriptors
  void take_over(std::vector<wire::HandoverItem> items);

  // requests (keeper_requests.cc)
  Result<void> perform(const wire::FromEngine& message, Datagram& datagram);
  Result<void> on(const wire::Hello& hello);
  Result<void> on(const wire::Setup& setup);
  Result<void> on(const wire::Ready& ready);
  Result<void> on(const wire::Spawn& spawn, std::vector<Fd>& fds);
  Result<void> on(const wire::Signal& signal);
  Result<void> on(const wire::Release& release);
  Result<void> on(const wire::Restart& restart);
  static Result<Stdios> make_stdios(const wire::SpawnPlan& plan, std::vector<Fd>& passed);

  // another image in our place (keeper_upgrade.cc)
  struct Replacement {
    wire::UpgradeReport report;
    Fd image;
    std::optional<ImageCheck> check;  // under way
    bool is_sound = false;            // it was passed
  };
  Result<void> on(const wire::Upgrade& upgrade, std::vector<Fd>& fds);
  void refuse_upgrade(const std::string& why);
  bool check_ended(std::int32_t pid, const ExitStatus& status);  // false: it was no check
  bool may_be_replaced() const;
  void replace();                          // returns only where that failed
  void judge_images();                     // the one that is checked, the one on probation
  void roll_back(const std::string& why);  // returns only where that failed
  Error execute(int image, int image_before, const wire::UpgradeReport& report);
  std::vector<wire::HandoverItem> table();
  void resume(const wire::KeeperState& state, std::vector<Fd> fds);

  // channels
  void hold_all();
  void watch_held(const std::string& slot, Channel& channel);
  void unwatch(Channel& channel);
  void held_readable(std::uint64_t id);
  // Lends the channels of a slot: their state for a message, and their descriptors in the order they ride.
  std::vector<wire::ChannelState> lend(const std::string& slot, std::vector<int>& fds);
  void drop_channels(const std::string& slot);

  Table table_;
  std::map<std::string, std::vector<Channel>> channels_;
  std::map<std::string, Fd> adopted_;  // pidfds of processes that are not our children
  DepositMap deposits_;
  ChildReports reports_;
  OomScore oom_score_;  // given back by its destructor: a daemon's starter goes on as any process
  EngineProcess engine_;
  EngineWatch watch_;
  ServiceManager manager_;
  Outbox outbox_;
  std::optional<Replacement> replacement_;
  std::optional<wire::UpgradeReport> last_upgrade_;
  bool upgrade_is_news_ = false;  // no engine has been ready since
  std::optional<Probation> probation_;
  Fd image_before_;
  std::vector<Fd> gates_;  // of children that the engine has not been told of: they wait before exec (child.h)
  Fd epoll_, signals_, starter_;
  std::uint32_t engine_interest_ = 0;                            // what epoll waits for on the engine's socket
  std::map<std::uint64_t, std::pair<std::string, Stdio>> held_;  // by watch key
  std::map<std::uint64_t, std::string> adopted_keys_;
  std::set<std::string> adopted_blindly_;  // without a pidfd (old kernel): polled by pid, once a second
  std::uint64_t next_key_ = 1;
  std::int64_t spooled_ = 0;  // bytes in all spools since they were last lent
  wire::Stage stage_;
  bool attached_ = false;  // the engine said HELLO
  bool ready_ = false;     // and READY
  bool is_heir_ = false;   // of a keeper that died, and no engine was ready since
  bool quitting_ = false;
  bool restarting_ = false;
  bool leaving_ = false;  // the engine was told to LEAVE
  Instant now_;
  std::optional<rlim_t> files_limit_;  // soft limit of open files before SETUP raised it
  std::optional<Instant> wills_since_;
  End end_;
  bool ended_ = false;
};

}  // namespace upkeep::keeper
