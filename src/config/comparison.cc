#include "config/comparison.h"

#include <algorithm>

namespace upkeep::config {
namespace {

const Group* find(const std::vector<Group>& groups, const std::string& name) {
  const auto found = std::find_if(groups.begin(), groups.end(), [&](const Group& group) { return group.name == name; });
  return found == groups.end() ? nullptr : &*found;
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
  if (active.processes.size() != fresh.processes.size()) return false;
  Group settled = compared(fresh);
  for (std::size_t i = 0; i < settled.processes.size(); ++i) settle(settled.processes[i], active.processes[i]);
  if (settled.services && active.services) settle(settled.services->process, active.services->process);
  return compared(active) == settled;
}

Comparison compare(const std::vector<Group>& active, const std::vector<Group>& fresh) {
  Comparison comparison;
  for (const Group& group : fresh) {
    const Group* old = find(active, group.name);
    if (!old) {
      comparison.added.push_back(group.name);
    } else if (!is_unchanged(*old, group)) {
      comparison.changed.push_back(group.name);
    }
  }
  for (const Group& group : active)
    if (!find(fresh, group.name)) comparison.removed.push_back(group.name);
  return comparison;
}

}  // namespace upkeep::config
