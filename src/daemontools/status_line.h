// What svstat says of one status record, without the name before it: "up (pid 12) 3 seconds, normally down, paused".
#pragma once

#include <cstdint>
#include <string>

#include "base/dialect.h"
#include "wire/status_record.h"

namespace upkeep::daemontools {

// Appended to `text`, as there may be a thousand of them. `now` is the seconds of a TAI64N label of now; a record from
// the future counts as 0 seconds old. `normally_up`: there is no file `down`. encore's dialect adds "once" and the
// state where the record has one.
void append_status_line(std::string& text, const wire::StatusRecord& record, bool normally_up, std::uint64_t now,
                        Dialect dialect);

// Seconds since the record's last change, never negative.
std::uint64_t age_seconds(const wire::StatusRecord& record, std::uint64_t now);

}  // namespace upkeep::daemontools
