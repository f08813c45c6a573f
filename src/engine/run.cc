#include "engine/run.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>

#include "base/text.h"
#include "engine/start_world.h"
#include "logs/syslog.h"
#include "os/crash_trace.h"
#include "os/file.h"
#include "os/guarded_open.h"
#include "os/system_world.h"

namespace upkeep::engine {
namespace {

// The engine shares the keeper's process group, so that Ctrl-Z stops both; every other signal is the keeper's to hear.
void ignore_signals() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTTOU, SIGPIPE, SIGXFSZ})
    (void)::signal(number, SIG_IGN);
}

int leave(KeeperLink& link, const Farewell& farewell) {
  std::fputs(farewell.out.c_str(), stdout);
  std::fputs(farewell.err.c_str(), stderr);
  std::fflush(stdout);
  link.quit(farewell.exit_status);
  link.flush_before_exit();
  return farewell.exit_status;
}

// A restart has nobody at a terminal who would read stderr: what ends it also goes to the log of the daemon before.
void tell_log(const std::string& logfile, const std::string& text) {
  logs::ActivityLog stamp{LogLevel::Critical};
  std::string lines;
  for (const std::string& line : split(text, '\n'))
    if (!line.empty()) lines += stamp.line_prefix(LogLevel::Critical, wall_now()) + line + "\n";
  if (logfile == "syslog") return logs::Syslog{}.send_lines("", lines);
  if (const auto file = os::open_guarded(logfile, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK))
    (void)os::write_all(file->get(), lines);  // it is on stderr, too
}

struct Beginning {
  Origin origin;
  Loads loads;
};

// A cold start: everything comes from the disk, and is deposited.
std::variant<Beginning, Farewell> begin(const std::vector<std::string>& argv, wire::Stage stage, KeeperLink& link) {
  const auto fail = [](const Error& error) { return Farewell{{}, fmt::format("Error: {}\n", error.text), 1}; };
  Origin origin = find_origin();
  std::string last_logfile;
  if (stage == wire::Stage::Restarted) {
    if (auto before = recover_origin(link)) {
      origin.directory = std::move(before->directory);
      last_logfile = std::move(before->logfile);
    }
  }
  os::SystemWorld system;
  StartWorld world{system, origin.directory};
  auto loaded = load_configuration(argv, world);
  if (auto* farewell = std::get_if<Farewell>(&loaded)) {
    if (!last_logfile.empty()) tell_log(last_logfile, farewell->err);
    return std::move(*farewell);
  }
  auto& configuration = std::get<Configuration>(loaded);
  origin.logfile = configuration.config.daemon.logfile;
  if (auto deposited = deposit_origin(origin, link); !deposited) return fail(deposited.error());
  auto loads = Loads::begin(std::move(configuration), link);
  if (!loads) return fail(loads.error());
  return Beginning{std::move(origin), std::move(*loads)};
}

Result<Beginning> recover(KeeperLink& link) {
  Origin origin = TRY(recover_origin(link));
  Loads loads = TRY(Loads::recover(link));  // not inside the braces: an early return there leaks what comes before it
  return Beginning{std::move(origin), std::move(loads)};
}

}  // namespace

int run_engine(const std::vector<std::string>& argv, Fd socket, const MakeFrontEnd& make_front_end) {
  ignore_signals();
  os::arm_crash_trace("engine");
  (void)::prctl(PR_SET_NAME, "upkeep-engine");
  KeeperLink link{std::move(socket)};
  auto snapshot = link.attach();
  if (!snapshot) {
    std::fprintf(stderr, "upkeep-engine: %s\n", snapshot.error().text.c_str());
    return 1;
  }

  const wire::Stage stage = snapshot->welcome.stage;
  std::optional<Beginning> beginning;
  if (stage == wire::Stage::Fresh || stage == wire::Stage::Restarted) {
    auto begun = begin(argv, stage, link);
    if (const auto* farewell = std::get_if<Farewell>(&begun)) return leave(link, *farewell);
    beginning = std::get<Beginning>(std::move(begun));
    if (stage == wire::Stage::Fresh && !beginning->loads.own().config.daemon.no_daemon) {
      link.setup({.detach = true, .ids = {}, .limits = {}});
      link.flush_before_exit();
      return 0;
    }
  } else {
    auto recovered = recover(link);
    if (!recovered) {
      std::fprintf(stderr, "upkeep-engine: %s\n", recovered.error().text.c_str());
      return 1;
    }
    beginning = std::move(*recovered);
  }

  const std::string logfile = beginning->origin.logfile;
  Engine engine{argv, std::move(beginning->origin), std::move(beginning->loads), std::move(link), std::move(*snapshot)};
  if (const auto failure = engine.start(make_front_end)) {
    os::SystemWorld world;
    const std::string program = config::resolved_argv0(argv.front(), world);
    std::string text = failure->is_whole ? failure->text + "\n"
                                         : fmt::format("Error: {}\nFor help, use {} -h\n", failure->text, program);
    if (!failure->hint.empty()) text += failure->hint + "\n";
    if (stage == wire::Stage::Restarted) tell_log(logfile, text);
    if (stage != wire::Stage::Running) return leave(engine.link(), {{}, text, failure->exit_status});
    std::fputs(text.c_str(), stderr);  // the keeper tries again
    return 1;
  }
  engine.run();
  return 0;
}

}  // namespace upkeep::engine
