// probe fds: what a program finds when it starts, one fact a line, in a stable order; then it waits to be stopped.
//
//   fd N TYPE ACCESS[ nonblock][ cloexec]     TYPE as in /proc/self/fd: pipe, socket, or the path
//   blocked / ignored / caught HEX            signal sets, as in /proc/self/status
//   cwd, umask, pid, ppid, pgid, sid, uid, gid, groups, nofile, nproc, dumpable, deathsig, subreaper
//   arg N TEXT, env NAME=VALUE                the latter sorted
//   end
#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "probe.h"

namespace probe {
namespace {

void append_fds(std::string& out) {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) die("/proc/self/fd");
  std::vector<int> fds;
  while (const dirent* entry = readdir(folder)) {
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(folder)) fds.push_back(fd);
  }
  std::sort(fds.begin(), fds.end());
  for (const int fd : fds) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), target.data(), target.size() - 1);
    std::string type(target.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    if (const auto colon = type.find(":["); colon != std::string::npos) type.resize(colon);
    const int flags = fcntl(fd, F_GETFL);
    const char* access = (flags & O_ACCMODE) == O_RDONLY ? "read" : (flags & O_ACCMODE) == O_WRONLY ? "write" : "both";
    out += "fd " + std::to_string(fd) + ' ' + type + ' ' + access;
    if ((flags & O_NONBLOCK) != 0) out += " nonblock";
    if ((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0) out += " cloexec";
    out += '\n';
  }
  closedir(folder);
}

void append_signals(std::string& out) {
  FILE* status = std::fopen("/proc/self/status", "r");
  if (status == nullptr) die("/proc/self/status");
  std::array<char, 512> line{};
  while (std::fgets(line.data(), static_cast<int>(line.size()), status) != nullptr) {
    const std::string text = line.data();
    if (text.starts_with("SigBlk:")) out += "blocked " + text.substr(8);
    if (text.starts_with("SigIgn:")) out += "ignored " + text.substr(8);
    if (text.starts_with("SigCgt:")) out += "caught " + text.substr(8);
  }
  std::fclose(status);
}

void append_number(std::string& out, const char* name, long value) {
  out += name;
  out += ' ';
  out += std::to_string(value);
  out += '\n';
}

void append_ids(std::string& out) {
  append_number(out, "pid", getpid());
  append_number(out, "ppid", getppid());
  append_number(out, "pgid", getpgrp());
  append_number(out, "sid", getsid(0));
  append_number(out, "uid", static_cast<long>(getuid()));
  append_number(out, "euid", static_cast<long>(geteuid()));
  append_number(out, "gid", static_cast<long>(getgid()));
  append_number(out, "egid", static_cast<long>(getegid()));
  std::array<gid_t, 256> groups{};
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  out += "groups";
  for (int i = 0; i < count; ++i) out += ' ' + std::to_string(groups[static_cast<std::size_t>(i)]);
  out += '\n';
}

void append_limits(std::string& out) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  append_number(out, "nofile", static_cast<long>(limit.rlim_cur));
  getrlimit(RLIMIT_NPROC, &limit);
  append_number(out, "nproc", static_cast<long>(limit.rlim_cur));
  int value = 0;
  prctl(PR_GET_PDEATHSIG, &value);
  append_number(out, "deathsig", value);
  prctl(PR_GET_CHILD_SUBREAPER, &value);
  append_number(out, "subreaper", value);
}

}  // namespace

int report(Arguments arguments) {
  std::string out;
  append_fds(out);
  append_signals(out);
  std::array<char, PATH_MAX> cwd{};
  out += std::string("cwd ") + (getcwd(cwd.data(), cwd.size()) != nullptr ? cwd.data() : "?") + '\n';
  const mode_t mask = umask(0);
  std::array<char, 16> octal{};
  std::snprintf(octal.data(), octal.size(), "%03o", mask);
  out += std::string("umask ") + octal.data() + '\n';
  append_ids(out);
  append_limits(out);
  for (std::size_t i = 0; i < arguments.size(); ++i) out += "arg " + std::to_string(i) + ' ' + arguments[i] + '\n';
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  std::sort(variables.begin(), variables.end());
  for (const std::string& variable : variables) out += "env " + variable + '\n';
  out += "end\n";
  put(STDOUT_FILENO, out);
  sleep_for_ever();
}

}  // namespace probe
