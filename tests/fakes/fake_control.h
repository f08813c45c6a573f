// The daemon as front ends see it, in memory: remembers what was asked, answers what the test laid down.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "engine/control.h"
#include "engine/front_end.h"

namespace upkeep::fakes {

class FakeControl : public engine::Control {
 public:
  engine::DaemonInfo info{4711, "supervisor", "", false};
  std::vector<engine::ProcessInfo> infos;
  std::map<std::pair<std::string, Stdio>, std::string> logfiles;
  std::vector<engine::ConfigInfo> configured;
  config::Comparison differences;
  engine::Answer answer;  // to every verb
  bool holds = false;     // keeps the callbacks of verbs that may wait in `held`
  std::vector<engine::Done> held;
  std::vector<std::string> asked;  // "start web wait"

  engine::DaemonInfo daemon() const override { return info; }
  tl::expected<engine::ProcessInfo, engine::Refused> process(const std::string& name) const override {
    for (const engine::ProcessInfo& known : infos)
      if (known.name == name || known.group + ":" + known.name == name) return known;
    return tl::unexpected{engine::Refused{engine::Refusal::BadName, name}};
  }
  std::vector<engine::ProcessInfo> processes() const override { return infos; }

  void start(const std::string& name, bool wait, engine::Done done) override { ask("start " + name, wait, done); }
  void start_group(const std::string& group, bool wait, engine::Done done) override {
    ask("start_group " + group, wait, done);
  }
  void start_all(bool wait, engine::Done done) override { ask("start_all", wait, done); }
  void stop(const std::string& name, bool wait, engine::Done done) override { ask("stop " + name, wait, done); }
  void stop_group(const std::string& group, bool wait, engine::Done done) override {
    ask("stop_group " + group, wait, done);
  }
  void stop_all(bool wait, engine::Done done) override { ask("stop_all", wait, done); }
  engine::Answer signal(const std::string& name, const std::string& signal) override {
    return ask(fmt::format("signal {} {}", name, signal));
  }
  engine::Answer signal_group(const std::string& group, const std::string& signal) override {
    return ask(fmt::format("signal_group {} {}", group, signal));
  }
  engine::Answer signal_all(const std::string& signal) override { return ask("signal_all " + signal); }

  tl::expected<std::string, engine::Refused> logfile(const std::string& name, Stdio channel) const override {
    if (const auto known = logfiles.find({name, channel}); known != logfiles.end()) return known->second;
    if (!process(name)) return tl::unexpected{engine::Refused{engine::Refusal::BadName, name}};
    return tl::unexpected{engine::Refused{engine::Refusal::NoFile}};
  }

  engine::Answer clear_log() override { return ask("clear_log"); }
  engine::Answer clear_logs(const std::string& name) override { return ask("clear_logs " + name); }
  engine::Answer clear_all_logs() override { return ask("clear_all_logs"); }
  engine::Answer send_stdin(const std::string& name, const std::string& bytes) override {
    return ask(fmt::format("send_stdin {} {}", name, bytes));
  }
  engine::Answer send_remote_event(const std::string& type, const std::string& data) override {
    return ask(fmt::format("send_remote_event {} {}", type, data));
  }
  tl::expected<config::Comparison, engine::Refused> reload() override {
    if (auto outcome = ask("reload"); std::holds_alternative<engine::Refused>(outcome))
      return tl::unexpected(std::get<engine::Refused>(std::move(outcome)));
    return differences;
  }
  engine::Answer add_group(const std::string& group) override { return ask("add_group " + group); }
  engine::Answer remove_group(const std::string& group) override { return ask("remove_group " + group); }
  std::vector<engine::ConfigInfo> configurations() const override { return configured; }

  void shutdown() override {
    asked.emplace_back("shutdown");
    info.shutting_down = true;
  }
  void restart() override {
    asked.emplace_back("restart");
    info.shutting_down = true;
  }

  engine::DaemonStatus daemon_status;
  engine::DaemonStatus status() const override { return daemon_status; }
  tl::expected<std::string, engine::Refused> upgrade(const std::string& path) override {
    if (auto outcome = ask("upgrade " + path); std::holds_alternative<engine::Refused>(outcome))
      return tl::unexpected(std::get<engine::Refused>(std::move(outcome)));
    return "a token";
  }

  void release(std::size_t index, const engine::Answer& outcome) {
    const engine::Done done = std::exchange(held.at(index), nullptr);
    done(outcome);
  }

 private:
  engine::Answer ask(std::string what) {
    asked.push_back(std::move(what));
    return answer;
  }
  void ask(const std::string& what, bool wait, const engine::Done& done) {
    asked.push_back(what + (wait ? " wait" : ""));
    if (holds) {
      held.push_back(done);
    } else {
      done(answer);
    }
  }
};

class FakeDeposits : public engine::Deposits {
 public:
  std::map<std::string, Fd> kept;         // what was deposited and not discarded
  std::map<std::string, Fd> from_before;  // for take()

  void deposit(const std::string& name, const Fd& fd) override { kept[name] = fd.duplicate().value(); }
  void discard(const std::string& name) override {
    kept.erase(name);
    from_before.erase(name);
  }
  std::vector<std::string> names() const override {
    std::set<std::string> all;
    for (const auto* deposits : {&kept, &from_before})
      for (const auto& [name, fd] : *deposits) all.insert(name);
    return {all.begin(), all.end()};
  }
  Fd take(const std::string& name) override {
    const auto found = from_before.find(name);
    if (found == from_before.end()) return Fd{};
    Fd fd = std::move(found->second);
    from_before.erase(found);
    return fd;
  }
};

}  // namespace upkeep::fakes
