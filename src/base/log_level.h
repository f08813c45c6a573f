// Severity of a line in the activity log (Supervisor loggers.py).
#pragma once

#include <optional>
#include <string_view>

namespace upkeep {

enum class LogLevel { Blather = 3, Trace = 5, Debug = 10, Info = 20, Warn = 30, Error = 40, Critical = 50 };

std::string_view code_of(LogLevel level);  // "CRIT", "ERRO", "WARN", "INFO", "DEBG", "TRAC", "BLAT"
std::optional<LogLevel> log_level_from_name(std::string_view name);  // "critical" ... "blather", any case

}  // namespace upkeep
