// A supervisor with its processes and verbs, a fake keeper below, a clock that stands still and a log in memory.
// Included by engine's tests only.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/verbs.h"
#include "fakes/fake_control.h"
#include "fakes/fake_keeper.h"
#include "fakes/temporary_folder.h"

namespace upkeep::engine {

struct MemorySink : logs::Sink {
  std::string bytes;
  void write(std::string_view more) override { bytes += more; }
  Result<std::size_t> splice_from(int, std::size_t) override { return Error{"splice to memory", EINVAL}; }
  void reopen() override {}
  Result<void> remove() override { return {}; }
};

inline constexpr const char* kChildQuit = "DEBG received SIGCHLD indicating a child quit";

class DaemonTest : public testing::Test, public DaemonVerbs {
 protected:
  DaemonTest() {
    add("cat", "cat").policy.start_time = std::chrono::seconds{1};
    log_.set_echo(log_sink_);
  }
  ~DaemonTest() override { EXPECT_THAT(keeper_.refusals, testing::IsEmpty()) << "the engine asked what it must not"; }

  // Before start_daemon().
  config::Process& add(const std::string& group, const std::string& name, int priority = 999) {
    auto found = std::find_if(config_.groups.begin(), config_.groups.end(), [&](auto& g) { return g.name == group; });
    if (found == config_.groups.end()) {
      config_.groups.push_back({config::Group::Kind::Group, group, priority, {}});
      found = std::prev(config_.groups.end());
    }
    config::Process process;
    process.name = name;
    process.group = group;
    process.command = "/bin/cat";
    process.priority = priority;
    process.policy.autostart = false;
    process.out.target.kind = process.err.target.kind = config::LogTarget::Kind::None;
    found->processes.push_back(process);
    return found->processes.back();
  }
  config::Process& cat() { return config_.groups.front().processes.front(); }

  // Also again: the next engine, with nothing but what the keeper has.
  void start_daemon() {
    verbs_.reset();
    supervisor_.reset();
    supervisor_ = std::make_unique<Supervisor>(surroundings());
    for (const config::Group& group : config_.groups) supervisor_->add(borrowed(group));
    verbs_ = std::make_unique<Verbs>(*supervisor_, *this);
    keeper_.attach(*supervisor_);
  }
  std::vector<std::string> recover(bool facts_only = false) {
    Snapshot snapshot = keeper_.snapshot();
    snapshot.welcome.facts_only = facts_only;
    snapshot.welcome.engine_starts = 1;  // the keeper is the same
    start_daemon();
    return supervisor_->resume(snapshot, mood_);
  }
  Surroundings surroundings() {
    return {keeper_, deposits_, events_, loop_, log_, sinks_, tee_, syslog_, setting_, mood_, make_auto_log_, {}, {}};
  }

  void pass(Duration time) {
    now_ += time;
    loop_.turn(Duration{0});
    keeper_.deliver();
    loop_.turn(Duration{0});
  }
  void deliver() { pass(Duration{0}); }
  // Started and RUNNING.
  void run(const std::string& name) {
    verbs_->start(name, false, [](const Answer&) {});
    deliver();
    pass(std::chrono::seconds{2});
    log_sink_->bytes.clear();
  }

  SupervisedProcess& process(const std::string& slot) {
    const auto colon = slot.find(':');
    return *supervisor_->find(slot.substr(0, colon), slot.substr(colon + 1));
  }
  std::string_view state(const std::string& slot) { return core::name_of(process(slot).state()); }
  std::string spawn_error(const std::string& slot) { return process(slot).spawn_error(); }

  // The log since the last call, without time stamps: "INFO spawned: 'cat' with pid 100". What Supervisor says beside
  // every exit is left out.
  std::vector<std::string> log() {
    std::vector<std::string> lines;
    for (std::string& line : split(std::exchange(log_sink_->bytes, {}), '\n'))
      if (!line.empty() && !line.ends_with(kChildQuit))
        lines.push_back(line.size() > 24 && line[4] == '-' ? line.substr(24) : line);
    return lines;
  }

  DaemonInfo info() const override { return {}; }
  void begin_shutdown() override { ++shutdowns_; }
  void begin_restart() override { ++restarts_; }
  Answer clear_log() override {
    ++log_clears_;
    return Answer{};
  }
  GroupChanges& group_changes() override { return *group_changes_; }

  Instant now_{std::chrono::seconds{1000}};
  fakes::TemporaryFolder folder_;
  os::Loop loop_{[this] { return now_; }};
  fakes::FakeKeeper keeper_{[this] { return now_; }};
  std::shared_ptr<MemorySink> log_sink_ = std::make_shared<MemorySink>();
  logs::ActivityLog log_{LogLevel::Debug};
  logs::SinkRegistry sinks_{std::make_shared<MemorySink>(), std::make_shared<MemorySink>(), {}};
  logs::TeePipe tee_ = std::move(logs::TeePipe::make().value());
  logs::Syslog syslog_;
  fakes::FakeDeposits deposits_;
  EventBus events_{loop_, log_, deposits_, [] { return "supervisor"; }};
  SpawnSetting setting_;
  core::Mood mood_ = core::Mood::Running;
  config::Config config_;
  std::function<std::string(const config::Process&, Stdio)> make_auto_log_;
  std::unique_ptr<Supervisor> supervisor_;
  std::unique_ptr<GroupChanges> group_changes_;  // where a test has made some
  std::unique_ptr<Verbs> verbs_;
  int shutdowns_ = 0, restarts_ = 0, log_clears_ = 0;

 private:
  static std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t to = std::min(text.find(at, from), text.size());
      parts.push_back(text.substr(from, to - from));
      from = to + 1;
    }
    return parts;
  }
};

}  // namespace upkeep::engine
