// Phases and actions in words, for failure messages and docs/process-states.md. Included by core's tests only.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "core/process.h"

namespace upkeep::core {

// Names tell apart what the variants of one phase may do next.
inline std::string describe(const Phase& phase) {
  std::string name{name_of(state_of(phase))};
  const bool may_lack_child = std::holds_alternative<Starting>(phase) || std::holds_alternative<Stopping>(phase);
  if (may_lack_child && !child_of(phase)) name += ", no child yet";
  if (const auto* exited = std::get_if<Exited>(&phase); exited && exited->restart_at) name += ", restart due";
  return name;
}

inline std::string describe(const Action& action) {
  if (std::holds_alternative<Spawn>(action)) return "spawn";
  if (const auto* signal = std::get_if<Signal>(&action)) {
    return std::string{signal->number == SIGKILL ? "send SIGKILL" : "send stopsignal"} +
           (signal->group ? " (group)" : "");
  }
  if (const auto* publish = std::get_if<Publish>(&action)) return "publish " + std::string{name_of(publish->state)};
  return "log " + std::string{name_of(std::get<Report>(action))};
}

inline std::string describe(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) text += (text.empty() ? "" : ", ") + describe(action);
  return text;
}

inline std::string seconds(Instant instant) {
  return std::to_string(std::chrono::duration<double>(instant.time_since_epoch()).count()) + " s";
}

inline void PrintTo(const Spawn& spawn, std::ostream* out) { *out << describe(Action{spawn}); }
inline void PrintTo(const Signal& s, std::ostream* out) {
  *out << "signal " << s.number << (s.group ? " to the group of #" : " to #") << s.child.serial;
}
inline void PrintTo(const Publish& p, std::ostream* out) {
  *out << "publish " << name_of(p.from) << " -> " << name_of(p.state) << " tries " << p.tries
       << (p.expected ? "" : " unexpected");
}
inline void PrintTo(const Report& report, std::ostream* out) { *out << describe(Action{report}); }

inline void PrintTo(const Starting& s, std::ostream* out) {
  *out << describe(Phase{s}) << ", " << s.failures << " failures, started " << seconds(s.started_at) << ", up "
       << seconds(s.up_at);
  if (s.child) *out << ", #" << s.child->serial;
}
inline void PrintTo(const Running& r, std::ostream* out) {
  *out << "RUNNING #" << r.child.serial << ", started " << seconds(r.started_at);
}
inline void PrintTo(const Stopping& s, std::ostream* out) {
  *out << describe(Phase{s}) << ", kill " << seconds(s.kill_at);
  if (s.child) *out << ", #" << s.child->serial;
}
inline void PrintTo(const Backoff& b, std::ostream* out) {
  *out << "BACKOFF, " << b.failures << " failures, retry " << seconds(b.retry_at);
}
inline void PrintTo(const Exited& x, std::ostream* out) {
  *out << "EXITED, " << x.status.describe();
  if (x.restart_at) *out << ", restart " << seconds(*x.restart_at);
}
inline void PrintTo(const Fatal& f, std::ostream* out) { *out << "FATAL, " << f.why; }
inline void PrintTo(const Stopped&, std::ostream* out) { *out << "STOPPED"; }
inline void PrintTo(const Unknown& u, std::ostream* out) { *out << "UNKNOWN #" << u.child.serial; }

}  // namespace upkeep::core
