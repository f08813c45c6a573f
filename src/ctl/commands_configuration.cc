// avail, reread, update, add, remove.
#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "ctl/command_table.h"
#include "ctl/format.h"

namespace upkeep::ctl {
namespace {

// The groups an `update` was asked to touch; none named means all.
class Selection {
 public:
  explicit Selection(const std::string& argument) : names_(split_blanks(argument)) {
    if (std::find(names_.begin(), names_.end(), "all") != names_.end()) names_.clear();
  }
  bool is_everything() const { return names_.empty(); }
  bool has(const std::string& group) const {
    return names_.empty() || std::find(names_.begin(), names_.end(), group) != names_.end();
  }
  std::set<std::string> names() const { return {names_.begin(), names_.end()}; }

 private:
  std::vector<std::string> names_;
};

Attempt<> complain_about_unknown(Session& session, const Selection& selection, const ConfigChanges& changes) {
  if (selection.is_everything()) return {};
  std::set<std::string> known{changes.added.begin(), changes.added.end()};
  for (const ProcessInfo& info : TRY(as_process_infos(TRY(session.call("getAllProcessInfo")))))
    known.insert(info.group);
  for (const std::string& name : selection.names()) {
    if (known.contains(name)) continue;
    session.print("ERROR: no such group: " + name);
    session.fail(kGenericFailure);
  }
  return {};
}

Attempt<> drop_group(Session& session, const std::string& group) {
  const auto results = TRY(as_process_results(TRY(session.call("stopProcessGroup", {group}))));
  session.print(group + ": stopped");
  const bool failed = std::any_of(results.begin(), results.end(),
                                  [](const ProcessResult& result) { return result.status == fault::kFailed; });
  if (failed) {
    session.print(group + ": has problems; not removing");
    session.fail(kGenericFailure);
    return {};
  }
  TRY(session.call("removeProcessGroup", {group}));
  session.print(group + ": removed process group");
  return {};
}

Attempt<> replace_group(Session& session, const std::string& group) {
  TRY(session.call("stopProcessGroup", {group}));
  session.print(group + ": stopped");
  TRY(session.call("removeProcessGroup", {group}));
  TRY(session.call("addProcessGroup", {group}));
  session.print(group + ": updated process group");
  return {};
}

Attempt<> add_group(Session& session, const std::string& group) {
  TRY(session.call("addProcessGroup", {group}));
  session.print(group + ": added process group");
  return {};
}

}  // namespace

Attempt<Next> run_avail(Session& session, const std::string& argument) {
  if (refuse_arguments(session, "avail", argument)) return Next::Stay;
  const auto answer = session.call("getAllConfigInfo");
  if (!answer) {
    session.fail(kGenericFailure);
    if (!answer.error().is_fault(fault::kShutdownState)) return answer.error();
    session.print("ERROR: supervisor shutting down");
    return Next::Stay;
  }
  for (const ConfigInfo& info : TRY(as_config_infos(*answer))) session.print(avail_row(info));
  return Next::Stay;
}

Attempt<Next> run_reread(Session& session, const std::string& argument) {
  if (refuse_arguments(session, "reread", argument)) return Next::Stay;
  const auto answer = session.call("reloadConfig");
  if (!answer) {
    session.fail(kGenericFailure);
    if (answer.error().is_fault(fault::kShutdownState)) {
      session.print("ERROR: supervisor shutting down");
    } else if (answer.error().is_fault(fault::kCantReread)) {
      session.print("ERROR: " + answer.error().text);
    } else {
      return answer.error();
    }
    return Next::Stay;
  }
  const std::vector<std::string> rows = change_rows(TRY(as_config_changes(*answer)));
  for (const std::string& row : rows) session.print(row);
  if (rows.empty()) session.print("No config updates to processes");
  return Next::Stay;
}

Attempt<Next> run_update(Session& session, const std::string& argument) {
  const auto answer = session.call("reloadConfig");
  if (!answer) {
    session.fail(kGenericFailure);
    if (!answer.error().is_fault(fault::kShutdownState)) return answer.error();
    session.print("ERROR: already shutting down");
    return Next::Stay;
  }
  const ConfigChanges changes = TRY(as_config_changes(*answer));
  const Selection selection{argument};
  TRY(complain_about_unknown(session, selection, changes));
  for (const std::string& group : changes.removed)
    if (selection.has(group)) TRY(drop_group(session, group));
  for (const std::string& group : changes.changed)
    if (selection.has(group)) TRY(replace_group(session, group));
  for (const std::string& group : changes.added)
    if (selection.has(group)) TRY(add_group(session, group));
  return Next::Stay;
}

Attempt<Next> run_add(Session& session, const std::string& argument) {
  for (const std::string& name : split_blanks(argument)) {
    const auto answer = session.call("addProcessGroup", {name});
    if (answer) {
      session.print(name + ": added process group");
    } else if (answer.error().is_fault(fault::kAlreadyAdded)) {
      session.print("ERROR: process group already active");  // and no failure
    } else {
      session.fail(kGenericFailure);
      if (answer.error().is_fault(fault::kShutdownState)) {
        session.print("ERROR: shutting down");
      } else if (answer.error().is_fault(fault::kBadName)) {
        session.print("ERROR: no such process/group: " + name);
      } else {
        return answer.error();
      }
    }
  }
  return Next::Stay;
}

Attempt<Next> run_remove(Session& session, const std::string& argument) {
  for (const std::string& name : split_blanks(argument)) {
    const auto answer = session.call("removeProcessGroup", {name});
    if (answer) {
      session.print(name + ": removed process group");
      continue;
    }
    session.fail(kGenericFailure);
    if (answer.error().is_fault(fault::kStillRunning)) {
      session.print("ERROR: process/group still running: " + name);
    } else if (answer.error().is_fault(fault::kBadName)) {
      session.print("ERROR: no such process/group: " + name);
    } else {
      return answer.error();
    }
  }
  return Next::Stay;
}

}  // namespace upkeep::ctl
