#include "os/file_holder.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/text.h"
#include "os/file.h"

namespace upkeep::os {
namespace {

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open{::opendir(folder.c_str()), &::closedir};
  if (!open) return names;  // the process has ended, or is not ours to look at
  while (const dirent* entry = ::readdir(open.get())) names.emplace_back(static_cast<const char*>(entry->d_name));
  return names;
}

bool has_open(const std::string& process, const FileId& wanted) {
  const std::string folder = "/proc/" + process + "/fd";
  const auto names = names_in(folder);
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    struct stat status {};
    return ::stat((folder + "/" + name).c_str(), &status) == 0 && file_id(status) == wanted;
  });
}

}  // namespace

std::optional<pid_t> file_holder(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  std::vector<pid_t> pids;
  for (const std::string& name : names_in("/proc"))
    if (const auto pid = parse_number(name); pid && *pid > 0) pids.push_back(static_cast<pid_t>(*pid));
  std::sort(pids.begin(), pids.end());
  for (const pid_t pid : pids)
    if (pid != ::getpid() && pid != ::getppid() && has_open(std::to_string(pid), file_id(status))) return pid;
  return std::nullopt;
}

}  // namespace upkeep::os
