// Log files, the pidfile and their directories: can they be written, who shares them, which will not rotate.
#include <fmt/core.h>
#include <sys/stat.h>

#include <map>

#include "config/checking.h"
#include "config/paths.h"

namespace upkeep::config {
namespace {

bool is_descriptor(std::string_view path) {
  return path == "/dev/stdout" || path == "/dev/stderr" || path.starts_with("/dev/fd/") ||
         path.starts_with("/proc/self/fd/");
}

bool is_device(std::string_view path) { return is_descriptor(path) || path.starts_with("/dev/"); }

class LogCheck {
 public:
  explicit LogCheck(const CheckedConfig& checked) : checked_(checked), writer_(checked.daemon_user()) {}

  void daemon() {
    const Daemon& daemon = checked_.config().daemon;
    const Section* section = checked_.ini().find("supervisord");
    if (daemon.logfile != "syslog") own_file(section, "logfile", daemon.logfile);
    own_file(section, "pidfile", daemon.pidfile);
    if (daemon.logfile == daemon.pidfile) {
      checked_.report(Severity::Warning, "shared-file", checked_.spot(section, "pidfile"),
                      {"pidfile and logfile are one file", {}, "give the pidfile a name of its own"});
    }
  }

  void process(const Group& group, const Process& process) {
    channel(group, process, "stdout", process.out);
    if (!process.redirect_stderr) channel(group, process, "stderr", process.err);
  }

  void automatic() {
    if (!uses_auto_) return;
    const std::string& directory = checked_.config().daemon.child_log_dir;
    const auto permissions = checked_.world().permissions(directory);
    if (permissions && is_allowed(*permissions, writer_, 3)) return;
    checked_.report(Severity::Warning, "not-writable", checked_.spot(checked_.ini().find("supervisord"), "childlogdir"),
                    {fmt::format("{} cannot make automatic logs in {}", writer_.name, directory),
                     "programs without stdout_logfile= and stderr_logfile= have theirs there",
                     "name another childlogdir=, or let the user write there"});
  }

 private:
  // A file of supervisord's own.
  void own_file(const Section* section, const std::string& key, const std::string& path) {
    const std::string given = checked_.given(section, key);
    const Spot spot = checked_.spot(section, key);
    if (given.empty() || (!given.starts_with('/') && !given.starts_with('~') && !given.starts_with('%'))) {
      checked_.report(Severity::Surprise, "relative-path", spot,
                      {fmt::format("{} will be {}", key, path),
                       given.empty() ? "without the key it is in the directory that supervisord is started in"
                                     : "the path begins in the directory that supervisord is started in",
                       fmt::format("write a whole path, for example {}=%(here)s/supervisord.{}", key,
                                   key == "pidfile" ? "pid" : "log")});
    }
    writable(spot, path);
    users_.emplace(path, "supervisord");
  }

  void writable(const Spot& spot, const std::string& path) const {
    if (is_device(path)) return;
    World& world = checked_.world();
    const std::string file = absolute_path(path, world);
    const std::string directory = directory_of(file);
    if (world.is_directory(file)) {
      return checked_.report(Severity::Warning, "not-writable", spot,
                             {file + " is a directory", "no file can be opened by that name", "name a file in it"});
    }
    const auto folder = world.permissions(directory);
    const auto existing = world.permissions(file);
    if (!folder) {
      return checked_.report(
          Severity::Warning, "not-writable", spot,
          {fmt::format("the directory {} does not exist", directory), "it will not be made", "mkdir -p " + directory});
    }
    const bool is_writable = existing ? is_allowed(*existing, writer_, 2) && is_allowed(*folder, writer_, 1)
                                      : is_allowed(*folder, writer_, 3);
    if (is_writable) return;
    checked_.report(
        Severity::Warning, "not-writable", spot,
        {fmt::format("{} may not write {}", writer_.name, file),
         existing ? fmt::format("its mode is {:04o}, its owner {}", existing->mode & 07777U, existing->owner)
                  : fmt::format("its directory has mode {:04o} and owner {}", folder->mode & 07777U, folder->owner),
         "supervisord opens logs as its own user, not as the program's: let that user write there"});
  }

  void channel(const Group& group, const Process& process, const std::string& name, const ChannelLog& log) {
    const std::string key = name + "_logfile";
    if (log.target.kind == LogTarget::Kind::Auto) uses_auto_ = true;
    if (log.target.kind != LogTarget::Kind::File) return;
    const std::string& path = log.target.path;
    const Spot spot = checked_.spot(group, process, key);
    if (is_descriptor(path) && log.max_bytes != 0) {
      checked_.report(Severity::Surprise, "rotation", spot,
                      {fmt::format("{} is not rotated, although {}_logfile_maxbytes is not 0", path, name),
                       "Upkeep never rotates it; Supervisor fails with \"Illegal seek\"",
                       fmt::format("add {}_logfile_maxbytes=0", name)});
    }
    if (is_device(path)) return;
    if (!path.starts_with('/')) {
      checked_.report(Severity::Surprise, "relative-path", spot,
                      {fmt::format("{} begins in the directory that supervisord is in, not in directory=", path),
                       {},
                       "write a whole path, for example with %(here)s"});
    }
    writable(spot, path);
    shared(group, process, name, absolute_path(path, checked_.world()));
  }

  void shared(const Group& group, const Process& process, const std::string& name, const std::string& path) {
    const std::string user = group.name + ":" + process.name;
    const auto [found, is_new] = users_.try_emplace(path, user);
    if (is_new) return;
    const bool is_same = found->second == user;
    checked_.report(Severity::Warning, "shared-file", checked_.spot(group, process, name + "_logfile"),
                    {is_same ? fmt::format("both outputs of {} go to {}", user, path)
                             : fmt::format("{} and {} share {}", found->second, user, path),
                     "their lines mix, the size and backups of the first count; under Supervisor, rotation loses lines",
                     is_same ? "write redirect_stderr=true instead of stderr_logfile="
                             : "give each its own, for example with %(program_name)s and %(process_num)d in the name"});
  }

  const CheckedConfig& checked_;
  const Identity writer_;
  std::map<std::string, std::string> users_;  // of each file, who came first
  bool uses_auto_ = false;
};

}  // namespace

void check_logs(const CheckedConfig& checked) {
  LogCheck check{checked};
  check.daemon();
  for (const Group& group : checked.config().groups)
    for (const Process& process : group.processes) check.process(group, process);
  check.automatic();
}

}  // namespace upkeep::config
