// Recognises a program that put itself in the background, the commonest mistake of newcomers: its process ends at once
// while what it forked lives on, now a child of the keeper. Neither process group nor session tell whose it is;
// SUPERVISOR_PROCESS_NAME in its environment does.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace upkeep::engine {

// A child of `keeper_pid` that carries the names in its environment and is none of `known` pids; nullopt: none.
std::optional<int> find_background_child(int keeper_pid, const std::string& group, const std::string& process,
                                         const std::set<int>& known);

// A program that was started by another supervisord with the same SUPERVISOR_SERVER_URL and runs on: keeper and engine
// were killed together, or it put itself in the background. What such a program has started does not count beside it.
// Only those whose environment we may read.
struct LeftBehind {
  int pid = 0;
  std::string name;  // "web:web_1"
};
std::vector<LeftBehind> find_left_behind(const std::string& server_url);
std::string describe(const std::vector<LeftBehind>& processes);  // "web:web_1 (pid 12), ... and 3 more"

}  // namespace upkeep::engine
