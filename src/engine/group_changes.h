// Groups that change at run time: reread, add, remove (Supervisor rpcinterface.py reloadConfig() and its neighbours).
// What is remembered goes to the keeper first (loads.h), then it is done; an engine that dies in between is continued
// by one that finds it remembered.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/comparison.h"
#include "engine/control.h"
#include "engine/loads.h"
#include "engine/supervisor.h"

namespace upkeep::engine {

class GroupChanges {
 public:
  using Read = std::function<ConfigurationOrError()>;  // the configuration as it is on the disk now

  // All borrowed but `read`.
  GroupChanges(Loads& loads, Supervisor& supervisor, SpawnSetting& setting, Deposits& deposits, logs::ActivityLog& log,
               Read read)
      : loads_(loads),
        supervisor_(supervisor),
        setting_(setting),
        deposits_(deposits),
        log_(log),
        read_(std::move(read)) {}

  // A configuration that does not load changes nothing: CantReread, and a line in the log where a file is to blame.
  // One that does is where groups are added from, and some settings of the daemon change: identifier, childlogdir,
  // strip_ansi for what starts from then on. Nothing else happens yet.
  tl::expected<config::Comparison, Refused> reload();
  // From the newest load; its processes that start by themselves do so. BadName: not in it. AlreadyAdded.
  Answer add(const std::string& group);
  // BadName: not active. StillRunning, also when a process of it cannot be signalled and may still be there.
  Answer remove(const std::string& group);
  // Every process of the newest load, by process name.
  std::vector<ConfigInfo> configurations() const;

 private:
  std::vector<const config::Process*> processes_of(const config::Group& group) const;
  ConfigInfo describe(const config::Group& group, const config::Process& process) const;

  Loads& loads_;
  Supervisor& supervisor_;
  SpawnSetting& setting_;
  Deposits& deposits_;
  logs::ActivityLog& log_;
  Read read_;
};

}  // namespace upkeep::engine
