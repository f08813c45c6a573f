// Which loads of the configuration the daemon lives by, and which groups are active. Every accepted load is deposited
// with the keeper for as long as somebody needs it, so that the next engine continues without looking at the disk:
//
//   load:1   what the daemon itself runs by: log, pidfile, servers, environment. Stays until the daemon ends
//   load:N   an accepted reread, numbered on: while it is the newest, or an active group is read from it
//   groups   u8 version (2), u32 number of the newest load, then a list of active groups in the order they were added:
//            text name, u32 number of the load that it is read from, u32 of the one it was added with. Not there: all
//            groups of load 1
//
// A group that a reread leaves as it is is read from the newest load from then on. So what is kept does not grow with
// the number of rereads: the first load, the newest, and those of groups that the newest has otherwise or not at all.
//
// `groups` is replaced as a whole, after the load it names is deposited and before one that it no longer names is
// discarded. An engine that dies between two of these messages leaves the state before or the state after, and at most
// a load that nobody needs; the next one discards it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/configuration.h"
#include "engine/deposits.h"

namespace upkeep::engine {

inline constexpr const char* kLoadDepositPrefix = "load:";
inline constexpr const char* kGroupsDeposit = "groups";

struct Load {
  std::uint32_t number = 1;
  config::Config config;
  config::Environment environment;  // of the daemon at its start
};
using LoadPtr = std::shared_ptr<const Load>;

struct LoadedGroup {
  std::uint32_t load;                           // whose record holds it
  std::uint32_t added;                          // with which it was added
  std::shared_ptr<const config::Group> config;  // may share its owner with a whole load, or have none: see borrowed()
};
// A group that outlives whoever is given this.
inline LoadedGroup borrowed(const config::Group& group) { return {1, 1, {std::shared_ptr<const void>{}, &group}}; }

class Loads {
 public:
  // The first load of a cold start; all its groups are active.
  static Result<Loads> begin(Configuration first, Deposits& deposits);
  // What the last engine left. Error: it left nothing, or something damaged.
  static Result<Loads> recover(Deposits& deposits);

  const Load& own() const { return *own_; }                           // what the daemon itself runs by
  const LoadPtr& newest() const { return newest_; }                   // where groups are added from
  const std::vector<LoadedGroup>& active() const { return active_; }  // in the order they were added

  // A reread, from now on the newest. The active groups stay what they are.
  Result<void> accept(Configuration next, Deposits& deposits);
  // A group of the newest load becomes active, behind all others. It must be none that is.
  Result<void> add(const config::Group& group, Deposits& deposits);
  Result<void> remove(const std::string& group, Deposits& deposits);

 private:
  Loads() = default;
  Result<void> write(const LoadPtr& newest, const std::vector<LoadedGroup>& active, Deposits& deposits);
  void discard_unneeded(Deposits& deposits) const;

  LoadPtr own_, newest_;
  std::vector<LoadedGroup> active_;
};

}  // namespace upkeep::engine
