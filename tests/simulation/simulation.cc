#include "simulation/simulation.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include "base/datagram.h"

namespace upkeep::simulation {

using namespace std::chrono_literals;

namespace {

constexpr Duration kTroubleTime = 100s, kSettlingTime = 150s, kWishTime = 60s, kEndTime = 300s;
constexpr int kStepsMax = 200'000;  // more would be a livelock

}  // namespace

Simulation::Simulation(std::uint64_t seed, Defect defect)
    : random_(seed), defect_(defect), next_trouble_(now_ + 1s), ready_at_(now_) {
  make_groups();
  keeper_ = std::make_unique<Keeper>(++keepers_, kernel_, random_, *this, defect_);
  keeper_->untouchable_slot = untouchable_;
}

std::optional<std::string> Simulation::run() {
  run_until(now_ + kTroubleTime);
  end_trouble();
  run_until(now_ + kSettlingTime);
  if (!ended_) {
    check_settled();
    std::map<std::string, bool> wished;
    for (const engine::SupervisedProcess* process :
         violation_ ? std::vector<engine::SupervisedProcess*>{} : engine_->supervisor().all())
      (wished[process->slot()] = random_.one_in(2)) ? ask_start(process->slot()) : ask_stop(process->slot());
    run_until(now_ + kWishTime);
    check_wishes(wished);
    if (!violation_) ask_update();
    run_until(now_ + kWishTime);
    check_settled();
    if (!violation_) send_daemon(SIGTERM);
    run_until(now_ + kEndTime);
  }
  check_ended();
  return violation_;
}

void Simulation::run_until(Instant until) {
  while (!violation_ && !ended_ && step(until)) {
    require(++step_ < kStepsMax, "no end to it");
    after_event();
  }
  now_ = std::max(now_, until);
}

// One event: whatever is due first.
bool Simulation::step(Instant until) {
  std::optional<Instant> first;
  std::function<void()> event;
  const auto consider = [&](std::optional<Instant> at, std::function<void()> what) {
    if (!at || (first && *first <= *at)) return;
    first = at;
    event = std::move(what);
  };
  const bool works = engine_ && !hangs_until_;
  if (works && !to_engine_.empty())
    consider(to_engine_.front().due, [this] {
      const Travelling message = std::move(to_engine_.front());
      to_engine_.pop_front();
      deliver_to_engine(message);
      engine_->turn();
    });
  if (!to_keeper_.empty())
    consider(to_keeper_.front().due, [this] {
      const Travelling message = std::move(to_keeper_.front());
      to_keeper_.pop_front();
      perform(message);
    });
  for (const auto& [number, process] : kernel_.live())
    consider(process.dies_at, [this, pid = number] { end_process(pid); });
  if (works) consider(engine_->deadline(), [this] { engine_->turn(); });
  if (hangs_until_)
    consider(hangs_until_, [this] {
      hangs_until_.reset();
      keeper_->watch().continued();
      tell("the engine goes on");
    });
  if (!engine_ && !keeper_->performs_last_wills())
    if (const auto at = keeper_->watch().start_at()) consider(std::max(*at, ready_at_), [this] { start_engine(); });
  consider(keeper_->watch().end_at(), [this] {
    const int signal = keeper_->watch().end_signal(now_);
    tell(fmt::format("the keeper ends the engine with signal {}", signal));
    end_engine({ExitStatus::Kind::Signalled, signal, false}, false);
  });
  if (keeper_->performs_last_wills()) consider(now_ + 100ms, [] {});
  if (troubled_) consider(next_trouble_, [this] { trouble(); });

  if (!first || *first > until) return false;
  now_ = std::max(now_, *first);
  event();
  return true;
}

void Simulation::after_event() {
  ++count_.events;
  if (engine_ && engine_->has_ended()) end_engine({ExitStatus::Kind::Exited, 0, false}, false);
  if (ended_) return;
  pump();
  keeper_->tell_signals();
  keeper_->watch().answer_expected(engine_ && keeper_->table().anything_told_unanswered(), now_);
  if (keeper_->perform_last_wills(now_)) {
    tell("all last wills are performed");
    ++count_.last_wills;
    ended_ = taken_by_will_ = true;
  }
}

// --- engine and keeper

void Simulation::start_engine() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  socket_ = Fd{ends[0]};
  Fd theirs{ends[1]};
  ++count_.engines;
  keeper_->watch().started(now_);
  snapshot_ = true;
  keeper_->begin_engine(now_);
  snapshot_ = false;
  Engine::Outside outside{[this] { return read_configuration(); }, [this] { return now_; },
                          [this](const std::string& why) { require(false, "the keeper refused: " + why); }, defect_};
  engine_ = std::make_unique<Engine>(std::move(theirs), outside);
  if (engine_->is_facts_only()) {  // what users asked for is forgotten
    facts_only_ = true;
    for (auto& [name, slot] : slots_) slot.stopped = slot.started = false;
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
  pump();
  engine_.reset();
  socket_.reset();
  hangs_until_.reset();
  if (may_lose_words && random_.one_in(2)) lose_words();
  for (const Travelling& message : std::exchange(to_keeper_, {})) perform(message);
  to_engine_.clear();
  keeper_->end_engine(status, now_);
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
    if (!to_keeper_[i].fd) continue;
    accepted_is_known_ = false;
    for (auto& [name, group] : groups_) {
      group.active.reset();
      group.active_version.reset();
    }
  }
  tell(fmt::format("{} messages of the engine were never sent", to_keeper_.size() - heard));
  to_keeper_.resize(heard);
}

