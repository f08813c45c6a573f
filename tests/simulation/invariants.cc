// What must hold at any time: whatever the keeper does is looked at as it happens.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "base/bytes.h"
#include "engine/errands.h"
#include "simulation/simulation.h"

namespace upkeep::simulation {
namespace {

constexpr std::size_t kTraceLinesMax = 4000;
// What one event may make an engine say: a start with all groups is the most.
constexpr std::size_t kMessagesPerSlot = 12, kMessagesMore = 40;
constexpr std::size_t kOwedSignalsMax = 6;  // each number once

}  // namespace

void Simulation::require(bool holds, const std::string& what) {
  if (holds || violation_) return;
  violation_ = fmt::format("{} (event {}, {:.3f} s)", with_names(what), step_,
                           std::chrono::duration<double>(now_.time_since_epoch()).count());
}

// The same text on every disk: slots of services are named after inodes.
std::string Simulation::with_names(std::string text) const {
  if (!services_) return text;
  for (const ScanFolder::Service& service : services_->services())
    for (auto at = text.find(service.slot); at != std::string::npos; at = text.find(service.slot))
      text.replace(at, service.slot.size(), ScanFolder::kGroup + (":" + service.name));
  return text;
}

void Simulation::tell(const std::string& what) {
  trace_.push_back(
      fmt::format("{:10.4f} {}", std::chrono::duration<double>(now_.time_since_epoch()).count(), with_names(what)));
  if (trace_.size() > kTraceLinesMax) trace_.pop_front();
}

std::string Simulation::trace() const {
  std::string text;
  for (const std::string& line : trace_) text += line + "\n";
  return text;
}

// --- whenever the keeper acts

// A slot without a note is given up: what comes under its name is another process.
void Simulation::noted(const std::string& name, const std::string& note) {
  if (!note.empty()) return;
  require(slots_[name].owed.empty(), "the slot was given up with an exit owed: " + name);
  slots_[name].released.clear();
  slots_[name].termed = 0;
  if (engine::Errands::is_errand(name)) slots_.erase(name);
}

void Simulation::deposited(const std::string& name, int fd) {
  if (name != engine::kGroupsDeposit) return;
  std::string bytes(65536, '\0');
  bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::pread(fd, bytes.data(), bytes.size(), 0))));
  ByteReader in{bytes};
  (void)in.number<std::uint8_t>();
  loads_needed_ = {1, in.number<std::uint32_t>()};
  const auto names = in.list<std::string>([this](ByteReader& reader) {
    std::string group = reader.text();
    loads_needed_.insert(reader.number<std::uint32_t>());  // that it is read from
    (void)reader.number<std::uint32_t>();                  // that it was added with
    return group;
  });
  require(in.at_end(), "the list of active groups is damaged");
  active_told_.emplace(names.begin(), names.end());
}

void Simulation::dropped(const std::string& slot, std::uint64_t bytes) {
  logbook_.dropped(slot, bytes);
  require(now_ >= engine_gone_at_ + keeper::kFullPatience, slot + " lost bytes before it had to wait for 10 s");
  count_.dropped_bytes += static_cast<std::int64_t>(bytes);
}

void Simulation::forked(const std::string& name, std::uint64_t serial) {
  tell(fmt::format("  fork {} #{}", name, serial));
  ++count_.forks;
  const auto copies = std::ranges::count_if(
      kernel_.live(), [&](const auto& entry) { return entry.second.slot == name && !entry.second.let_go; });
  require(copies == 1, "a second copy of " + name);
  require(!slots_[name].stopped, name + " was started although a user had stopped it");
  require(!active_told_ || active_told_->contains(name.substr(0, name.find(':'))),
          name + " was started before its group was remembered");
}

void Simulation::signalled(const std::string& name, std::uint64_t serial, const SimProcess* hit, int number) {
  tell(fmt::format("  signal {} to {} #{}{}", number, name, serial, hit ? "" : ", which is dead"));
  ++count_.signals;
  if (!hit) return;
  require(hit->slot == name && hit->serial == serial,
          fmt::format("{} #{} got a signal that was meant for {} #{}", hit->slot, hit->serial, name, serial));
  require(!hit->is_gated, name + " was signalled before its SPAWNED was sent");
  check_signal(name, serial, number);
}

