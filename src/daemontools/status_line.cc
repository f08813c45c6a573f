#include "daemontools/status_line.h"

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

void append_status_line(std::string& text, const wire::StatusRecord& record, bool normally_up, std::uint64_t now,
                        Dialect dialect) {
  const bool up = record.pid != 0;
  if (up) {
    text.append("up (pid ").append(std::to_string(record.pid)).append(") ");
  } else {
    text += "down ";
  }
  text.append(std::to_string(age_seconds(record, now))).append(" seconds");
  if (up && !normally_up) text += ", normally down";
  if (!up && normally_up) text += ", normally up";
  if (up && record.paused) text += ", paused";
  if (!up && record.want == 'u') text += ", want up";
  if (up && record.want == 'd') text += ", want down";
  if (dialect == Dialect::Encore && record.state) {
    if (up && record.want == 0) text += ", once";
    text += words_of(*record.state);
  }
}

}  // namespace upkeep::daemontools
