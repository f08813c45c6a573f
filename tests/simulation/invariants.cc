// What must hold, after every event and at the end.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "base/bytes.h"
#include "simulation/simulation.h"

namespace upkeep::simulation {
namespace {

constexpr std::size_t kTraceLinesMax = 4000;

std::string name_of(const wire::FromKeeper& message) {
  if (const auto* m = std::get_if<wire::Spawned>(&message)) return fmt::format("SPAWNED {} #{}", m->slot, m->serial);
  if (const auto* m = std::get_if<wire::SpawnFailed>(&message)) return "SPAWN_FAILED " + m->slot;
  if (const auto* m = std::get_if<wire::Exited>(&message)) return fmt::format("EXITED {} #{}", m->slot, m->serial);
  if (const auto* m = std::get_if<wire::SignalFailed>(&message)) return "SIGNAL_FAILED " + m->slot;
  if (const auto* m = std::get_if<wire::Signalled>(&message)) return fmt::format("SIGNALLED {}", m->number);
  if (const auto* m = std::get_if<wire::Refused>(&message)) return "REFUSED " + m->why;
  return {};
}

}  // namespace

Simulation::Count& Simulation::Count::operator+=(const Count& other) {
  events += other.events;
  engines += other.engines;
  keepers += other.keepers;
  forks += other.forks;
  signals += other.signals;
  restarts += other.restarts;
  last_wills += other.last_wills;
  reloads += other.reloads;
  added += other.added;
  removed += other.removed;
  return *this;
}

void Simulation::require(bool holds, const std::string& what) {
  if (holds || violation_) return;
  violation_ = fmt::format("{} (event {}, {:.3f} s)", what, step_,
                           std::chrono::duration<double>(now_.time_since_epoch()).count());
}

void Simulation::tell(std::string what) {
  trace_.push_back(fmt::format("{:10.4f} {}", std::chrono::duration<double>(now_.time_since_epoch()).count(), what));
  if (trace_.size() > kTraceLinesMax) trace_.pop_front();
}

std::string Simulation::trace() const {
  std::string text;
  for (const std::string& line : trace_) text += line + "\n";
  return text;
}

// --- whenever the keeper acts

void Simulation::sent(const wire::FromKeeper& message, std::uint64_t sequence, int fd) {
  if (const std::string name = name_of(message); !name.empty()) tell("  " + name);
  Travelling travelling{now_, wire::encode(message, sequence), nullptr};
  if (fd >= 0) travelling.fd = std::make_shared<Fd>(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (snapshot_) return deliver_to_engine(travelling);
  travelling.due = due(to_engine_);
  if (engine_) to_engine_.push_back(std::move(travelling));
}

// A slot without a note is given up: what comes under its name is another process.
void Simulation::noted(const std::string& name, const std::string& note) {
  if (!note.empty()) return;
  Slot& slot = slots_.at(name);
  require(slot.owed.empty(), "the slot was given up with an exit owed: " + name);
  slot.released.clear();
}

void Simulation::deposited(const std::string& name, int fd) {
  if (name != engine::kGroupsDeposit) return;
  std::string bytes(65536, '\0');
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::pread(fd, bytes.data(), bytes.size(), 0))));
  ByteReader in{bytes};
  (void)in.number<std::uint8_t>();
  (void)in.number<std::uint32_t>();
  const auto names = in.list<std::string>([](ByteReader& reader) {
    std::string group = reader.text();
    (void)reader.number<std::uint32_t>();
    return group;
  });
  require(in.at_end(), "the list of active groups is damaged");
  active_told_.emplace(names.begin(), names.end());
}

void Simulation::forked(const std::string& name, std::uint64_t serial) {
  tell(fmt::format("  fork {} #{}", name, serial));
  ++count_.forks;
  require(kernel_.in_slot(name) == nullptr, "a second copy of " + name);
  require(!slots_.at(name).stopped, name + " was started although a user had stopped it");
  require(!active_told_ || active_told_->contains(name.substr(0, name.find(':'))),
          name + " was started before its group was remembered");
}

void Simulation::signalled(const SimProcess& process, int number) {
  tell(fmt::format("  signal {} to {} #{}", number, process.slot, process.serial));
  ++count_.signals;
  if (number != SIGTERM && number != SIGKILL) return;  // by a user, straight to the process
  const Slot& slot = slots_.at(process.slot);
  const auto asked = slot.asked.find(process.serial);
  const int since = asked == slot.asked.end() ? 0 : asked->second;
  require(slot.stop_step >= since || daemon_stops_,
          fmt::format("{} #{} was signalled, but nobody had asked it to stop", process.slot, process.serial));
}

void Simulation::released(const std::string& name, std::uint64_t serial, const std::string& note) {
  const SimProcess* alive = kernel_.in_slot(name);
  require(!alive || alive->serial != serial, "the exit of a living process was released: " + name);
  slots_.at(name).owed.erase(serial);
  require(slots_.at(name).released.insert(serial).second,
          fmt::format("the exit of {} #{} counted twice", name, serial));
  const auto decoded = core::decode_process_note(note);
  require(decoded.has_value(), "an exit was released without a note: " + name);
  if (!decoded) return;
  const auto child = core::child_of(decoded->phase);
  require(!child || child->serial != serial, "the note of a released exit still speaks of the child: " + name);
}

