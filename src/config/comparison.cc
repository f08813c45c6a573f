#include "config/comparison.h"

#include <string_view>
#include <unordered_map>

namespace upkeep::config {
namespace {

using ByName = std::unordered_map<std::string_view, const Group*>;

ByName by_name(const std::vector<Group>& groups) {
  ByName found;
  for (const Group& group : groups) found.emplace(group.name, &group);
  return found;
}

void settle(Process& fresh, const Process& active) {
  if (fresh.out.target.kind == LogTarget::Kind::Auto) fresh.out.target = active.out.target;
  if (fresh.err.target.kind == LogTarget::Kind::Auto) fresh.err.target = active.err.target;
}

// The group with all that is not compared made equal.
Group compared(Group group) {
  if (group.kind == Group::Kind::Group) group.kind = Group::Kind::Program;
  if (group.socket) group.socket = FcgiSocket{group.socket->url, {}, {}, {}, {}};
  for_each_process(group, [](Process& process) {
    process.group.clear();
    process.program.clear();
    if (process.identity) process.identity = Identity{{}, process.identity->uid, {}, {}};
    if (!process.has_own_server_url) process.server_url.clear();
  });
  return group;
}

}  // namespace

bool is_unchanged(const Group& active, const Group& fresh) {
  if (active == fresh) return true;  // nearly always, and without a copy
  if (active.processes.size() != fresh.processes.size()) return false;
  Group settled = compared(fresh);
  for (std::size_t i = 0; i < settled.processes.size(); ++i) settle(settled.processes[i], active.processes[i]);
  if (settled.services && active.services) settle(settled.services->process, active.services->process);
  return compared(active) == settled;
}

Comparison compare(const std::vector<Group>& active, const std::vector<Group>& fresh) {
  const ByName before = by_name(active), after = by_name(fresh);
  Comparison comparison;
  for (const Group& group : fresh) {
    const auto old = before.find(group.name);
    if (old == before.end()) {
      comparison.added.push_back(group.name);
    } else if (!is_unchanged(*old->second, group)) {
      comparison.changed.push_back(group.name);
    }
  }
  for (const Group& group : active)
    if (!after.contains(group.name)) comparison.removed.push_back(group.name);
  return comparison;
}

}  // namespace upkeep::config
