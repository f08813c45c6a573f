#include "keeper/keeper.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/signals.h"
#include "base/stop_signals.h"

namespace upkeep::keeper {
namespace {

constexpr int kEventsPerTurn = 128;
constexpr int kKindBits = 4;
constexpr std::size_t kAnswersTogether = 16;
constexpr std::chrono::milliseconds kManagerPause{100};  // before a busy service manager is told again
constexpr std::array kWatchedSignals{SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, kUpgradeSignal};

void require(bool sound, const char* what) {
  if (sound) return;
  std::perror(what);  // before anything was started: nothing to lose yet
  std::abort();
}

}  // namespace

Keeper::Keeper(Beginning beginning)
    : deposits_(std::move(beginning.deposits)),
      engine_(std::move(beginning.argv)),
      manager_(::getenv("NOTIFY_SOCKET")),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      starter_(std::move(beginning.starter)),
      stage_(beginning.stage),
      now_(monotonic_now()) {
  require(bool{epoll_}, "upkeep: epoll_create1");
  sigset_t mask;
  ::sigemptyset(&mask);
  for (const int number : kWatchedSignals) {
    ::sigaddset(&mask, number);
    (void)::signal(number, SIG_DFL);  // an ignored SIGCHLD would reap behind our back
  }
  if (::getpid() == 1)
    for (const int number : kStopSignalsOfInit) ::sigaddset(&mask, number);
  (void)::signal(SIGPIPE, SIG_IGN);
  (void)::signal(SIGXFSZ, SIG_IGN);
  require(::sigprocmask(SIG_SETMASK, &mask, nullptr) == 0, "upkeep: sigprocmask");
  signals_ = Fd{::signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK)};
  require(bool{signals_}, "upkeep: signalfd");
  watch_fd(signals_.get(), Kind::Signals, 0, EPOLLIN);
  take_over(std::move(beginning.handover));
  if (is_heir_) manager_.is_main_process();
}

End Keeper::run() {
  reap();  // what ended while another image was executed
  flush();
  while (!ended_) {
    if (const auto at = watch_.start_at(); at && *at <= now_ && !wills_since_) start_engine();
    std::array<epoll_event, kEventsPerTurn> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsPerTurn, wait_ms(monotonic_now()));
    now_ = monotonic_now();
    for (int i = 0; i < count && !ended_; ++i) dispatch(events[static_cast<std::size_t>(i)].data.u64);
    run_timers();
    flush();
    if (may_be_replaced()) replace();
  }
  end_.starter = std::move(starter_);
  return std::move(end_);
}

// --- the loop

int Keeper::wait_ms(Instant now) const {
  std::optional<Instant> at = watch_.end_at();
  const auto consider = [&](std::optional<Instant> other) {
    if (other && (!at || *other < *at)) at = other;
  };
  if (!wills_since_) consider(watch_.start_at());
  consider(watch_.claims_end_at());
  if (probation_ && !watch_.is_stop_asked()) consider(probation_->deadline());
  if (replacement_ && replacement_->check) consider(replacement_->check->deadline());
  if (!attached_)
    for (const auto& [slot, channels] : channels_)
      for (const Channel& channel : channels)
        if (channel.full_since && !channel.watch && !channel.ended) consider(*channel.full_since + kFullPatience);
  if (!adopted_blindly_.empty()) consider(now + std::chrono::seconds{1});
  if (wills_since_) consider(now + std::chrono::milliseconds{100});                  // counts graces down
  if (!outbox_.empty() && attached_) consider(now + std::chrono::milliseconds{20});  // too many descriptors in flight
  if (manager_.owes()) consider(now + kManagerPause);
  if (!at) return -1;
  return static_cast<int>(std::max<long long>(0, std::chrono::ceil<std::chrono::milliseconds>(*at - now).count()));
}

void Keeper::dispatch(std::uint64_t key) {
  const std::uint64_t id = key >> kKindBits;
  switch (static_cast<Kind>(key & ((1U << kKindBits) - 1))) {
    case Kind::Signals: return read_signals();
    case Kind::Engine: return read_engine();
    case Kind::Channel: return held_readable(id);
    case Kind::Adopted:
      if (const auto found = adopted_keys_.find(id); found != adopted_keys_.end())
        adopted_ended(std::string{found->second});
      return;
  }
}

void Keeper::run_timers() {
  // HELLO is an answer, too, and so is READY where nothing but the keeper's own facts must be worked through.
  const bool recovering = stage_ == wire::Stage::Running && !ready_;
  watch_.answer_expected(!attached_ || recovering || table_.anything_told_unanswered(), now_);
  if (const auto at = watch_.end_at(); at && *at <= now_) {
    engine_.kill(watch_.end_signal(now_));
    engine_.kill(SIGCONT);  // a stopped process would not notice
  }
  if (const auto at = watch_.claims_end_at(); at && *at <= now_) {
    std::erase_if(deposits_, [](const auto& deposit) { return deposit.first.ends_with(wire::kClaimSuffix); });
    watch_.claims_ended();
  }
  if (!attached_)
    for (auto& [slot, channels] : channels_)
      for (Channel& channel : channels)
        if (channel.full_since && !channel.watch && !channel.ended && *channel.full_since + kFullPatience <= now_)
          watch_held(slot, channel);
  if (manager_.owes()) manager_.retry();
  judge_images();
  poll_adopted_blindly();
  if (!wills_since_ && watch_.last_will_due()) wills_since_ = now_;
  if (wills_since_) perform_last_wills();
}