// The keeper is killed; the engine becomes the next one and starts an engine of its own.
void Simulation::replace_keeper() {
  pump();
  const std::size_t heard = static_cast<std::size_t>(random_.below(static_cast<int>(to_keeper_.size()) + 1));
  to_keeper_.resize(heard);
  for (const Travelling& message : std::exchange(to_keeper_, {})) perform(message);
  if (keeper_->quits() || keeper_->restarts()) return;
  for (const Travelling& message : std::exchange(to_engine_, {})) deliver_to_engine(message);
  socket_.reset();
  engine_->turn();
  require(engine_->handover().has_value(), "the engine did not notice that its keeper is gone");
  if (violation_) return;
  const auto items = wire::decode_handover(*engine_->handover());
  require(items.has_value(), "the handover does not decode");
  if (violation_) return;
  auto next = std::make_unique<Keeper>(++keepers_, kernel_, random_, *this, defect_);
  next->untouchable_slot = untouchable_;
  next->take_over(*items);  // while the engine still holds the descriptors
  // What the engine had not heard from the old keeper is lost with it.
  if (keeper_->table().asked_to_stop()) term_sent_ = engine_->mood() == core::Mood::ShuttingDown;
  daemon_stops_ = engine_->mood() != core::Mood::Running;
  engine_.reset();
  keeper_ = std::move(next);
  ++count_.keepers;
  tell(fmt::format("the keeper is killed, the engine takes over as number {}", keepers_));
  for (auto& [name, slot] : slots_) {
    slot.owed.clear();  // some may be released already, unheard by the old keeper
    if (!keeper_->table().slots().contains(name)) slot.released.clear();  // or the slot is given up
  }
  for (const auto& [name, entry] : keeper_->table().slots())
    if (entry.owed) slots_.at(name).owed.insert(entry.serial);
  keeper_->find_lost(now_);
}

void Simulation::end_process(int pid) {
  const SimProcess process = kernel_.live().at(pid);
  kernel_.live().erase(pid);
  tell(fmt::format("{} #{} (pid {}) dies: {}", process.slot, process.serial, pid, process.status.describe()));
  if (process.let_go) return;
  Slot& slot = slots_.at(process.slot);
  ++slot.deaths;
  slot.started = false;
  slot.owed.insert(process.serial);
  slot.last_status = process.parent == keepers_ ? process.status : ExitStatus{};  // only a parent learns it
  slot.last_keeper = keepers_;
  keeper_->died(pid, slot.last_status, now_);
}

// --- messages

Instant Simulation::due(const std::deque<Travelling>& queue) {
  const Instant at = now_ + random_.up_to(longest_delay_);
  return queue.empty() ? at : std::max(at, queue.back().due);
}

// Takes what the engine has sent on its way.
void Simulation::pump() {
  Datagram datagram;
  while (socket_ && receive_datagram(socket_.get(), wire::kMessageBytesMax, datagram) == Received::Message) {
    const auto framed = wire::decode_from_engine(datagram.bytes);
    require(framed.has_value(), "the engine sent something malformed");
    if (!framed) return;
    if (const auto* spawn = std::get_if<wire::Spawn>(&framed->message))
      slots_.at(spawn->slot).asked[spawn->serial] = step_;
    auto fd = datagram.fds.empty() ? nullptr : std::make_shared<Fd>(std::move(datagram.fds.front()));
    to_keeper_.push_back({due(to_keeper_), datagram.bytes, std::move(fd)});
  }
}

void Simulation::perform(const Travelling& message) {
  const auto framed = wire::decode_from_engine(message.datagram);
  if (const auto* note = std::get_if<wire::Note>(&framed->message)) tell("  NOTE " + note->slot);
  if (const auto* release = std::get_if<wire::Release>(&framed->message)) tell("  RELEASE " + release->slot);
  keeper_->perform(*framed, message.fd, now_);
}

void Simulation::deliver_to_engine(const Travelling& message) {
  const std::vector<int> fds = message.fd ? std::vector{message.fd->get()} : std::vector<int>{};
  if (send_datagram(socket_.get(), message.datagram, fds) != 0) std::abort();  // far less than a socket holds
}

}  // namespace upkeep::simulation
