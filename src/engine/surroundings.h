// What all processes of a daemon share.
#pragma once

#include <functional>

#include "core/mood.h"
#include "engine/deposits.h"
#include "engine/event_bus.h"
#include "engine/keeper_port.h"
#include "engine/spawn_plan.h"
#include "logs/activity_log.h"
#include "logs/sink_registry.h"
#include "logs/syslog.h"
#include "logs/tee_pipe.h"
#include "os/loop.h"

namespace upkeep::engine {

class SupervisedProcess;

// All borrowed.
struct Surroundings {
  KeeperPort& keeper;
  Deposits& deposits;
  EventBus& events;
  os::Loop& loop;
  logs::ActivityLog& log;
  logs::SinkRegistry& sinks;
  logs::TeePipe& tee;
  logs::Syslog& syslog;
  const SpawnSetting& setting;
  const core::Mood& mood;
  // Makes the file that a process's automatic log is to be; empty: that failed, and was told.
  std::function<std::string(const config::Process&, Stdio)> make_auto_log;
  std::function<void(SupervisedProcess&)> changed;  // after every event, once all actions are performed
  // A child was reaped and its channels are drained; it is not restarted yet.
  std::function<void(SupervisedProcess&)> exited;
  std::function<void()> services_changed{};  // one of a group of service directories has left
};

}  // namespace upkeep::engine
