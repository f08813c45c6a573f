// Engines, keepers and programs begin and end.
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "simulation/simulation.h"

namespace upkeep::simulation {

using namespace std::chrono_literals;

namespace {

constexpr int kSocketBytes = 1 << 20;  // or what the system allows: far more than ever waits

bool is_ready(int fd, short events) {
  pollfd state{fd, events, 0};
  return ::poll(&state, 1, 0) == 1;
}

}  // namespace

// --- engines

void Simulation::start_engine() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  for (const int end : ends) (void)::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kSocketBytes, sizeof kSocketBytes);
  socket_ = Fd{ends[0]};
  Fd theirs{ends[1]};
  ++count_.engines;
  keeper_->watch().started(now_);
  snapshot_ = true;
  keeper_->begin_engine();
  keeper_->flush(1'000'000, now_);
  snapshot_ = false;
  const auto refused = [this](const std::string& why) {
    require(why.starts_with("descriptors were lost"), "the keeper refused: " + why);
    ++count_.refused;
  };
  Engine::Outside outside{[this] { return read_configuration(); }, [this] { return now_; }, refused, defect_};
  engine_ = std::make_unique<Engine>(std::move(theirs), outside);
  if (engine_->is_facts_only()) {  // what users asked for is forgotten
    facts_only_ = true;
    ++era_;
    ++count_.facts_only;
    for (auto& [name, slot] : slots_) slot.stopped = slot.started = false;
    if (services_)
      for (ScanFolder::Service& service : services_->services()) service.want = 0;
  }
  tell(engine_->is_facts_only() ? "an engine starts from facts alone" : "an engine starts");
  engine_->start();
  engine_->turn();
  if (!troubled_ || (doomed_engines_ == 0 && !random_.one_in(6))) return;
  doomed_engines_ = std::max(0, doomed_engines_ - 1);
  tell("the engine ends at once");
  end_engine({ExitStatus::Kind::Signalled, random_.one_in(2) ? SIGKILL : SIGSEGV, false}, true);
}

void Simulation::end_engine(const ExitStatus& status, bool may_lose_words) {
  if (keeper_is_dead_) {  // all was stopped already when it came to that: the end of the daemon
    tell("the engine ends without a keeper");
    engine_.reset();
    ended_ = term_sent_ = true;
    return;
  }
  pump();
  if (status.kind == ExitStatus::Kind::Signalled) ++kills_;
  engine_.reset();
  socket_.reset();
  hangs_until_.reset();
  engine_wakes_at_.reset();
  if (defect_ == Defect::LettersTakenFirst && services_) services_->take_a_letter();
  // What an engine does to directories of services must not outlive words that it never said: then it says them all.
  if (may_lose_words && !services_ && random_.one_in(2)) lose_words();
  keeper_->flush(1'000'000, now_);  // into a socket whose reader is gone
  for (const Travelling& message : std::exchange(to_keeper_, {})) perform(message);
  to_engine_.clear();
  keeper_->end_engine(status, now_);
  engine_gone_at_ = now_;
  tell("the engine has ended: " + status.describe());
  if (keeper_->quits()) {
    tell("the keeper quits");
    ended_ = true;
  }
}

// It was killed between two of its messages; not before READY, which would end the start of the daemon as a whole.
void Simulation::lose_words() {
  std::size_t least = 0;
  for (std::size_t i = 0; i < to_keeper_.size() && !keeper_->is_running(); ++i)
    if (std::holds_alternative<wire::Ready>(wire::decode_from_engine(to_keeper_[i].datagram)->message)) least = i + 1;
  const std::size_t heard =
      least + static_cast<std::size_t>(random_.below(static_cast<int>(to_keeper_.size() - least) + 1));
  for (std::size_t i = heard; i < to_keeper_.size(); ++i) {
    for (auto& [name, slot] : slots_)
      if (to_keeper_[i].datagram.find(name) != std::string::npos) slot.stopped = slot.started = false;
    if (to_keeper_[i].fds.empty()) continue;
    accepted_is_known_ = false;
    for (auto& [name, group] : groups_) {
      group.active.reset();
      group.active_version.reset();
    }
  }
  tell(fmt::format("{} messages of the engine were never sent", to_keeper_.size() - heard));
  to_keeper_.resize(heard);
}

// --- keepers

// Not while there is no engine that knows its table: that is not survived, and documented.
void Simulation::kill_keeper() {
  if (!engine_ || keeper_is_dead_ || keeper_->is_leaving() || !keeper_->is_running() || violation_) return;
  pump();
  std::size_t heard = static_cast<std::size_t>(random_.below(static_cast<int>(to_keeper_.size()) + 1));
  for (; heard > 0 && keeper_->reads(); --heard) {
    const Travelling message = std::move(to_keeper_.front());
    to_keeper_.pop_front();
    perform(message);
  }
  if (keeper_->quits() || keeper_->restarts()) return;
  for (const Travelling& message : std::exchange(to_engine_, {})) deliver_to_engine(message);
  ++kills_;
  ++count_.keepers;
  if (hangs_until_) ++count_.keepers_killed_in_a_hang;
  tell(fmt::format("keeper {} is killed with {} messages to send and {} to read", keepers_, keeper_->waiting(),
                   to_keeper_.size()));
  keeper_->die(now_);
  keeper_is_dead_ = true;
  to_keeper_.clear();
  deaths_.clear();  // init reaps them
  socket_.reset();
  takeover_at_ = now_ + random_.up_to(longest_delay_);
}

