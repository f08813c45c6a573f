// Short-lived children beside the supervised processes, a script of a service directory for one: started at once, told
// of when they end. They have slots of their own, whose names contain a '!', and no notes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/exit_status.h"
#include "engine/keeper_link.h"

namespace upkeep::engine {

class Errands {
 public:
  using Done = std::function<void(const ExitStatus&)>;

  explicit Errands(KeeperPort& keeper) : keeper_(keeper) {}
  static bool is_errand(const std::string& slot) { return slot.find('!') != std::string::npos; }

  // `done` may be empty. One of that slot that runs already is the same errand: a former engine died before it could
  // note that it had begun it.
  void run(const std::string& slot, const wire::SpawnPlan& plan, Done done);
  // One that a former engine started. If the keeper does not know it, `done` is called at once, with an unknown status.
  void resume(const std::string& slot, const Snapshot& snapshot, Done done);
  void kill_all();
  void forget(const std::string& prefix);  // nobody waits for those any more

  // Once all are resumed: those that have ended meanwhile are told of, and their slots given up.
  void deal_with_ends(const Snapshot& snapshot);
  void on_spawn_failed(const std::string& slot);
  void on_exited(const wire::Exited& fact);

 private:
  void finish(const std::string& slot, const ExitStatus& status);

  KeeperPort& keeper_;
  std::map<std::string, Done> running_;
};

}  // namespace upkeep::engine