// Nobody is signalled without a wish; a stop begins with the stop signal, which each keeper sends once.
void Simulation::check_signal(const std::string& name, std::uint64_t serial, int number) {
  const std::string whom = fmt::format("{} #{}", name, serial);
  const bool acts_alone = keeper_->performs_last_wills();
  Slot& slot = slots_[name];
  if (!is_program(name)) {
    ScanFolder::Service* service = services_ ? services_->of_slot(name) : nullptr;
    require(service != nullptr && (acts_alone || !engine::Errands::is_errand(name)),
            whom + " is not one to be signalled");
    if (!service) return;
    const int orders = service->orders[number];
    require(orders > 0 || daemon_stops_ || acts_alone,
            fmt::format("{} got signal {}, but nobody had asked for it", whom, number));
    if (daemon_stops_ || number == SIGCONT) return;  // each engine repeats it after a TERM, which does no harm
    require(++slot.signals[number] <= orders + kills_,
            fmt::format("{} got signal {} for the {}th time, but it was asked for {} times", whom, number,
                        slot.signals[number], orders));
    return;
  }
  if (number != SIGTERM && number != SIGKILL) return;  // by a user, straight to the process
  const auto asked = slot.asked.find(serial);
  const int since = asked == slot.asked.end() ? 0 : asked->second;
  require(slot.stop_step >= since || daemon_stops_, whom + " was signalled, but nobody had asked it to stop");
  if (number == SIGKILL) return require(slot.termed == serial || acts_alone, whom + " was killed, but never asked");
  const bool again = slot.termed == serial && slot.termed_by == keeper_->number() && slot.termed_era == era_;
  require(!again || acts_alone || keeper_->is_heir(), whom + " got its stop signal twice from the same keeper");
  slot.termed = serial;
  slot.termed_by = keeper_->is_heir() ? 0 : keeper_->number();
  slot.termed_era = era_;
}

void Simulation::released(const std::string& name, std::uint64_t serial, const std::string& note) {
  const SimProcess* alive = kernel_.in_slot(name);
  require(!alive || alive->serial != serial, "the exit of a living process was released: " + name);
  if (engine::Errands::is_errand(name)) {
    slots_.erase(name);
    return;
  }
  slots_[name].owed.erase(serial);
  require(slots_[name].released.insert(serial).second, fmt::format("the exit of {} #{} counted twice", name, serial));
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
    require(process.slot == untouchable_ || process.is_script, "a restart left " + process.slot + " alive");
  for (auto& [name, slot] : slots_) {
    slot.started = slot.stopped = false;
    slot.asked.clear();
    slot.released.clear();
    slot.owed.clear();
    slot.stop_step = -1;
    slot.termed = 0;
  }
  for (auto& [name, group] : groups_) group.active.reset();  // until the next engine has read the file
  if (!untouchable_.empty()) logbook_.forget(untouchable_);  // what it still writes is nobody's
  if (services_)
    for (ScanFolder::Service& service : services_->services()) {
      service.want = service.is_down ? 'd' : 'u';
      logbook_.forget(service.slot);  // what its logger had not read went with the pipe
    }
  daemon_stops_ = !keeper_->table().owed_signals().empty();  // what came meanwhile is for the next start
}

// --- after every event

// Nothing waits without a bound, and no event makes an engine say more than its processes account for.
void Simulation::check_queues() {
  const std::size_t slots = programs_.size() + (services_ ? 3 * services_->services().size() : 0);
  const auto said = static_cast<std::size_t>(std::exchange(from_engine_in_event_, 0));
  count_.messages_per_event_max = std::max(count_.messages_per_event_max, static_cast<std::int64_t>(said));
  require(said <= kMessagesPerSlot * slots + kMessagesMore, fmt::format("{} messages for one event", said));
  if (keeper_is_dead_) return;
  const std::size_t owed = keeper_->table().slots().size() + kOwedSignalsMax;
  count_.outbox_max = std::max(count_.outbox_max, static_cast<std::int64_t>(keeper_->waiting()));
  require(keeper_->waiting() <= owed + 1, fmt::format("{} messages wait in the keeper", keeper_->waiting()));
  require(keeper_->answers_waiting() <= 1, "the keeper reads requests while answers wait");
  require(keeper_->table().owed_signals().size() <= kOwedSignalsMax, "more signals are owed than there are");
}

// What the keeper holds is for something.
void Simulation::check_keeper() {
  count_.descriptors_max = std::max(count_.descriptors_max, static_cast<std::int64_t>(keeper_->descriptors()));
  require(keeper_->spooled() <= kSimSpoolBytesMaxAll, "the spools outgrow their limit");
  for (const auto& [name, entry] : keeper_->table().slots()) {
    require(!entry.process || !entry.owed, name + " has a process and owes an exit");
    require(entry.process || entry.owed || !entry.note.empty(), "an empty slot is left: " + name);
  }
  for (const auto& [name, channels] : keeper_->channels()) {
    const auto slot = keeper_->table().slots().find(name);
    const bool is_used = slot != keeper_->table().slots().end() && (slot->second.process || slot->second.owed);
    require(is_used || channels.empty(), "the keeper keeps the channels of nobody: " + name);
  }
}

}  // namespace upkeep::simulation
