#include "rpc/upkeep_api.h"

#include <unistd.h>

#include "wire/process_table.h"

namespace upkeep::rpc {
namespace {

using wire::XmlRpcReply;
using wire::XmlRpcStruct;
using wire::XmlRpcValue;

std::string_view name_of(engine::UpgradeState state) {
  switch (state) {
    case engine::UpgradeState::None: return "none";
    case engine::UpgradeState::UnderWay: return "under way";
    case engine::UpgradeState::Done: return "done";
    case engine::UpgradeState::Refused: return "refused";
    case engine::UpgradeState::RolledBack: return "rolled back";
  }
  return "none";
}

void get_status(const Call& call) {
  const engine::DaemonStatus status = call.control.status();
  const engine::UpgradeStatus& upgrade = status.upgrade;
  call.answer(XmlRpcValue{XmlRpcStruct{
      {"version", status.version},
      {"pid", status.keeper_pid},
      {"engine_pid", status.engine_pid},
      {"engine_starts", status.engine_starts},
      {"alarm", call.control.daemon().alarm},
      {"upgrade", XmlRpcStruct{{"state", std::string{name_of(upgrade.state)}},
                               {"token", upgrade.token},
                               {"path", upgrade.path},
                               {"from", upgrade.from},
                               {"to", upgrade.to},
                               {"why", upgrade.why}}},
  }});
}

void get_process_table(const Call& call) {
  std::string table;
  for (const engine::ProcessInfo& info : call.control.processes())
    wire::append_process_row(table, info.group, info.name, static_cast<int>(info.state), core::name_of(info.state),
                             info.description);
  call.answer(XmlRpcValue{std::move(table)});
}

// An upgrade executes a file of the caller's choice as the daemon's user, which nothing else here does. So only who may
// do that anyway may ask: that user and root, as the kernel vouches for them on a unix socket.
void upgrade(const Call& call) {
  const auto uid = call.caller.local_uid;
  if (!uid || (*uid != 0 && *uid != ::geteuid()))
    return call.answer(
        fault(engine::Refusal::Failed,
              uid ? "only root and the user that the daemon runs as may upgrade it"
                  : "an upgrade is only taken over a unix socket: root and the daemon's own user are known there"));
  auto token = call.control.upgrade(call.text(0));
  call.answer(token ? XmlRpcReply{XmlRpcValue{*token}} : fault(token.error()));
}

std::vector<Method> make_methods() {
  using enum Kind;
  return {
      {"getStatus",
       "struct",
       {},
       0,
       " Return what is to be known of the daemon itself: version, pids, how often its engine was started, and what "
       "became of the last upgrade\n\n"
       "@return struct result version, pid, engine_pid, engine_starts, alarm (empty: none), upgrade: state, token, "
       "path, from, to, why\n",
       get_status,
       true},
      {"getProcessTable",
       "string",
       {},
       0,
       " Return what status shows of all processes as one text, which takes far less time than getAllProcessInfo\n\n"
       "@return string result  a line a process: group, name, number of the state, its name, description, with tabs "
       "between them and escapes \\\\, \\t, \\n, \\r inside\n",
       get_process_table},
      {"upgrade",
       "string",
       {Text},
       0,
       " Replace keeper and engine by another image without touching a process. getStatus tells what became of it\n\n"
       "@param string path  the image; empty: the file that this one was started from\n"
       "@return string result  a token, which getStatus shows beside the outcome\n",
       upgrade},
  };
}

}  // namespace

const std::vector<Method>& upkeep_methods() {
  static const std::vector<Method> methods = make_methods();
  return methods;
}

}  // namespace upkeep::rpc
