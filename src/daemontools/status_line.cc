#include "daemontools/status_line.h"

#include <fmt/core.h>

namespace upkeep::daemontools {
namespace {

const char* words_of(std::uint8_t state) {
  switch (static_cast<wire::ServiceState>(state)) {
    case wire::ServiceState::Stopped: return ", stopped";
    case wire::ServiceState::Starting: return ", starting";
    case wire::ServiceState::Started: return ", started";
    case wire::ServiceState::Running: return ", running";
    case wire::ServiceState::Stopping: return ", stopping";
    case wire::ServiceState::Failed: return ", failed";
  }
  return ", status unknown";
}

}  // namespace

std::uint64_t age_seconds(const wire::StatusRecord& record, std::uint64_t now) {
  return now < record.since.seconds ? 0 : now - record.since.seconds;
}

std::string status_line(const wire::StatusRecord& record, bool normally_up, std::uint64_t now, Dialect dialect) {
  const bool up = record.pid != 0;
  std::string line = up ? fmt::format("up (pid {}) ", record.pid) : "down ";
  line += fmt::format("{} seconds", age_seconds(record, now));
  if (up && !normally_up) line += ", normally down";
  if (!up && normally_up) line += ", normally up";
  if (up && record.paused) line += ", paused";
  if (!up && record.want == 'u') line += ", want up";
  if (up && record.want == 'd') line += ", want down";
  if (dialect == Dialect::Encore && record.state) {
    if (up && record.want == 0) line += ", once";
    line += words_of(*record.state);
  }
  return line;
}

}  // namespace upkeep::daemontools
