#include "engine/run.h"

#include <fmt/core.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>

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

}  // namespace

int run_engine(const std::vector<std::string>& argv, Fd socket, const MakeFrontEnd& make_front_end) {
  ignore_signals();
  (void)::prctl(PR_SET_NAME, "upkeep-engine");
  KeeperLink link{std::move(socket)};
  auto snapshot = link.attach();
  if (!snapshot) {
    std::fprintf(stderr, "upkeep-engine: %s\n", snapshot.error().text.c_str());
    return 1;
  }

  const wire::Stage stage = snapshot->welcome.stage;
  std::optional<Configuration> configuration;
  if (stage == wire::Stage::Fresh || stage == wire::Stage::Restarted) {
    os::SystemWorld world;
    auto loaded = load_configuration(argv, world);
    if (const auto* farewell = std::get_if<Farewell>(&loaded)) return leave(link, *farewell);
    configuration = std::get<Configuration>(std::move(loaded));
    if (auto deposited = deposit_configuration(*configuration, link); !deposited)
      return leave(link, {{}, fmt::format("Error: {}\n", deposited.error().text), 1});
    if (stage == wire::Stage::Fresh && !configuration->config.daemon.no_daemon) {
      link.setup({.detach = true, .ids = {}, .limits = {}});
      link.flush_before_exit();
      return 0;
    }
  } else {
    auto recovered = recover_configuration(link);
    if (!recovered) {
      std::fprintf(stderr, "upkeep-engine: %s\n", recovered.error().text.c_str());
      return 1;
    }
    configuration = std::move(*recovered);
  }

  Engine engine{argv, std::move(*configuration), std::move(link), std::move(*snapshot)};
  if (const auto failure = engine.start(make_front_end)) {
    os::SystemWorld world;
    const std::string program = config::resolved_argv0(argv.front(), world);
    std::string text = fmt::format("Error: {}\nFor help, use {} -h\n", failure->text, program);
    if (!failure->hint.empty()) text += failure->hint + "\n";
    if (stage != wire::Stage::Running) return leave(engine.link(), {{}, text, failure->exit_status});
    std::fputs(text.c_str(), stderr);  // the keeper tries again
    return 1;
  }
  engine.run();
  return 0;
}

}  // namespace upkeep::engine
