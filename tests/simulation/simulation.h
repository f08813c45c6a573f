// One run: a keeper, its engines, their processes and users under a clock of its own, with a seed that decides
// everything. Messages travel through queues and take their time; engines are killed between any two messages, keepers
// too; starts fail, processes die, users change their minds and the configuration. After every event the invariants are
// checked; then all trouble ends, and everything must become what configuration and users want.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/fd.h"
#include "fakes/fake_world.h"
#include "fakes/temporary_folder.h"
#include "simulation/engine.h"
#include "simulation/keeper.h"

namespace upkeep::simulation {

class Simulation : public Witness {
 public:
  explicit Simulation(std::uint64_t seed, Defect defect = Defect::None);

  // nullopt, or the first invariant that did not hold.
  std::optional<std::string> run();
  std::string trace() const;  // the last events before that
  // What happened, to see that a run is worth its time.
  struct Count {
    int events = 0, engines = 0, keepers = 1, forks = 0, signals = 0, restarts = 0, last_wills = 0;
    int reloads = 0, added = 0, removed = 0;
    Count& operator+=(const Count& other);
  };
  const Count& count() const { return count_; }

 private:
  struct Travelling {
    Instant due;
    std::string datagram;
    std::shared_ptr<Fd> fd;  // null: none rides on it
  };
  struct Group {
    bool configured = true;  // in the file as it is now
    int version = 1;         // of the file's, in how its programs are configured
    std::string programs;    // the sections of that version
    // What the last answer to a user means: whether it is active, and in which version. None: an engine died with
    // messages unsent, so either may be true.
    std::optional<bool> active;
    std::optional<int> active_version;
  };
  struct Slot {    // what users and fate did to it
    int wish = 0;  // counts what users asked
    int stops = 0, deaths = 0;
    int stop_step = -1;                      // when a user last asked to stop it
    bool stopped = false;                    // it was asked to stop, and the answer was yes
    bool started = false;                    // it was asked to start, the answer was yes, and it has not died since
    std::map<std::uint64_t, int> asked;      // when each start was first asked of the keeper
    std::set<std::uint64_t> owed, released;  // exits, by serial
    ExitStatus last_status;                  // how it died last, and under which keeper
    int last_keeper = 0;
  };

  // --- simulation.cc: time and messages
  bool step(Instant until);  // false: nothing happens until then
  void run_until(Instant until);
  void after_event();
  void start_engine();
  void end_engine(const ExitStatus& status, bool may_lose_words);
  void lose_words();
  void replace_keeper();
  void end_process(int pid);
  void pump();
  void perform(const Travelling& message);
  void deliver_to_engine(const Travelling& message);
  Instant due(const std::deque<Travelling>& queue);

  // --- trouble.cc: what users and fate do
  void make_groups();
  std::string make_programs(const std::string& group, int processes, int version);
  void write_configuration();
  engine::ConfigurationOrError read_configuration();
  void edit_configuration();
  void ask_reload();
  void ask_add(const std::string& group);
  void ask_remove(const std::string& group);
  void ask_update();
  void trouble();
  void ask_start(const std::string& slot);
  void ask_stop(const std::string& slot);
  void ask_all(bool start);
  void send_daemon(int signal);
  void make_executable(bool yes);
  void end_trouble();

  // --- invariants.cc
  void sent(const wire::FromKeeper& message, std::uint64_t sequence, int fd) override;
  void forked(const std::string& slot, std::uint64_t serial) override;
  void signalled(const SimProcess& process, int number) override;
  void released(const std::string& slot, std::uint64_t serial, const std::string& note) override;
  void noted(const std::string& slot, const std::string& note) override;
  void deposited(const std::string& name, int fd) override;
  void restarted() override;
  void check_groups();
  void check_settled();
  void check_settled(const engine::SupervisedProcess& process);
  void check_wishes(const std::map<std::string, bool>& wished);
  void check_ended();
  void require(bool holds, const std::string& what);
  void tell(std::string what);

  Random random_;
  const Defect defect_;
  fakes::TemporaryFolder folder_;
  FakeWorld world_;
  std::map<std::string, Group> groups_;
  std::map<std::string, int> accepted_;               // by the last reload: version of each group
  bool accepted_is_known_ = true;                     // no message about it was lost
  std::optional<std::set<std::string>> active_told_;  // to the keeper; none: all of the load that began the run
  Instant now_{std::chrono::seconds{1000}};
  Kernel kernel_{random_};
  int keepers_ = 0;
  std::unique_ptr<Keeper> keeper_;
  Fd socket_;  // the keeper's end
  std::unique_ptr<Engine> engine_;
  std::deque<Travelling> to_engine_, to_keeper_;
  bool snapshot_ = false;  // the keeper answers HELLO: straight into the socket
  Duration longest_delay_{std::chrono::milliseconds{1}};
  Instant next_trouble_, ready_at_;
  std::optional<Instant> hangs_until_;
  int doomed_engines_ = 0;  // the next ones crash as soon as they have started
  bool users_ = true;       // there are some
  bool troubled_ = true, ended_ = false, taken_by_will_ = false;

  int step_ = 0;
  std::map<std::string, Slot> slots_;  // of all groups there may be
  bool daemon_stops_ = false;          // a user wants it to end or to restart, and it has not yet
  bool term_sent_ = false, facts_only_ = false, spawns_failed_ = false;
  std::string untouchable_;
  Count count_;
  std::deque<std::string> trace_;
  std::optional<std::string> violation_;
};

}  // namespace upkeep::simulation
