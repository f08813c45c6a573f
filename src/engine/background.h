// Recognises a program that put itself in the background, the commonest mistake of newcomers: its process ends at once
// while what it forked lives on, now a child of the keeper. Neither process group nor session tell whose it is;
// SUPERVISOR_PROCESS_NAME in its environment does.
#pragma once

#include <optional>
#include <set>
#include <string>

namespace upkeep::engine {

// A child of `keeper_pid` that carries the names in its environment and is none of `known` pids; nullopt: none.
std::optional<int> find_background_child(int keeper_pid, const std::string& group, const std::string& process,
                                         const std::set<int>& known);

}  // namespace upkeep::engine
