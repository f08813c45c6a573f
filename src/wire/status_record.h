// supervise/status: how a supervised service directory tells what its service is doing.
//
//   offset  size  content
//        0    12  TAI64N label of the last change of the pid, or of the supervisor's start
//       12     4  pid, little-endian; 0: down
//       16     1  1: paused, and there is a pid
//       17     1  want: 'u' up, 'd' down, 0 neither: it is not restarted when it ends
//       18     1  daemontools-encore only: the state
//       19     1  daemontools-encore only: 0
//
// The original's file is one record of 18 bytes; encore's one of 20, or two when there is a `log` script: the
// service's, then its log's. Readers take the first 18 bytes and tolerate more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/service_state.h"
#include "base/tai64n.h"

namespace upkeep::wire {

inline constexpr std::size_t kStatusBytes = 18;        // daemontools 0.76
inline constexpr std::size_t kEncoreStatusBytes = 20;  // daemontools-encore, one record

using upkeep::ServiceState;

struct StatusRecord {
  Tai64n since;
  std::uint32_t pid = 0;
  bool paused = false;
  char want = 'd';
  std::optional<std::uint8_t> state{};  // a ServiceState, or what a newer writer means; none: an 18-byte record
  bool operator==(const StatusRecord&) const = default;
};

struct Status {
  StatusRecord service;
  std::optional<StatusRecord> log{};
  bool operator==(const Status&) const = default;
};

// 18 bytes, or 20 when there is a state.
std::string encode(const StatusRecord& record);
std::string encode(const Status& status);

// Total. None: fewer than 18 bytes. Bytes beyond what is understood are ignored.
std::optional<Status> decode_status(std::string_view bytes);

}  // namespace upkeep::wire
