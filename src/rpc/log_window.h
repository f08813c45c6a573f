// Which bytes of a log a client gets for (offset, length). Pure arithmetic; all numbers are bytes.
// Source: Supervisor options.py readFile() and tailFile(), as they behave rather than as they are documented.
#pragma once

#include <cstdint>
#include <optional>

namespace upkeep::rpc {

// The most one call returns, so that a log without bounds cannot exhaust memory. A longer window loses its beginning
// when the end was asked for, else its end.
inline constexpr std::int64_t kLogBytesMax = 16 * 1024 * 1024;

struct LogWindow {
  std::int64_t begin = 0;
  std::int64_t length = 0;
  bool operator==(const LogWindow&) const = default;
};

// read*Log: a negative offset with length 0 means the last -offset bytes; length 0 else means up to the end. Past the
// end there is nothing. nullopt: the combination is refused (BAD_ARGUMENTS).
std::optional<LogWindow> read_window(std::int64_t size, std::int64_t offset, std::int64_t length);

// tail*Log: the last `length` bytes, unless the client has seen all there is. `offset` does not bound them.
struct LogTail {
  LogWindow window;
  bool overflow = false;  // there is more beyond offset + length
  bool operator==(const LogTail&) const = default;
};
LogTail tail_window(std::int64_t size, std::int64_t offset, std::int64_t length);

}  // namespace upkeep::rpc
