// Signal names and numbers as Supervisor on Linux knows them (supervisor datatypes.py signal_number()).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upkeep {

// "SIGTERM", "SIGPOLL" for 29, "SIGRTMIN" 34, "SIGRTMAX" 64; other numbers "signal 35".
std::string signal_name(int number);

// Name in any case, with or without SIG; nothing else. nullopt: no such name.
std::optional<int> signal_from_name(std::string_view name);

// Asks a keeper to replace itself by the file it was started from. SIGRTMIN + 1 as the C library counts, which keeps
// the first two; so `kill -s RTMIN+1` finds it.
inline constexpr int kUpgradeSignal = 35;

// Whether a configuration or a client may ask for this number: 0..31, 34, 64.
bool is_named_signal(int number);

}  // namespace upkeep
