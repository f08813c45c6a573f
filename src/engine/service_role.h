// What decides about a process that runs for a service directory and not for a program of the configuration: which
// script is started, when, and what others see of it. SupervisedProcess asks it; Service implements it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "core/process.h"
#include "wire/spawn_plan.h"

namespace upkeep::engine {

class ServiceRole {
 public:
  struct Start {
    wire::SpawnPlan plan;
    std::vector<Fd> passed;
  };
  virtual ~ServiceRole() = default;

  virtual std::string slot() const = 0;
  virtual core::State shown(const core::Phase& phase) const = 0;
  virtual bool is_main_script() const = 0;  // of `run` users hear events, of the scripts around it none
  virtual bool is_quiet() const = 0;        // there is no activity log: only what is critical is told
  virtual Start prepare() = 0;              // of what is due
  virtual std::string note() const = 0;     // rides in the process's note

  // A user, or the daemon's end, asks for a start or a stop.
  virtual void ask(const core::Event& event) = 0;
  // After each step of the process: first the wishes change, so that the note has them, then they are acted upon.
  virtual void observe(const core::Event& event, const core::Phase& now) = 0;
  virtual void follow_up() = 0;

  virtual std::optional<Instant> deadline() const = 0;
  virtual void on_time() = 0;
};

}  // namespace upkeep::engine
