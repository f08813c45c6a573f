#include "engine/process_info.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace upkeep::engine {
namespace {

constexpr std::int64_t kDay = 24 * 60 * 60;

// As Python prints a timedelta: "0:00:05", "1 day, 0:00:05", "2 days, 3:04:05".
std::string uptime(std::int64_t seconds) {
  const std::int64_t days = seconds / kDay, rest = seconds % kDay;
  const std::string clock = fmt::format("{}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
  if (days == 0) return clock;
  return fmt::format("{} {}, {}", days, days == 1 ? "day" : "days", clock);
}

std::string stop_time(std::int64_t when) {
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = when;
  std::tm local{};
  ::localtime_r(&time, &local);
  const int hour = local.tm_hour % 12 == 0 ? 12 : local.tm_hour % 12;
  return fmt::format("{} {:02} {:02}:{:02} {}", kMonths[static_cast<std::size_t>(local.tm_mon)], local.tm_mday, hour,
                     local.tm_min, local.tm_hour < 12 ? "AM" : "PM");
}

}  // namespace

std::int64_t seconds_of(WallTime when) {
  return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
}

std::string describe(const ProcessInfo& info) {
  switch (info.state) {
    case core::State::Running:
      return fmt::format("pid {}, uptime {}", info.pid, uptime(std::max<std::int64_t>(0, info.now - info.start)));
    case core::State::Fatal:
    case core::State::Backoff:
      return info.spawn_error.empty() ? fmt::format("unknown error (try \"tail {}\")", info.name) : info.spawn_error;
    case core::State::Stopped:
    case core::State::Exited: return info.start == 0 ? "Not started" : stop_time(info.stop);
    case core::State::Starting:
    case core::State::Stopping:
    case core::State::Unknown: break;
  }
  return "";
}

}  // namespace upkeep::engine
