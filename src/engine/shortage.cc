#include "engine/shortage.h"

#include <fmt/core.h>

#include <cerrno>

namespace upkeep::engine {
namespace {

std::string number_of(std::optional<rlim_t> limit) {
  if (!limit) return "not known";
  return *limit == RLIM_INFINITY ? "unlimited" : std::to_string(*limit);
}

}  // namespace

SpawnLimits limits_of(pid_t pid) {
  const auto limit_of = [&](__rlimit_resource resource) {
    rlimit limit{};
    return ::prlimit(pid, resource, nullptr, &limit) == 0 ? std::optional{limit.rlim_cur} : std::nullopt;
  };
  return {limit_of(RLIMIT_NOFILE), limit_of(RLIMIT_NPROC)};
}

std::optional<std::string> shortage_behind(const wire::SpawnFailed& fact, pid_t who, const SpawnLimits& limits) {
  switch (fact.error) {
    case EAGAIN:
      if (fact.stage != wire::SpawnStage::Fork) return std::nullopt;
      return fmt::format(
          "processes: the limit of the user, RLIMIT_NPROC, is {}; those of the control group (pids.max) and of the "
          "system "
          "(kernel.pid_max) may be lower",
          number_of(limits.processes));
    case EMFILE:
      return fmt::format("file descriptors: the limit of pid {}, RLIMIT_NOFILE, is {} (see minfds)", who,
                         number_of(limits.files));
    case ENFILE: return "file descriptors: the system has no more (fs.file-max)";
    case ENOMEM: return "memory";
    default: return std::nullopt;
  }
}

}  // namespace upkeep::engine
