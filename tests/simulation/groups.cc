// The configuration: groups of programs that come, go and change, and service directories.
#include <fmt/core.h>

#include <algorithm>

#include "simulation/simulation.h"

namespace upkeep::simulation {

void Simulation::make_groups() {
  fakes::put(folder_ / "program", "never run");
  make_executable(true);
  world_.directories.insert(folder_.path());
  if (random_.one_in(2)) socket_room_ = 1 + static_cast<std::size_t>(random_.below(3));
  if (random_.one_in(2)) kernel_.pids = 26;  // they come round soon, and may not suffice
  spawns_failed_ = kernel_.pids < 90;
  for (int i = 0; i < 4; ++i) {
    const std::string name = fmt::format("group{}", i);
    const int processes = 1 + random_.below(2);
    for (int k = 0; k < processes; ++k) {
      programs_.insert(fmt::format("{}:p{}", name, k));
      slots_[fmt::format("{}:p{}", name, k)];
    }
    Group& group = groups_[name];
    group.configured = i == 0 || random_.one_in(2);
    group.programs = make_programs(random_, name, processes, group.version);
  }
  if (random_.one_in(2)) {
    services_ = std::make_unique<ScanFolder>(folder_ / "scan", random_);
    world_.directories.insert(services_->path());
  }
  write_configuration();
  users_ = !random_.one_in(3);
  if (random_.one_in(6)) untouchable_ = *programs_.begin();
}

// The version is in the environment, so that one can see which an active group has.
std::string Simulation::make_programs(Random& random, const std::string& group, int processes, int version) {
  std::string text = fmt::format("[group:{}]\nprograms=", group);
  for (int k = 0; k < processes; ++k) text += fmt::format("{}{}_{}", k == 0 ? "" : ",", group, k);
  for (int k = 0; k < processes; ++k) {
    text += fmt::format("\n[program:{}_{}]\nprocess_name=p{}\ncommand={}\nenvironment=VERSION={}\n", group, k, k,
                        folder_ / "program", version);
    text += fmt::format("stdout_logfile={}\nstdout_logfile_maxbytes=0\nstderr_logfile=NONE\n",
                        folder_ / fmt::format("{}:p{}.log", group, k));
    text += random.one_in(3) ? "stdout_events_enabled=true\n" : "";  // then its bytes are copied
    text += fmt::format("autostart={}\nautorestart={}\n", !random.one_in(4),
                        random.pick<std::string>({"false", "unexpected", "true"}));
    text += fmt::format("startsecs={}\nstartretries={}\nstopwaitsecs={}\n", random.pick<int>({0, 1, 1, 3}),
                        random.pick<int>({0, 1, 3, 3, 1'000'000}), random.pick<int>({0, 1, 5}));
    text += random.one_in(2) ? "stopasgroup=true\n" : random.one_in(2) ? "killasgroup=true\n" : "";
  }
  return text + "\n";
}

void Simulation::write_configuration() {
  std::string text = "[supervisord]\nnodaemon=true\n";
  for (const auto& [name, group] : groups_)
    if (group.configured) text += group.programs;
  if (services_)
    text += fmt::format("[svscan:{}]\ndirectory={}\nstdout_logfile=NONE\nstderr_logfile=NONE\n", ScanFolder::kGroup,
                        services_->path());
  world_.files["/etc/a.conf"] = text;
}

engine::ConfigurationOrError Simulation::read_configuration() {
  const bool begins = !keeper_->is_running();  // a cold start: all that is configured becomes active
  if (begins) accepted_is_known_ = true;
  accepted_.clear();
  for (auto& [name, group] : groups_) {
    if (group.configured) accepted_[name] = group.version;
    if (!begins) continue;
    group.active = group.configured;
    group.active_version = group.version;
  }
  if (begins) {
    active_told_.reset();
    loads_needed_ = {1};
  }
  auto read = engine::reload_configuration({"/usr/bin/supervisord", "-c", "/etc/a.conf"}, "/etc/a.conf", world_);
  if (const auto* error = std::get_if<config::LoadError>(&read)) {
    std::fprintf(stderr, "%s\n", error->text.c_str());  // the simulation itself is wrong
    std::abort();
  }
  return read;
}

void Simulation::edit_configuration(Random& fate) {
  auto chosen = groups_.begin();
  std::advance(chosen, fate.below(static_cast<int>(groups_.size())));
  auto& [name, group] = *chosen;
  tell("somebody edits " + name);
  if (fate.one_in(3)) {
    group.configured = !group.configured;
  } else {
    const auto processes = std::ranges::count_if(
        programs_, [prefix = name + ":"](const std::string& slot) { return slot.starts_with(prefix); });
    group.programs = make_programs(fate, name, static_cast<int>(processes), ++group.version);
  }
  write_configuration();
}

}  // namespace upkeep::simulation
