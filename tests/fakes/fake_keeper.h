// A keeper without system calls: the real table, children that live and die as a test says. What it has to tell waits
// until deliver(), as it would on the socket.
#pragma once

#include <gtest/gtest.h>

#include <cerrno>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/keeper_link.h"
#include "keeper/table.h"

namespace upkeep::fakes {

class FakeKeeper : public engine::KeeperPort {
 public:
  struct Signalled {
    std::string slot;
    int number = 0;
    bool to_group = false;
    bool operator==(const Signalled&) const = default;
  };

  explicit FakeKeeper(std::function<Instant()> clock) : clock_(std::move(clock)) {}
  void attach(engine::SlotEvents& engine) { engine_ = &engine; }

  // --- what a test does
  void deliver() {  // everything that waits, and what comes of that
    while (!waiting_.empty()) {
      const auto fact = std::move(waiting_.front());
      waiting_.pop_front();
      fact();
    }
  }
  void die(const std::string& slot, const ExitStatus& status) {
    ends_.erase(slot);  // the program's ends of its pipes
    table.exited(pid(slot), status, clock_(), wall());
    const keeper::SlotEntry& entry = table.slots().at(slot);
    tell([this, exited = wire::Exited{slot, entry.serial, status, {}, {}, entry.owed->ended, entry.owed->ended_wall}] {
      engine_->on_exited(exited);
    });
  }
  void exit(const std::string& slot, int code) { die(slot, {ExitStatus::Kind::Exited, code, false}); }
  bool is_alive(const std::string& slot) const {
    const auto found = table.slots().find(slot);
    return found != table.slots().end() && found->second.process;
  }
  int pid(const std::string& slot) const { return table.slots().at(slot).process->pid; }
  std::string note(const std::string& slot) const { return table.slots().at(slot).note; }
  Fd& end(const std::string& slot, Stdio which) { return ends_.at(slot).at(which); }  // the program's

  // What an engine that attaches now would be told.
  engine::Snapshot snapshot() {
    engine::Snapshot all;
    all.welcome.stage = wire::Stage::Running;
    for (const auto& [name, entry] : table.slots()) {
      wire::Slot slot;
      slot.slot = name;
      slot.note = entry.note;
      slot.serial = entry.serial;
      if (entry.process) {
        slot.pid = entry.process->pid;
        slot.started = entry.process->started;
        slot.started_wall = entry.process->started_wall;
      }
      if (entry.owed) {
        slot.owed = entry.owed->status;
        slot.ended = entry.owed->ended;
        slot.ended_wall = entry.owed->ended_wall;
      }
      all.slots[name] = {std::move(slot), {}};
    }
    waiting_.clear();  // was for the engine before
    hears_more.reset();
    return all;
  }

  std::optional<std::pair<wire::SpawnStage, int>> spawns_fail;  // how
  int signals_fail = 0;                                         // errno
  bool gives_pipes = false;
  std::optional<int> hears_more;  // messages of this engine, which dies then; none: all. A snapshot ends it
  std::vector<Signalled> signals;
  std::vector<std::string> starts;  // slots, in the order asked
  std::map<std::string, wire::SpawnPlan> plans;
  std::map<std::string, wire::LastWill> wills;
  std::vector<std::string> refusals;  // bugs of the engine: a test expects none
  keeper::Table table;

  // --- what the engine asks
  void spawn(const std::string& slot, std::uint64_t serial, std::string note, const wire::LastWill& will,
             std::string plan, std::vector<Fd>) override {
    if (!hears()) return;
    starts.push_back(slot);
    wills[slot] = will;
    if (auto decoded = wire::decode_spawn_plan(plan)) plans[slot] = std::move(*decoded);
    if (!accepted(table.begin_spawn({slot, serial, std::move(note), will, {}}))) return;
    if (spawns_fail) {
      table.cancel_spawn(slot);
      return tell([this, failed = wire::SpawnFailed{slot, serial, spawns_fail->first, spawns_fail->second}] {
        engine_->on_spawn_failed(failed);
      });
    }
    table.started(slot, {next_pid_++, clock_(), wall(), false});
    const wire::Spawned spawned{slot, serial, pid(slot), false, clock_(), wall(), {}};
    if (gives_pipes) make_pipes(slot);
    tell([this, spawned] { engine_->on_spawned(spawned, std::exchange(lent_[spawned.slot], {})); });
  }
  void signal(const std::string& slot, std::uint64_t serial, int number, bool to_group,
              std::optional<std::string> note) override {
    if (!hears()) return;
    if (note) (void)accepted(table.note(slot, *note));
    if (!table.find(slot, serial)) return;
    if (signals_fail == 0) return signals.push_back({slot, number, to_group});
    tell(
        [this, failed = wire::SignalFailed{slot, serial, number, signals_fail}] { engine_->on_signal_failed(failed); });
  }
  void note(const std::string& slot, std::string note) override {
    if (hears()) (void)accepted(table.note(slot, note));
  }
  void release(const std::string& slot, std::string note) override {
    if (hears()) (void)accepted(table.release(slot, note));
  }

 private:
  bool hears() { return !hears_more || (*hears_more)-- > 0; }
  void tell(std::function<void()> fact) { waiting_.push_back(std::move(fact)); }
  WallTime wall() const { return WallTime{clock_().time_since_epoch()}; }
  bool accepted(const Result<void>& done) {
    if (!done) refusals.push_back(done.error().text);
    return done.has_value();
  }
  void make_pipes(const std::string& slot) {
    for (const Stdio which : {Stdio::In, Stdio::Out, Stdio::Err}) {
      auto pipe = Pipe::make();
      Fd& ours = which == Stdio::In ? pipe->write : pipe->read;
      EXPECT_TRUE(set_nonblocking(ours.get()));
      ends_[slot][which] = std::move(which == Stdio::In ? pipe->read : pipe->write);
      lent_[slot].push_back({which, std::move(ours), Fd{}, 0});
    }
  }

  std::function<Instant()> clock_;
  engine::SlotEvents* engine_ = nullptr;
  std::deque<std::function<void()>> waiting_;
  std::map<std::string, std::map<Stdio, Fd>> ends_;
  std::map<std::string, std::vector<engine::LentChannel>> lent_;
  std::int32_t next_pid_ = 100;
};

}  // namespace upkeep::fakes