// The engine has seen its keeper's end. It becomes the next one and starts an engine of its own.
void Simulation::take_over() {
  takeover_at_.reset();
  engine_->turn();
  require(engine_->handover().has_value(), "the engine did not notice that its keeper is gone");
  if (violation_) return;
  const auto items = wire::decode_handover(*engine_->handover());
  require(items.has_value(), "the handover does not decode");
  if (violation_) return;
  auto next = std::make_unique<Keeper>(++keepers_, kernel_, random_, *this, defect_);
  next->untouchable_slot = untouchable_;
  next->failing_spawns = keeper_->failing_spawns;
  next->descriptors_max = keeper_->descriptors_max;
  // What the engine had not heard from the old keeper is lost with it.
  if (keeper_->table().asked_to_stop()) term_sent_ = engine_->mood() == core::Mood::ShuttingDown;
  daemon_stops_ = engine_->mood() != core::Mood::Running;
  next->take_over(*items, now_);  // while the engine still holds the descriptors
  engine_.reset();
  engine_gone_at_ = now_;
  engine_wakes_at_.reset();
  keeper_ = std::move(next);
  keeper_is_dead_ = false;
  tell(fmt::format("the engine takes over as keeper {}", keepers_));
  for (auto& [name, slot] : slots_) {
    slot.owed.clear();  // some may be released already, unheard by the old keeper
    // Or the slot is given up; that of a service may have come back already.
    if (!is_program(name) || !keeper_->table().slots().contains(name)) slot.released.clear();
  }
  for (const auto& [name, entry] : keeper_->table().slots())
    if (entry.owed) slots_[name].owed.insert(entry.serial);
}

// The keeper becomes another image as soon as it may; one whose engines do not come up goes back.
void Simulation::replace_image() {
  const auto why = keeper_->failure(now_);
  if (why && engine_) return end_engine({ExitStatus::Kind::Signalled, SIGKILL, false}, false);
  if (!why && image_ == Image::None) return;
  auto next = keeper_->another_image(!why, now_);
  if (!next) return;
  keeper_ = std::move(next);
  tell(why ? "the image before is taken back: " + *why : "the keeper executes another image");
  ++(why ? count_.rolled_back : count_.upgrades);
  doomed_engines_ = why ? 0 : std::exchange(image_, Image::None) == Image::Bad ? 100 : doomed_engines_;
  if (!keeper_->is_attached()) wake(carry_at_, longest_delay_);
  flush_keeper();
}

// --- programs

void Simulation::end_process(int pid) {
  const bool is_orphan = kernel_.live().at(pid).parent != keepers_ || keeper_is_dead_;
  const SimProcess gone = kernel_.die(pid, is_orphan);
  tell(fmt::format("{} #{} (pid {}) dies: {}", gone.slot, gone.serial, pid, gone.status.describe()));
  wake_engine();  // the end of its pipes
  wake(carry_at_, longest_delay_);
  if (is_orphan) {
    wake(adopted_at_, longest_reaping_);
  } else {
    Instant due = now_ + random_.up_to(longest_reaping_);
    if (!deaths_.empty()) due = std::max(due, deaths_.back().due);
    deaths_.push_back({due, pid, gone.status});
  }
  if (gone.let_go) return;
  Slot& slot = slots_[gone.slot];
  ++slot.deaths;
  slot.started = false;
  if (!keeper_is_dead_) slot.owed.insert(gone.serial);
  slot.last_status = is_orphan ? ExitStatus{} : gone.status;  // only a parent learns it
  slot.last_keeper = keepers_;
  ScanFolder::Service* service = services_ ? services_->of_slot(gone.slot) : nullptr;
  if (!gone.is_script || !service) return;
  if (gone.status.value != 0) {
    service->want = 0;                                     // it may count as failed
  } else if (gone.slot == service->slot + "!control-t") {  // its success stands for the signal, so it has seen to that
    for (auto& [other, process] : kernel_.live())
      if (process.slot == service->slot && !process.let_go) (void)kernel_.signal(other, SIGTERM, now_);
  }
}

// A program writes some lines; a logger reads what there is.
void Simulation::speak(int pid) {
  SimProcess& process = kernel_.live().at(pid);
  const bool is_logger = process.slot.ends_with("/log");
  process.speaks_at = now_ + random_.up_to(is_logger ? 1s : troubled_ ? 5s : 60s);
  if (is_logger) {
    while (process.in && is_ready(process.in.get(), POLLIN)) {
      std::array<char, 4096> bytes;
      const ssize_t got = ::read(process.in.get(), bytes.data(), bytes.size());
      if (got > 0) logbook_.heard(process.slot, {bytes.data(), static_cast<std::size_t>(got)});
      if (got > 0) continue;
      process.dies_at = now_;  // at the end of its input
      process.status = {ExitStatus::Kind::Exited, 0, false};
      process.speaks_at.reset();
      return;
    }
    return;
  }
  if (!process.out || process.let_go) return;
  const int lines = random_.one_in(8) ? 500 : 1 + random_.below(5);
  for (int i = 0; i < lines && is_ready(process.out.get(), POLLOUT); ++i) {
    const std::string line = fmt::format("{} #{}: {}\n", with_names(process.slot), process.serial, process.lines++);
    if (::write(process.out.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) break;
    logbook_.wrote(process.slot, line);
  }
  wake_engine();
  wake(carry_at_, longest_delay_);
}

}  // namespace upkeep::simulation
