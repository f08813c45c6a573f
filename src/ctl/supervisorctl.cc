#include "ctl/supervisorctl.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/supervisorctl_settings.h"
#include "ctl/client.h"
#include "ctl/http_remote.h"
#include "ctl/options.h"
#include "ctl/session.h"
#include "ctl/shell.h"
#include "ctl/unreachable.h"
#include "os/system_world.h"

namespace upkeep::ctl {
namespace {

int refuse_usage(Terminal& terminal, const std::string& program, const std::string& text) {
  terminal.complain(fmt::format("Error: {}\nFor help, use {} -h\n", text, program));
  return kInvalidArguments;
}

// What stands on the command line beats the file, each setting for itself.
void lay_over(config::CtlSettings& settings, const Options& options) {
  if (options.server_url) settings.server_url = *options.server_url;
  if (options.username) settings.username = options.username;
  if (options.password) settings.password = options.password;
  if (options.history_file) settings.history_file = options.history_file;
}

std::string in_one_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (&word == &words.front() ? "" : " ") + word;
  return line;
}

std::string source_of(const std::string& url, const Options& options, const config::CtlSettings& settings) {
  if (url != settings.server_url) return "the command open";
  if (options.server_url) return "option -s";
  return settings.file ? "serverurl in this configuration, or the default" : "the default";
}

int run(Terminal& terminal, const Options& options, const config::CtlSettings& settings) {
  Client client;
  client.on_silence = [&terminal](const std::string& url) {
    terminal.complain(fmt::format("supervisorctl: no answer from {} for 10 seconds; still waiting\n", url));
  };
  HttpRemote remote{client};
  Session session{remote, terminal, {settings.server_url, settings.username, settings.password}};
  session.interactive = options.interactive || options.action.empty();
  session.on_unreachable = [&](const Failure& failure) {
    const std::string& url = session.target.url;
    terminal.complain(explain_unreachable(failure, {url, source_of(url, options, settings), settings.file}));
  };
  if (!options.action.empty()) {
    (void)session.run_line(in_one_line(options.action));
    return session.exit_status;
  }
  leave_on_interrupt(kSuccess);
  run_shell(session, {settings.prompt, settings.history_file});
  return kSuccess;
}

}  // namespace

int supervisorctl_main(int argc, char** argv) {
  const std::string program = argc > 0 ? argv[0] : "supervisorctl";
  Terminal terminal{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
  auto parsed = parse_options({argv + (argc > 0 ? 1 : 0), argv + argc});
  if (std::holds_alternative<HelpWanted>(parsed)) {
    terminal.print(usage_text(program));
    return kSuccess;
  }
  if (const auto* error = std::get_if<UsageError>(&parsed)) return refuse_usage(terminal, program, error->text);
  const Options& options = std::get<Options>(parsed);
  os::SystemWorld world;
  auto settings = config::load_supervisorctl(options.configuration, program, world);
  if (!settings) return refuse_usage(terminal, program, settings.error().text);
  lay_over(*settings, options);
  return run(terminal, options, *settings);
}

}  // namespace upkeep::ctl
