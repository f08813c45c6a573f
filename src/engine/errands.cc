#include "engine/errands.h"

#include <csignal>
#include <utility>

namespace upkeep::engine {
namespace {

constexpr std::uint64_t kSerial = 1;  // a slot has one errand at a time, and is given up with it

}  // namespace

void Errands::run(const std::string& slot, const wire::SpawnPlan& plan, Done done) {
  const auto [known, is_new] = running_.try_emplace(slot);
  known->second = std::move(done);
  if (is_new) keeper_.spawn(slot, kSerial, {}, wire::LastWill{SIGTERM, false, 0, false}, wire::encode(plan), {});
}

void Errands::resume(const std::string& slot, const Snapshot& snapshot, Done done) {
  const auto found = snapshot.slots.find(slot);
  const bool is_known = found != snapshot.slots.end() && (found->second.slot.pid != 0 || found->second.slot.owed);
  if (!is_known) return done(ExitStatus{});
  running_[slot] = std::move(done);
}

void Errands::kill_all() {
  for (const auto& [slot, done] : running_) keeper_.signal(slot, kSerial, SIGKILL, false, {});
}

void Errands::forget(const std::string& prefix) {
  for (auto errand = running_.lower_bound(prefix); errand != running_.end() && errand->first.starts_with(prefix);
       ++errand)
    errand->second = {};
}

void Errands::deal_with_ends(const Snapshot& snapshot) {
  for (const auto& [slot, entry] : snapshot.slots) {
    if (!is_errand(slot)) continue;
    if (entry.slot.pid != 0) running_.try_emplace(slot);
    if (!entry.slot.owed) continue;
    keeper_.release(slot, "");
    finish(slot, *entry.slot.owed);
  }
}

void Errands::on_spawn_failed(const std::string& slot) {
  keeper_.note(slot, "");
  finish(slot, ExitStatus{});
}

void Errands::on_exited(const wire::Exited& fact) {
  keeper_.release(fact.slot, "");
  finish(fact.slot, fact.status);
}

void Errands::finish(const std::string& slot, const ExitStatus& status) {
  const auto found = running_.find(slot);
  if (found == running_.end()) return;
  const Done done = std::move(found->second);
  running_.erase(found);
  if (done) done(status);
}

}  // namespace upkeep::engine
