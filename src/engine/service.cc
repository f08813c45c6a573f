#include "engine/service.h"

#include <csignal>
#include <utility>

#include "base/bytes.h"
#include "base/overloaded.h"

namespace upkeep::engine {
namespace {

// The process's own policy makes no decision that the wishes make: nothing restarts, nothing is tried again, and only a
// `timeout-kill` ever kills.
core::Policy service_policy() {
  core::Policy policy;
  policy.restart = core::Restart::Never;
  policy.start_time = Duration::zero();
  policy.start_retries = 0;
  policy.stop_wait = Duration::max();
  return policy;
}

config::Process with_policy(config::Process config) {
  config.policy = service_policy();
  return config;
}

}  // namespace

Service::Service(config::Process config, ServiceTraits traits, ServiceOwner& owner, Surroundings& around)
    : config_(with_policy(std::move(config))),
      traits_(std::move(traits)),
      owner_(owner),
      around_(around),
      since_(to_tai64n(wall_now())),
      process_(std::make_shared<SupervisedProcess>(config_, around, Role{.service = this})) {}

// --- beginning

void Service::begin(bool down) {
  config_.policy.autostart = !down;
  wishes_ = core::new_service(down, situation(false));
  process_->make_auto_logs();
  process_->write_note();
}

void Service::recall(const std::optional<core::ProcessNote>& note, bool down, int pid) {
  config_.policy.autostart = !down;
  auto known = note ? decode_service_note(note->service) : Result<ServiceNote>{Error{"no note"}};
  wishes_ = known ? std::move(known->wishes) : core::new_service(down, situation(false));
  last_pid_ = pid;
}

void Service::go_on() {
  if (has_process()) last_pid_ = process_->pid();
  take(core::TimeIsUp{});
}

// --- what happens

void Service::command(char letter, bool to_group) {
  if (is_gone_) return;  // nobody supervises it any more
  owner_.settle_policy(config_.policy);
  take(core::Commanded{letter, to_group});
}

void Service::ask(const core::Event& event) {
  if (std::holds_alternative<core::StartAsked>(event)) return command('u');
  command('d');
  if (std::holds_alternative<core::GiveUpAsked>(event)) command('x');
}

// Not from within a step of the process: the note follows here.
void Service::take(const core::ServiceEvent& event) {
  step(event, has_process());
  const bool is_news = !(wishes_ == noted_);
  follow_up();  // a signal or a start brings the note along
  if (!(wishes_ == noted_)) {
    process_->write_note();  // that it leaves is noted, too: the byte that asked for it is gone
  } else if (!is_news) {
    return;
  }
  around_.changed(*process_);
}

void Service::step(const core::ServiceEvent& event, bool has_process) {
  core::ServiceStep step = core::step(wishes_, event, situation(has_process));
  wishes_ = std::move(step.next);
  pending_.insert(pending_.end(), step.actions.begin(), step.actions.end());
}

void Service::observe(const core::Event& event, const core::Phase& now) {
  const bool has_process = core::child_of(now) || core::is_signallable(core::state_of(now));
  if (std::holds_alternative<core::StartAsked>(event) && has_process) {
    step(core::Begun{}, true);
  } else if (std::holds_alternative<core::Spawned>(event)) {
    since_ = to_tai64n(wall_now());
    last_pid_ = process_->pid();
    owner_.script_began(wishes_.script, last_pid_);
  } else if (const auto* died = std::get_if<core::Died>(&event); died && !has_process) {
    since_ = to_tai64n(wall_now());
    owner_.script_ended(wishes_.script, std::exchange(last_pid_, 0), died->status);
    step(core::Ended{died->status}, false);
  } else if (std::holds_alternative<core::SpawnFailed>(event) && !has_process) {
    step(core::ForkFailed{}, false);
  }
}

void Service::follow_up() {
  const std::vector<core::ServiceAction> actions = std::exchange(pending_, {});
  for (const core::ServiceAction& action : actions) perform(action);
  if (!is_gone_) owner_.service_changed();
}

void Service::perform(const core::ServiceAction& action) {
  std::visit(Overloaded{[&](const core::StartScript&) {
                          if (may_start()) process_->drive(core::StartAsked{});
                        },
                        [&](const core::StopProcess&) {
                          if (process_->phase().index() == core::Phase{core::Stopping{}}.index()) {
                            process_->signal_child(config_.policy.stop_signal, false);
                          } else {
                            process_->drive(core::StopAsked{});
                          }
                        },
                        [&](const core::Kill& kill) { process_->signal_child(kill.number, kill.to_group); },
                        [&](const core::RunHook&) { owner_.run_hook(wishes_.hook_script); },
                        [&](const core::Leave&) {
                          if (!std::exchange(is_gone_, true)) owner_.service_leaves();
                        }},
             action);
}

void Service::rename(std::string name) {
  if (name == config_.name) return;
  config_.name = std::move(name);
  process_->write_note();
}

std::string Service::note() const {
  noted_ = wishes_;
  ByteWriter out;
  out.text(config_.name);
  out.text(core::encode(wishes_));
  return out.take();
}

Result<ServiceNote> decode_service_note(std::string_view bytes) {
  ByteReader in{bytes};
  ServiceNote note{in.text(), {}};
  const std::string wishes = in.text();
  if (!in.at_end()) return Error{"service note: damaged"};
  note.wishes = TRY(core::decode_service(wishes));
  return note;
}

std::optional<Instant> Service::deadline() const {
  return may_start() ? core::deadline(wishes_, has_process()) : std::nullopt;
}

// What cleans up after the service comes even when the daemon ends.
bool Service::may_start() const {
  return core::may_start(around_.mood) || wishes_.due == core::Script::Stop || wishes_.due == core::Script::Finish;
}

ServiceRole::Start Service::prepare() { return owner_.prepare(wishes_.script); }

// --- how it is

core::ServiceSituation Service::situation(bool has_process) const {
  return {has_process, owner_.scripts(), traits_.dialect, around_.loop.now()};
}

bool Service::has_process() const {
  return core::child_of(process_->phase()) || core::is_signallable(core::state_of(process_->phase()));
}

wire::StatusRecord Service::record(bool with_state) const {
  wire::StatusRecord record;
  record.since = since_;
  record.pid = static_cast<std::uint32_t>(core::child_of(process_->phase()) ? process_->pid() : 0);
  record.paused = wishes_.paused;
  record.want = core::want_letter(wishes_.want);
  if (!with_state) return record;
  const bool is_awaited = is_main_script() && traits_.is_notified && !wishes_.ready;
  const ServiceState state = core::state_of(wishes_, record.pid != 0);
  record.state =
      static_cast<std::uint8_t>(state == ServiceState::Running && is_awaited ? ServiceState::Starting : state);
  return record;
}

}  // namespace upkeep::engine
