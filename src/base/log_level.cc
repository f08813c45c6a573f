#include "base/log_level.h"

#include <strings.h>

#include <array>
#include <string>
#include <utility>

namespace upkeep {

std::string_view code_of(LogLevel level) {
  switch (level) {
    case LogLevel::Blather: return "BLAT";
    case LogLevel::Trace: return "TRAC";
    case LogLevel::Debug: return "DEBG";
    case LogLevel::Info: return "INFO";
    case LogLevel::Warn: return "WARN";
    case LogLevel::Error: return "ERRO";
    case LogLevel::Critical: return "CRIT";
  }
  return "INFO";
}

std::optional<LogLevel> log_level_from_name(std::string_view name) {
  static constexpr std::array kNames = {
      std::pair{"critical", LogLevel::Critical}, std::pair{"error", LogLevel::Error},
      std::pair{"warn", LogLevel::Warn},         std::pair{"info", LogLevel::Info},
      std::pair{"debug", LogLevel::Debug},       std::pair{"trace", LogLevel::Trace},
      std::pair{"blather", LogLevel::Blather},
  };
  for (const auto& [word, level] : kNames)
    if (::strcasecmp(word, std::string{name}.c_str()) == 0) return level;
  return std::nullopt;
}

}  // namespace upkeep
