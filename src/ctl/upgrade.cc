#include "ctl/upgrade.h"

#include <fmt/core.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/signals.h"
#include "base/text.h"
#include "base/time.h"
#include "config/supervisorctl_settings.h"
#include "ctl/client.h"
#include "ctl/daemon_status.h"
#include "ctl/unreachable.h"
#include "os/system_world.h"

namespace upkeep::ctl {
namespace {

constexpr int kUpgraded = 0, kNotUpgraded = 1, kWrongUse = 2, kUnreachable = 4;
constexpr int kLookMilliseconds = 50;
// The keeper gives a new image half a minute to come up before it takes the old one back.
constexpr Duration kOutcomePatience = std::chrono::seconds{75};

constexpr const char* kUsage =
    "Usage: upkeep upgrade [-c FILE | -s URL | --pid PID] [-u USER] [-p PASSWORD] [--binary PATH]\n"
    "\n"
    "Replaces a running daemon by another version of itself. No program is touched: pids, connections and\n"
    "log lines stay. A version that does not come up is taken back.\n"
    "\n"
    "  -c, --configuration FILE  find the daemon by this supervisord.conf (its [supervisorctl] section)\n"
    "  -s, --serverurl URL       find it by the URL of its server, such as unix:///run/supervisor.sock\n"
    "  -u, --username USER\n"
    "  -p, --password PASSWORD\n"
    "      --pid PID             a daemon without a server, such as svscan, by its pid\n"
    "      --binary PATH         the new image; default: the file that the daemon was started from\n"
    "  -h, --help\n";

struct Options {
  std::optional<std::string> configuration, server_url, username, password;
  std::string binary;  // absolute; empty: the daemon's own file
  std::optional<pid_t> pid;
};

int wrong_use(const std::string& text) {
  std::fputs(fmt::format("upkeep upgrade: {}\n\n{}", text, kUsage).c_str(), stderr);
  return kWrongUse;
}

// The options; or the exit status, when there is nothing more to do.
std::variant<Options, int> read_options(int argc, char** argv) {
  enum { kPid = 256, kBinary };
  static constexpr option known[] = {
      {"configuration", required_argument, nullptr, 'c'},
      {"serverurl", required_argument, nullptr, 's'},
      {"username", required_argument, nullptr, 'u'},
      {"password", required_argument, nullptr, 'p'},
      {"pid", required_argument, nullptr, kPid},
      {"binary", required_argument, nullptr, kBinary},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  ::opterr = 0;
  for (int found; (found = ::getopt_long(argc, argv, ":c:s:u:p:h", known, nullptr)) != -1;) {
    switch (found) {
      case 'c': options.configuration = ::optarg; break;
      case 's': options.server_url = ::optarg; break;
      case 'u': options.username = ::optarg; break;
      case 'p': options.password = ::optarg; break;
      case kPid: {
        const auto pid = parse_number(::optarg);
        if (!pid || *pid <= 0 || *pid > INT_MAX) return wrong_use(fmt::format("'{}' is no pid", ::optarg));
        options.pid = static_cast<pid_t>(*pid);
        break;
      }
      case kBinary: {
        std::array<char, PATH_MAX> path;
        if (!::realpath(::optarg, path.data()))
          return wrong_use(Error::from_errno(fmt::format("--binary {}", ::optarg)).text);
        options.binary = path.data();
        break;
      }
      case 'h': std::fputs(kUsage, stdout); return kUpgraded;
      case ':': return wrong_use(fmt::format("{} needs a value", argv[::optind - 1]));
      default: return wrong_use(fmt::format("there is no option {}", argv[::optind - 1]));
    }
  }
  if (::optind < argc) return wrong_use(fmt::format("'{}' is one word too many", argv[::optind]));
  if (options.pid && (options.server_url || options.configuration || !options.binary.empty()))
    return wrong_use("--pid stands alone: a daemon without a server is upgraded to the file it was started from");
  return options;
}

int tell(const std::string& text) {
  std::fputs(("upkeep upgrade: " + text + "\n").c_str(), stderr);
  return kNotUpgraded;
}

// "FAILED: why" → "why"
std::string without_name(const std::string& fault) {
  const auto colon = fault.find(": ");
  return colon == std::string::npos ? fault : fault.substr(colon + 2);
}

// What the daemon says became of the request, once it does; a daemon in the middle of it may not answer.
std::optional<DaemonStatus> await_outcome(Client& client, const Target& target, const std::string& token) {
  const Instant end = monotonic_now() + kOutcomePatience;
  while (monotonic_now() < end) {
    const auto answer = client.call(target, "upkeep.getStatus", {});
    const auto status = answer ? as_daemon_status(*answer) : Attempt<DaemonStatus>{answer.error()};
    if (status && status->upgrade.token == token && status->upgrade.state != "under way") return *status;
    (void)::poll(nullptr, 0, kLookMilliseconds);
  }
  return std::nullopt;
}

int upgrade_by_call(const Options& options) {
  os::SystemWorld world;
  auto settings = config::load_supervisorctl(options.configuration, "supervisorctl", world);
  if (!settings) return wrong_use(settings.error().text);
  const Target target{options.server_url.value_or(settings->server_url),
                      options.username ? options.username : settings->username,
                      options.password ? options.password : settings->password};
  Client client;
  const auto token = client.call(target, "upkeep.upgrade", {options.binary});
  if (!token) {
    const Failure& failure = token.error();
    if (failure.kind == Failure::Kind::Fault) return tell(without_name(failure.text));
    (void)tell("no answer from the daemon: " + message_of(failure));
    std::fputs(explain_unreachable(failure, {target.url, options.server_url ? "option -s" : "the configuration",
                                             settings->file, "upkeep upgrade"})
                   .c_str(),
               stderr);
    return kUnreachable;
  }
  const auto outcome = await_outcome(client, target, std::get<std::string>(token->is));
  if (!outcome) return tell("the daemon has not said what became of it; see its log");
  const DaemonStatus::Upgrade& upgrade = outcome->upgrade;
  if (upgrade.state == "done") {
    fmt::print("upgraded from {} to {}: pid {}, engine {}\n", upgrade.from, upgrade.to, outcome->pid,
               outcome->engine_pid);
    return kUpgraded;
  }
  return tell(fmt::format("{} was {}: {}; {} goes on", upgrade.path, upgrade.state, upgrade.why, outcome->version));
}

// The file that a process executes; nullopt: there is no such process, or it is not ours to see.
std::optional<std::pair<dev_t, ino_t>> image_of(pid_t pid) {
  struct stat status {};
  if (::stat(fmt::format("/proc/{}/exe", pid).c_str(), &status) != 0) return std::nullopt;
  return std::pair{status.st_dev, status.st_ino};
}

// A daemon without a server is asked by a signal, and seen to execute another file.
int upgrade_by_signal(pid_t pid) {
  const auto before = image_of(pid);
  if (!before || ::kill(pid, kUpgradeSignal) != 0)
    return tell(Error::from_errno(fmt::format("pid {} cannot be asked", pid)).text);
  const Instant end = monotonic_now() + kOutcomePatience;
  while (monotonic_now() < end) {
    const auto now = image_of(pid);
    if (!now) return tell(fmt::format("pid {} has ended; see its log", pid));
    if (now != before) {
      fmt::print("pid {} executes the new image\n", pid);
      return kUpgraded;
    }
    (void)::poll(nullptr, 0, kLookMilliseconds);
  }
  return tell(fmt::format("pid {} executes the same file as before; its log tells why", pid));
}

}  // namespace

int upgrade_main(int argc, char** argv) {
  const auto read = read_options(argc, argv);
  if (const int* status = std::get_if<int>(&read)) return *status;
  const Options& options = std::get<Options>(read);
  return options.pid ? upgrade_by_signal(*options.pid) : upgrade_by_call(options);
}

}  // namespace upkeep::ctl