void Keeper::watch_fd(int fd, Kind kind, std::uint64_t id, std::uint32_t interest) {
  epoll_event event{};
  event.events = interest;
  event.data.u64 = id << kKindBits | static_cast<std::uint64_t>(kind);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST)
    (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

void Keeper::unwatch_fd(int fd) { (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

// --- engine

void Keeper::start_engine() {
  watch_.started(now_);
  ready_ = false;
  const Result<void> started = engine_.start(oom_score_);
  if (!started) {
    std::fprintf(stderr, "upkeep: %s\n", started.error().text.c_str());
    watch_.ended(ExitStatus{}, now_);
    if (stage_ != wire::Stage::Running) {
      end_.exit_status = 1;
      ended_ = true;
    }
    return;
  }
  watch_fd(engine_.socket(), Kind::Engine, 0, engine_interest_ = EPOLLIN);
}

// End-of-file on the socket is a safe sign: the kernel closes it only after every thread of the engine has stopped.
void Keeper::engine_closed() {
  if (engine_.socket() < 0) return;
  unwatch_fd(engine_.socket());
  engine_.close_socket();
  attached_ = false;
  outbox_.clear();
  open_gates();  // the next one is told of them first
  table_.forget_told();
  hold_all();
}

void Keeper::engine_ended(const ExitStatus& status) {
  if (engine_.socket() >= 0) read_engine();  // its last words
  engine_closed();
  engine_.ended();
  if (leaving_) {
    leaving_ = false;
    return watch_.left(now_);
  }
  watch_.ended(status, now_);
  if (end_.detach || quitting_) {
    ended_ = true;
  } else if (restarting_) {
    restarting_ = false;
    watch_ = EngineWatch{};
    if (table_.asked_to_stop()) watch_.stop_asked();
  } else if (stage_ == wire::Stage::Fresh || stage_ == wire::Stage::Configured) {
    std::fprintf(stderr, "upkeep: the engine ended before it was ready: %s\n", status.describe().c_str());
    end_.exit_status = 1;
    ended_ = true;
  }
}

void Keeper::read_engine() {
  Datagram datagram;
  while (engine_.socket() >= 0 && !ended_ && !restarting_ && !end_.detach) {
    // Starts that were asked for together are told of together, and then their gates open: nothing that runs already
    // takes the processor from the next fork.
    if (outbox_.is_borrowing() || outbox_.size() >= kAnswersTogether) {
      flush();
      if (!outbox_.empty()) return;  // what waits may borrow descriptors that a request could release
    }
    switch (receive_datagram(engine_.socket(), wire::kMessageBytesMax, datagram)) {
      case Received::Nothing: return;
      case Received::Closed:
        engine_closed();
        watch_.end_by(now_ + kLeavePatience);  // an engine without its socket is of no use
        return;
      case Received::Message: break;
    }
    auto framed = wire::decode_from_engine(datagram.bytes);
    Result<void> done = !framed              ? Result<void>{framed.error()}
                        : datagram.truncated ? Result<void>{Error{std::string{wire::kDescriptorsLost}}}
                                             : perform(framed->message, datagram);
    if (!done) outbox_.put(wire::Refused{wire::sequence_of(datagram.bytes), done.error().text});
  }
}

void Keeper::flush() {
  if (engine_.socket() < 0) return;
  tell_signals();
  const Outbox::Flow flow = outbox_.flush(engine_.socket());
  if (flow == Outbox::Flow::Broken) {  // it is gone, but what it said last is still to be read, up to its end
    outbox_.clear();
    engine_.kill(SIGKILL);
    return;
  }
  if (outbox_.empty()) open_gates();
  // With too many descriptors in flight the socket is writable and yet takes nothing: then a timer tries again.
  const std::uint32_t interest = flow == Outbox::Flow::Full ? EPOLLOUT : flow == Outbox::Flow::Done ? EPOLLIN : 0U;
  if (interest == std::exchange(engine_interest_, interest)) return;
  epoll_event event{};
  event.events = interest;
  event.data.u64 = static_cast<std::uint64_t>(Kind::Engine);
  (void)::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, engine_.socket(), &event);
}

void Keeper::open_gates() {
  for (const Fd& gate : gates_) (void)!::write(gate.get(), "", 1);  // a child that is gone does not matter
  gates_.clear();
}

void Keeper::tell_signals() {
  if (!attached_) return;
  for (OwedSignal& owed : table_.owed_signals())
    if (owed.sequence == 0) table_.told(owed, outbox_.put(wire::Signalled{owed.number}));
}

}  // namespace upkeep::keeper
