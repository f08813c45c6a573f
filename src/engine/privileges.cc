#include "engine/privileges.h"

#include <fmt/core.h>
#include <grp.h>
#include <sys/resource.h>
#include <unistd.h>

namespace upkeep::engine {
namespace {

constexpr const char* kTooFewFiles =
    "The minimum number of file descriptors required to run this process is {} as per the \"minfds\" command-line "
    "argument "
    "or config file setting. The current environment will only allow you to open {} file descriptors.  Either raise "
    "the "
    "number of usable file descriptors in your environment (see README.rst) or lower the minfds setting in the config "
    "file "
    "to allow the process to start.";
constexpr const char* kTooFewProcesses =
    "The minimum number of available processes required to run this program is {} as per the \"minprocs\" command-line "
    "argument or config file setting. The current environment will only allow you to open {} processes.  Either raise "
    "the "
    "number of usable processes in your environment (see README.rst) or lower the minprocs setting in the config file "
    "to "
    "allow the program to start.";

Result<void> become(const config::Identity& identity) {
  if (::geteuid() == identity.uid) return {};
  if (::geteuid() != 0) return Error{"Can't drop privilege as nonroot user"};
  if (::setgroups(identity.groups.size(), identity.groups.data()) != 0)
    return Error{"Could not set groups of effective user"};
  if (::setgid(identity.gid) != 0) return Error{"Could not set group id of effective user"};
  if (::setuid(identity.uid) != 0) return Error::from_errno("Can't drop privilege: setuid");
  return {};
}

// The soft limit becomes `least` when it is below; so does the hard one when that is below, too.
wire::Limit raised(wire::Limit limit, std::uint64_t least) {
  if (limit.soft == RLIM_INFINITY || limit.soft >= least) return limit;
  limit.soft = least;
  if (limit.hard != RLIM_INFINITY && limit.hard < least) limit.hard = least;
  return limit;
}

bool set(const wire::Limit& limit) {
  const rlimit value{limit.soft, limit.hard};
  return ::setrlimit(static_cast<__rlimit_resource>(limit.resource), &value) == 0;
}

}  // namespace

void apply_min_fds(const config::Daemon& daemon, SpawnSetting& setting) {
  for (wire::Limit& limit : setting.limits)
    if (limit.resource == RLIMIT_NOFILE) limit = raised(limit, static_cast<std::uint64_t>(std::max(daemon.min_fds, 0)));
}

Result<wire::Setup> settle_privileges(const config::Daemon& daemon, SpawnSetting& setting,
                                      std::vector<config::Notice>& notices) {
  wire::Setup setup;
  if (daemon.identity) {
    TRY(become(*daemon.identity));
    notices.push_back({LogLevel::Info, fmt::format("Set uid to user {} succeeded", daemon.identity->uid)});
    setup.ids = wire::Ids{daemon.identity->uid, daemon.identity->gid, daemon.identity->groups};
  }

  wire::Limit& files = setting.limits.front();
  const std::uint64_t soft_before = files.soft, hard_before = files.hard;
  apply_min_fds(daemon, setting);
  if (files.soft != soft_before) {
    if (!set(files)) return Error{fmt::format(kTooFewFiles, daemon.min_fds, hard_before)};
    notices.push_back({LogLevel::Info, fmt::format("Increased RLIMIT_NOFILE limit to {}", files.soft)});
  }
  const wire::Limit ours{RLIMIT_NOFILE, files.hard, files.hard};
  if (set(ours)) setup.limits.push_back(ours);  // else we live with what programs get

  rlimit before{};
  (void)::getrlimit(RLIMIT_NPROC, &before);
  const wire::Limit processes = raised({RLIMIT_NPROC, before.rlim_cur, before.rlim_max},
                                       static_cast<std::uint64_t>(std::max(daemon.min_procs, 0)));
  if (processes.soft != before.rlim_cur) {
    if (!set(processes)) return Error{fmt::format(kTooFewProcesses, daemon.min_procs, before.rlim_max)};
    notices.push_back({LogLevel::Info, fmt::format("Increased RLIMIT_NPROC limit to {}", processes.soft)});
    setup.limits.push_back(processes);
  }
  return setup;
}

}  // namespace upkeep::engine
