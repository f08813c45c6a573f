// Who else can change a configuration file, and by that what the daemon runs.
#include <fmt/core.h>
#include <sys/stat.h>

#include "config/loading.h"
#include "config/paths.h"

namespace upkeep::config {
namespace {

// For a sentence; empty: nobody but root and this user. What a group may write counts for root alone: a user's own
// group often may.
std::string others_who_may_write(const FilePermissions& at, uid_t user) {
  if ((at.mode & S_IWOTH) != 0 && !(S_ISDIR(at.mode) && (at.mode & S_ISVTX) != 0)) return "everybody";
  if (at.owner != 0 && at.owner != user) return fmt::format("uid {}, its owner,", at.owner);
  if (user == 0 && at.group != 0 && (at.mode & S_IWGRP) != 0) return fmt::format("gid {}", at.group);
  return {};
}

}  // namespace

void warn_if_exposed(Loading& loading, const std::string& path) {
  const std::string file = absolute_path(path, loading.world);
  for (const std::string& at : {file, directory_of(file)}) {
    const auto permissions = loading.world.permissions(at);
    const std::string who = permissions ? others_who_may_write(*permissions, loading.world.current_uid()) : "";
    if (who.empty()) continue;
    return loading.warn(fmt::format("{} may write to {} (mode {:04o}), and so decide what {}", who, at,
                                    permissions->mode & 07777U,
                                    loading.world.current_uid() == 0 ? "root runs" : "is run here"));
  }
}

}  // namespace upkeep::config
