// What each type of event says, to the letter (Supervisor events.py). Data that is no UTF-8 appears as Python would
// write it: "Undecodable: b'ok\xff\n'".
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "core/event_type.h"
#include "core/process.h"

namespace upkeep::events {

struct Subject {  // the process that an event is about
  std::string_view process, group;
  pid_t pid = 0;  // 0: none
};

std::string process_state_payload(const Subject& subject, const core::Publish& change);
std::string process_communication_payload(const Subject& subject, std::string_view data);
std::string process_log_payload(const Subject& subject, Stdio channel, std::string_view data);
std::string remote_communication_payload(std::string_view type, std::string_view data);
std::string tick_payload(std::int64_t when);  // seconds since 1970
std::string process_group_payload(std::string_view group);

// The type that a state's entry is published as.
core::EventType type_of(core::State state);

}  // namespace upkeep::events
