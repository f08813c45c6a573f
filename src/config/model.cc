#include "config/model.h"

#include <tuple>

namespace upkeep::config {
namespace {

Group::Kind compared_kind(Group::Kind kind) { return kind == Group::Kind::Group ? Group::Kind::Program : kind; }

}  // namespace

bool Process::operator==(const Process& other) const {
  const auto settings = [](const Process& p) {
    return std::tie(p.name, p.command, p.directory, p.umask, p.identity, p.environment, p.has_own_server_url,
                    p.priority, p.policy, p.redirect_stderr, p.out, p.err);
  };
  return settings(*this) == settings(other) && (!has_own_server_url || server_url == other.server_url);
}

bool Group::operator==(const Group& other) const {
  return compared_kind(kind) == compared_kind(other.kind) && name == other.name && priority == other.priority &&
         processes == other.processes && socket == other.socket && events == other.events;
}

}  // namespace upkeep::config
