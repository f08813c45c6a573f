#include "ctl/daemon_status.h"

#include "base/text.h"
#include "ctl/replies.h"

namespace upkeep::ctl {
namespace {

Attempt<const wire::XmlRpcValue*> member(const wire::XmlRpcValue& value, std::string_view name) {
  if (const wire::XmlRpcValue* found = value.member(name)) return found;
  return Failure::other("KeyError", python_repr(name));
}

}  // namespace

Attempt<DaemonStatus> as_daemon_status(const wire::XmlRpcValue& value) {
  DaemonStatus status;
  status.version = TRY(as_text(*TRY(member(value, "version"))));
  status.pid = TRY(as_number(*TRY(member(value, "pid"))));
  status.engine_pid = TRY(as_number(*TRY(member(value, "engine_pid"))));
  status.engine_starts = TRY(as_number(*TRY(member(value, "engine_starts"))));
  const wire::XmlRpcValue& upgrade = *TRY(member(value, "upgrade"));
  status.upgrade.state = TRY(as_text(*TRY(member(upgrade, "state"))));
  status.upgrade.token = TRY(as_text(*TRY(member(upgrade, "token"))));
  status.upgrade.path = TRY(as_text(*TRY(member(upgrade, "path"))));
  status.upgrade.from = TRY(as_text(*TRY(member(upgrade, "from"))));
  status.upgrade.to = TRY(as_text(*TRY(member(upgrade, "to"))));
  status.upgrade.why = TRY(as_text(*TRY(member(upgrade, "why"))));
  return status;
}

}  // namespace upkeep::ctl
