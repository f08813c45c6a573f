// How the keeper becomes another image of itself, in its own pid and with everything it holds.
//
// The new image first proves on a copy that it can read the table. Then the keeper writes the table, executes the
// image, and that one goes on where this one was, with the same engine at the other end of the same socket; only now it
// asks that engine to leave, and starts one of its own. So at any moment there is somebody who knows everything: should
// the new keeper die, the old engine sees it and becomes the keeper, with the old image. Should the new engines not
// come up, the new keeper goes back by the same way (probation.h).
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>

#include <cstdlib>

#include "base/version.h"
#include "keeper/keeper.h"
#include "keeper/table_memfd.h"

namespace upkeep::keeper {
Result<void> Keeper::on(const wire::Upgrade& upgrade, std::vector<Fd>& fds) {
  if (fds.size() != 1) return Error{"UPGRADE needs the image"};
  replacement_ = Replacement{
      {wire::UpgradeOutcome::Done, upgrade.asked, upgrade.path, version(), "", ""}, std::move(fds.front()), {}, false};
  if (!ready_ || quitting_ || restarting_ || watch_.is_stop_asked()) {
    refuse_upgrade("the daemon is being started, stopped or restarted");
    return {};
  }
  const auto table = write_table(this->table());
  auto check =
      table ? ImageCheck::start(replacement_->image.get(), table->get(), now_) : Result<ImageCheck>{table.error()};
  if (!check) {
    refuse_upgrade(check.error().text);
  } else {
    replacement_->check = std::move(*check);
  }
  return {};
}

void Keeper::refuse_upgrade(const std::string& why) {
  last_upgrade_ = std::move(replacement_->report);
  last_upgrade_->outcome = wire::UpgradeOutcome::Refused;
  last_upgrade_->why = why;
  upgrade_is_news_ = !attached_;
  replacement_.reset();
  if (attached_) outbox_.put(wire::UpgradeRefused{*last_upgrade_});
}

bool Keeper::check_ended(std::int32_t pid, const ExitStatus& status) {
  if (!replacement_ || !replacement_->check || replacement_->check->pid() != pid) return false;
  const auto image_version = replacement_->check->verdict(status);
  replacement_->check.reset();
  if (!image_version) {
    refuse_upgrade(image_version.error().text);
  } else {
    replacement_->report.to = *image_version;
    replacement_->is_sound = true;
  }
  return true;
}

// What we have told the engine must have reached it: the next image does not know what waited.
bool Keeper::may_be_replaced() const {
  return replacement_ && replacement_->is_sound && attached_ && ready_ && !quitting_ && !restarting_ &&
         outbox_.empty() && gates_.empty();
}

void Keeper::replace() {
  const Fd here{::open("/proc/self/exe", O_PATH | O_CLOEXEC)};
  const Error error = execute(replacement_->image.get(), here.get(), replacement_->report);
  refuse_upgrade(error.text);
}

void Keeper::judge_images() {
  if (replacement_ && replacement_->check && replacement_->check->deadline() <= now_) replacement_->check->give_up();
  if (!probation_ || watch_.is_stop_asked()) return;
  if (probation_->is_passed(now_)) {
    probation_.reset();
    image_before_.reset();
    return;
  }
  const auto why = probation_->failure(watch_.facts_only(), watch_.last_end(), now_);
  if (!why) return;
  if (engine_.pid() == 0) return roll_back(*why);
  engine_.kill(SIGKILL);  // its end is seen first
}

void Keeper::roll_back(const std::string& why) {
  probation_.reset();
  wire::UpgradeReport report = last_upgrade_.value_or(wire::UpgradeReport{});
  report.outcome = wire::UpgradeOutcome::RolledBack;
  report.why = why;
  const Error error = execute(image_before_.get(), -1, report);
  report.why += "; and the image before it cannot be taken back: " + error.text;
  last_upgrade_ = std::move(report);
  upgrade_is_news_ = true;
  image_before_.reset();
}

Error Keeper::execute(int image, int image_before, const wire::UpgradeReport& report) {
  auto items = table();
  auto& state = std::get<wire::KeeperState>(items.front().message);
  state.upgrade = report;
  state.has_image_before = image_before >= 0;
  if (state.has_image_before) items.front().fds.push_back(image_before);
  auto memfd = write_table(items);
  if (!memfd) return memfd.error();
  items.push_back({wire::Deposited{"table"}, {memfd->get()}});  // inherited like the rest
  if (::setenv(wire::kHandoverVariable, std::to_string(memfd->get()).c_str(), 1) != 0)
    return Error::from_errno("setenv");
  inherit(items, true);
  oom_score_.give_back();  // the image protects itself
  oom_score_.give_back();  // the image finds the score that is its children's
  engine_.execute_as_keeper(image);
  const Error error = Error::from_errno("execute it");
  oom_score_.protect();
  oom_score_.protect();
  inherit(items, false);
  (void)::unsetenv(wire::kHandoverVariable);
  return error;
}

// Everything we know and hold: ourselves first.
std::vector<wire::HandoverItem> Keeper::table() {
  wire::KeeperState state;
  std::vector<wire::HandoverItem> items(1);
  if (attached_) {
    state.engine_pid = engine_.pid();
    items.front().fds.push_back(engine_.socket());
  }
  state.engine_starts = watch_.starts();
  state.next_sequence = outbox_.next_sequence();
  for (const OwedSignal& owed : table_.owed_signals()) state.signals.push_back({owed.number, owed.sequence});
  if (files_limit_) state.files_limit = *files_limit_;
  state.has_reports = reports_.memory() >= 0;
  if (state.has_reports) items.front().fds.push_back(reports_.memory());
  items.front().message = std::move(state);

  for (const auto& [name, fd] : deposits_) items.push_back({wire::Deposited{name}, {fd.get()}});
  for (const auto& [name, entry] : table_.slots()) {
    std::vector<int> fds;
    wire::Slot slot = describe(name, entry);
    if (const auto adopted = adopted_.find(name); adopted != adopted_.end()) fds.push_back(adopted->second.get());
    slot.has_pidfd = !fds.empty();
    if (const auto channels = channels_.find(name); channels != channels_.end())
      for (Channel& channel : channels->second) {
        slot.channels.push_back(
            {channel.which, bool{channel.spool}, static_cast<std::uint64_t>(channel.settle_spool()), channel.dropped});
        fds.push_back(channel.pipe.get());
        if (channel.spool) fds.push_back(channel.spool.get());
      }
    items.push_back({std::move(slot), std::move(fds)});
  }
  return items;
}

// We are the new image, or the old one again.
void Keeper::resume(const wire::KeeperState& state, std::vector<Fd> fds) {
  auto next = fds.begin();
  is_heir_ = state.engine_starts == 0;
  last_upgrade_ = state.upgrade;
  upgrade_is_news_ = state.upgrade.has_value();
  if (state.files_limit) files_limit_ = static_cast<rlim_t>(*state.files_limit);
  if (state.engine_starts > 0) watch_.resume(state.engine_starts, state.engine_pid != 0, now_);
  outbox_.go_on_from(state.next_sequence);
  if (state.engine_pid != 0) {
    engine_.resume(state.engine_pid, std::move(*next++));
    watch_fd(engine_.socket(), Kind::Engine, 0, engine_interest_ = EPOLLIN);
    attached_ = true;
  }
  if (state.has_reports) reports_ = ChildReports{std::move(*next++)};
  if (state.has_image_before) image_before_ = std::move(*next++);
  for (const wire::KeeperState::OwedSignal& owed : state.signals) {
    table_.signalled(owed.number);
    if (attached_ && owed.sequence != 0) table_.told(table_.owed_signals().back(), owed.sequence);
  }
  if (table_.asked_to_stop()) watch_.stop_asked();
  if (image_before_) probation_.emplace(now_);
  if (!attached_) return;
  leaving_ = true;
  outbox_.put(wire::Leave{});
  watch_.end_by(now_ + kLeavePatience);
}

}  // namespace upkeep::keeper
