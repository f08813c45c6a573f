// One run: a keeper, its engines, their processes and users under clocks of their own, with a seed that decides
// everything. Messages travel through queues of limited size and take their time; engines are killed between any two
// messages, keepers too; starts fail, processes die, users change their minds and the configuration. After every event
// the invariants are checked; then all trouble ends, and everything must become what configuration and users want.
// docs/simulation.md is its manual.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/fd.h"
#include "fakes/fake_world.h"
#include "fakes/temporary_folder.h"
#include "simulation/count.h"
#include "simulation/engine.h"
#include "simulation/keeper.h"
#include "simulation/logbook.h"
#include "simulation/scan_folder.h"

namespace upkeep::simulation {

class Simulation : public Witness {
 public:
  struct Choice {
    std::uint64_t seed = 0;
    Defect defect = Defect::None;
    std::set<int> skipped{};  // troubles that do not come
    bool wall_clock_jumps = true;
  };
  explicit Simulation(Choice choice);
  ~Simulation() override;

  // nullopt, or the first invariant that did not hold.
  std::optional<std::string> run();
  std::string trace() const;                                      // the last events before that
  const std::vector<int>& troubles() const { return troubles_; }  // those that came, by number
  const Count& count() const { return count_; }

 private:
  struct Travelling {
    Instant due;
    std::string datagram;
    std::vector<std::shared_ptr<Fd>> fds;
  };
  struct Death {  // that the keeper has not heard of
    Instant due;
    int pid;
    ExitStatus status;
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
    std::uint64_t termed = 0;                // the last start that was asked to end,
    int termed_by = 0, termed_era = 0;       // by which keeper, and in which era of notes
    std::map<int, int> signals;              // of a service, how many of each number
    ExitStatus last_status;                  // how it died last, and under which keeper
    int last_keeper = 0;
  };

  // --- simulation.cc: time
  bool step(Instant until);  // false: nothing happens until then
  void run_until(Instant until);
  void after_event();
  bool engine_works() const { return engine_ && !hangs_until_; }
  void wake_engine();
  void wake(std::optional<Instant>& at, Duration within);

  // --- ends.cc: engines and keepers
  void start_engine();
  void end_engine(const ExitStatus& status, bool may_lose_words);
  void lose_words();
  void kill_keeper();
  void take_over();
  void replace_image();
  void end_process(int pid);
  void speak(int pid);

  // --- post.cc: messages
  void pump();
  void perform(const Travelling& message);
  void deliver_to_engine(const Travelling& message);
  void flush_keeper();
  Instant due(const std::deque<Travelling>& queue);

  // --- groups.cc: the configuration
  void make_groups();
  std::string make_programs(Random& random, const std::string& group, int processes, int version);
  void write_configuration();
  engine::ConfigurationOrError read_configuration();
  void edit_configuration(Random& fate);

  // --- trouble.cc: what fate does
  void trouble();
  void trouble_machine(Random& fate);
  void trouble_keeper_or_engine(Random& fate);
  void trouble_resources(Random& fate);
  void end_trouble();
  void make_executable(bool yes);
  void jump(Random& fate);

  // --- users.cc: what users ask
  bool is_asked() const;  // somebody listens
  void ask_something(Random& fate);
  void ask_start(const std::string& slot);
  void ask_stop(const std::string& slot);
  void ask_all(bool start);
  void ask_reload();
  void ask_add(const std::string& group);
  void ask_remove(const std::string& group);
  void ask_update();
  void ask_service(ScanFolder::Service& service, bool logger, char letter);
  void send_daemon(int signal);

  // --- invariants.cc: what must hold at any time
  void sent(std::string datagram, std::vector<std::shared_ptr<Fd>> fds, const std::string& shown) override;
  void forked(const std::string& slot, std::uint64_t serial) override;
  void signalled(const std::string& slot, std::uint64_t serial, const SimProcess* hit, int number) override;
  void released(const std::string& slot, std::uint64_t serial, const std::string& note) override;
  void noted(const std::string& slot, const std::string& note) override;
  void deposited(const std::string& name, int fd) override;
  void dropped(const std::string& slot, std::uint64_t bytes) override;
  void restarted() override;
  void check_signal(const std::string& slot, std::uint64_t serial, int number);
  void check_queues();
  void check_keeper();
  void require(bool holds, const std::string& what);
  void tell(const std::string& what);
  std::string with_names(std::string text) const;
  bool is_program(const std::string& slot) const { return programs_.contains(slot); }

  // --- convergence.cc: what must come of it
  void check_settled();
  void check_settled(const engine::SupervisedProcess& process);
  void check_groups();
  void check_services(bool strictly);
  void check_descriptors();
  void check_logs(bool in_part);
  void check_wishes(const std::map<std::string, bool>& wished);
  void check_ended();

  const Choice choice_;
  const Defect defect_;
  Random random_;
  fakes::TemporaryFolder folder_;
  FakeWorld world_;
  std::map<std::string, Group> groups_;
  std::set<std::string> programs_;                    // the slots of all groups there may be
  std::unique_ptr<ScanFolder> services_;              // null: there is none
  std::map<std::string, int> accepted_;               // by the last reload: version of each group
  bool accepted_is_known_ = true;                     // no message about it was lost
  std::optional<std::set<std::string>> active_told_;  // to the keeper; none: all of the load that began the run

  Instant now_{std::chrono::seconds{1000}};
  Kernel kernel_{random_};
  Logbook logbook_;
  int keepers_ = 0;
  std::unique_ptr<Keeper> keeper_;
  bool keeper_is_dead_ = false;  // and the engine has not taken over yet
  Fd socket_;                    // the keeper's end
  std::unique_ptr<Engine> engine_;
  std::deque<Travelling> to_engine_, to_keeper_;
  std::deque<Death> deaths_;
  bool snapshot_ = false;  // the keeper answers HELLO: straight into the socket
  std::size_t socket_room_ = 1000;
  Duration longest_delay_{std::chrono::milliseconds{1}}, longest_reaping_{std::chrono::milliseconds{1}};
  std::optional<Instant> hangs_until_, engine_wakes_at_, carry_at_, adopted_at_, takeover_at_;
  Instant next_trouble_, ready_at_, engine_gone_at_;
  int next_trouble_number_ = 0;
  std::vector<int> troubles_;
  enum class Image { None, Good, Bad } image_{};  // that the keeper is to execute
  int doomed_engines_ = 0;                        // the next ones crash as soon as they have started
  int mayhem_ = 0;                                // for so many events anything may be killed after each
  bool users_ = true;                             // there are some
  bool troubled_ = true, ended_ = false, ended_early_ = true, taken_by_will_ = false;

  std::set<std::uint32_t> loads_needed_{1};  // by what the keeper was told of the active groups
  int step_ = 0;
  int era_ = 0;  // of notes: an engine that goes by facts alone begins another
  int kills_ = 0;
  int from_engine_in_event_ = 0;
  std::map<std::string, Slot> slots_;
  bool daemon_stops_ = false;  // a user wants it to end or to restart, and it has not yet
  bool term_sent_ = false, facts_only_ = false, spawns_failed_ = false;
  std::string untouchable_;
  Count count_;
  std::deque<std::string> trace_;
  std::optional<std::string> violation_;
};

}  // namespace upkeep::simulation
