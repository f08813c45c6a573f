#include "simulation/engine.h"

#include <fcntl.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "engine/service_group.h"

namespace upkeep::simulation {
namespace {

struct Executed {};  // thrown through the engine: another image is in its place

struct NullSink : logs::Sink {
  void write(std::string_view) override {}
  Result<std::size_t> splice_from(int, std::size_t) override { return std::size_t{0}; }
  void reopen() override {}
  Result<void> remove() override { return {}; }
};

}  // namespace

Engine::Engine(Fd socket, const Outside& outside)
    : outside_(outside),
      loop_(outside.clock),
      link_(std::move(socket)),
      snapshot_(attach()),
      port_(link_, outside.defect),
      deposits_(link_, outside.defect),
      loads_(find_loads()),
      sinks_(std::make_shared<NullSink>(), std::make_shared<NullSink>(), {}, outside.clock),
      tee_(std::move(logs::TeePipe::make().value())),
      events_(loop_, log_, deposits_, [] { return "supervisor"; }),
      supervisor_({port_,
                   deposits_,
                   events_,
                   loop_,
                   log_,
                   sinks_,
                   tee_,
                   syslog_,
                   setting_,
                   mood_,
                   {},
                   {},
                   {},
                   [this] { services_changed(); }}),
      group_changes_(loads_, supervisor_, setting_, deposits_, log_, outside.read),
      verbs_(supervisor_, *this) {
  const bool is_cold = snapshot_.welcome.stage != wire::Stage::Running;
  for (const engine::LoadedGroup& group : loads_.active()) supervisor_.add(group, is_cold);
  supervisor_.on_change([this](engine::SupervisedProcess&) {
    if (mood_ != core::Mood::Running) loop_.defer([this] { advance_stop(); });
  });
}

Engine::~Engine() = default;

engine::Snapshot Engine::attach() {
  auto snapshot = link_.attach();
  if (!snapshot) std::abort();  // the simulated keeper's answer is damaged
  return std::move(*snapshot);
}

engine::Loads Engine::find_loads() {
  auto loads = snapshot_.welcome.stage == wire::Stage::Running
                   ? engine::Loads::recover(deposits_)
                   : engine::Loads::begin(std::get<engine::Configuration>(outside_.read()), deposits_);
  if (!loads) std::abort();  // the simulated keeper holds something damaged
  return std::move(*loads);
}

void Engine::start() {
  if (!link_.listen(loop_, supervisor_, *this)) std::abort();
  if (snapshot_.welcome.stage != wire::Stage::Running) {
    link_.setup({});
    link_.ready({});
    supervisor_.autostart();
    return;
  }
  const auto daemon = snapshot_.slots.find("daemon");
  if (outside_.defect == Defect::NotesIgnored) snapshot_.welcome.facts_only = true;
  if (daemon != snapshot_.slots.end() && !snapshot_.welcome.facts_only)
    if (const auto note = core::decode_daemon_note(daemon->second.slot.note)) mood_ = note->mood;
  for (const std::string& stray : supervisor_.resume(snapshot_, mood_))
    outside_.refused(stray + " runs, but no group has it");  // what runs was active, and is until it has ended
  events_.resume();
  link_.ready({});
  remember();
  if (mood_ != core::Mood::Running) {
    supervisor_.begin_stop();
    loop_.defer([this] { advance_stop(); });
  }
}

void Engine::turn() {
  try {
    for (int i = 0; i < 3; ++i) loop_.turn(Duration{0});  // deferred work may defer more
  } catch (const Executed&) {
    return;
  }
  if (outside_.defect == Defect::NotesForEver && mood_ == core::Mood::Running)
    for (const engine::SupervisedProcess* process : supervisor_.all())
      for (int i = 0; i < 20; ++i) port_.repeat_note(process->slot());
}

std::optional<Instant> Engine::deadline() const {
  std::optional<Instant> first = supervisor_.next_deadline();
  for (const engine::SupervisedGroup& group : supervisor_.groups()) {
    const auto next = group.services ? group.services->next_deadline() : std::nullopt;
    if (next && (!first || *next < *first)) first = next;
  }
  return first;
}

void Engine::services_changed() {
  if (mood_ != core::Mood::Running) loop_.defer([this] { advance_stop(); });
}

void Engine::on_signalled(int number, std::uint64_t sequence) {
  if (number == SIGTERM) set_mood(core::Mood::ShuttingDown);
  if (number == SIGHUP) set_mood(core::Mood::Restarting);
  link_.acknowledge(sequence);
}

void Engine::on_keeper_lost() {
  auto items = link_.handover([this](const std::string& slot) {
    const auto colon = slot.find(':');
    const engine::SupervisedProcess* process =
        colon == std::string::npos ? nullptr : supervisor_.find(slot.substr(0, colon), slot.substr(colon + 1));
    return process ? process->channels().fds() : engine::KeeperLink::ChannelFds{};
  });
  if (mood_ == core::Mood::ShuttingDown) items.push_back({wire::Signalled{SIGTERM}, {}});
  for (wire::HandoverItem& item : items)
    for (int& fd : item.fds) fd = inherited_.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 3)).get();
  handover_ = wire::encode_handover(items);
  throw Executed{};  // nothing of this engine happens after that
}

void Engine::set_mood(core::Mood asked) {
  const core::Mood next = core::after_request(mood_, asked);
  if (next == mood_) return;
  const bool was_running = mood_ == core::Mood::Running;
  mood_ = next;
  remember();
  if (!was_running) return;
  supervisor_.begin_stop();
  loop_.defer([this] { advance_stop(); });
}

void Engine::advance_stop() {
  if (finished_ || !supervisor_.advance_stop()) return;
  finished_ = true;
  if (mood_ == core::Mood::Restarting) {
    link_.restart();
    if (!link_.is_connected()) on_keeper_lost();  // which did not hear it: then we are the keeper that restarts
  } else {
    link_.quit(0);
  }
}

void Engine::remember() {
  core::DaemonNote note;
  note.mood = mood_;
  link_.note("daemon", core::encode(note));
}

// --- defects

void Engine::Port::spawn(const std::string& slot, std::uint64_t serial, std::string note, const wire::LastWill& will,
                         std::string plan, std::vector<Fd> passed) {
  if (defect_ != Defect::SpawnWithoutNote) notes_[slot] = std::move(note);
  link_.spawn(slot, serial, notes_[slot], will, std::move(plan), std::move(passed));
  if (defect_ == Defect::StopsEverythingAtOnce && serial > 1) link_.signal(slot, serial, SIGTERM, false, std::nullopt);
}

void Engine::Port::signal(const std::string& slot, std::uint64_t serial, int number, bool to_group,
                          std::optional<std::string> note) {
  if (note) notes_[slot] = *note;
  if (note && defect_ == Defect::SignalBeforeNote) link_.note(slot, *std::exchange(note, std::nullopt));
  link_.signal(slot, serial, number, to_group, std::move(note));
}

void Engine::Port::note(const std::string& slot, std::string note) {
  if (defect_ == Defect::RemovedNotesLeft && note.empty()) return;
  notes_[slot] = note;
  link_.note(slot, std::move(note));
}

void Engine::Port::release(const std::string& slot, std::string note) {
  if (defect_ != Defect::ReleaseWithOldNote) notes_[slot] = std::move(note);
  link_.release(slot, notes_[slot]);
}

}  // namespace upkeep::simulation