void Simulation::restarted() {
  tell("  RESTART");
  ++count_.restarts;
  for (const auto& [pid, process] : kernel_.live())
    require(process.slot == untouchable_, "a restart left " + process.slot + " alive");
  for (auto& [name, slot] : slots_) {
    slot.started = slot.stopped = false;
    slot.asked.clear();
    slot.released.clear();
    slot.owed.clear();
    slot.stop_step = -1;
  }
  for (auto& [name, group] : groups_) group.active.reset();  // until the next engine has read the file
  daemon_stops_ = !keeper_->table().owed_signals().empty();  // what came meanwhile is for the next start
}

// --- when the trouble is over

void Simulation::check_settled() {
  if (violation_) return;
  require(engine_ != nullptr, "no engine");
  require(!term_sent_, "the daemon was asked to end, and did not");
  if (violation_) return;
  require(engine_->mood() == core::Mood::Running, "the daemon neither runs nor ended");
  require(keeper_->table().owed_signals().empty(), "a signal is still owed");
  for (const engine::SupervisedProcess* process : engine_->supervisor().all()) check_settled(*process);
  check_groups();
}

// The active groups are those that the answers say, each as it was configured when it was added; and the keeper has
// slots for no other.
void Simulation::check_groups() {
  for (const auto& [name, group] : groups_) {
    const engine::SupervisedGroup* found = engine_->supervisor().find_group(name);
    if (group.active) require(*group.active == (found != nullptr), name + " is active, or not, against all answers");
    if (!found || !group.active_version) continue;
    for (const auto& process : found->processes)
      require(process->config().environment == config::Environment{{"VERSION", std::to_string(*group.active_version)}},
              name + " has another configuration than it was added with");
  }
  for (const auto& [name, entry] : keeper_->table().slots())
    require(name == "daemon" || engine_->supervisor().find_group(name.substr(0, name.find(':'))),
            "a slot is left of what was removed: " + name);
}

void Simulation::check_settled(const engine::SupervisedProcess& process) {
  const std::string& name = process.slot();
  const core::State state = process.state();
  const core::Policy& policy = process.config().policy;
  const Slot& slot = slots_.at(name);
  const SimProcess* alive = kernel_.in_slot(name);
  const auto require_here = [&](bool holds, std::string_view what) {
    require(holds, fmt::format("{} is {}: {}", name, core::name_of(state), what));
  };
  const bool untouchable = name == untouchable_;
  const auto found = keeper_->table().slots().find(name);
  require_here(found != keeper_->table().slots().end(), "the keeper has no note of it");
  if (violation_) return;
  require_here(!found->second.owed, "an exit is still owed");
  require_here(slot.owed.empty(), "an exit was lost");
  const auto note = core::decode_process_note(found->second.note);
  require_here(note && core::state_of(note->phase) == state, "its note says something else");
  switch (state) {
    case core::State::Running:
      require_here(alive != nullptr, "but it is dead");
      require_here(alive && keeper_->table().find(name, alive->serial), "but the keeper does not know its process");
      require_here(note && alive && core::child_of(note->phase) == ProcessId{alive->serial}, "but with another child");
      break;
    case core::State::Unknown: require_here(untouchable, "but it could be signalled"); break;
    case core::State::Stopped:
      require_here(!alive, "but it is alive");
      require_here(slot.stops > 0 || !policy.autostart || facts_only_, "but nobody stopped it");
      break;
    case core::State::Exited:
      require_here(!alive, "but it is alive");
      require_here(slot.deaths > 0, "but it never died");
      if (const auto* exited = note ? std::get_if<core::Exited>(&note->phase) : nullptr)
        require_here(
            exited->status == slot.last_status || (exited->status == ExitStatus{} && keepers_ > slot.last_keeper),
            "but of something else");
      require_here(policy.restart != core::Restart::Always || untouchable, "but it should have been restarted");
      break;
    case core::State::Fatal:
      require_here(!alive, "but it is alive");
      require_here(policy.start_retries && (slot.deaths > 0 || spawns_failed_), "but it never failed");
      break;
    case core::State::Starting:
    case core::State::Stopping:
    case core::State::Backoff: require_here(false, "still"); break;
  }
  require_here(!slot.stopped || core::is_stopped(state), "but a user had stopped it");
  require_here(!slot.started || state == core::State::Running || untouchable, "but a user had started it");
}

void Simulation::check_wishes(const std::map<std::string, bool>& wished) {
  if (violation_) return;
  for (const auto& [name, start] : wished) {
    const auto info = engine_->verbs().process(name);
    require(info.has_value(), name + " is unknown");
    if (violation_) return;
    const bool fine = start ? info->state == core::State::Running : core::is_stopped(info->state);
    require(
        fine || info->state == core::State::Unknown,
        fmt::format("{} is {} after a user {} it", name, core::name_of(info->state), start ? "started" : "stopped"));
  }
  check_settled();
}

void Simulation::check_ended() {
  require(ended_, "the daemon did not end");
  require(term_sent_, "the daemon ended, but nobody had asked it to");
  for (const auto& [pid, process] : kernel_.live())
    require(process.let_go || process.slot == untouchable_, process.slot + " outlived the daemon");
}

}  // namespace upkeep::simulation
