#include "tools/sample_configuration.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "tools/section_keys.h"

namespace upkeep::tools {
namespace {

using config::Key;

// What is shown for a key in place of its default or, where that is nothing, of the example in the table of keys.
struct Example {
  std::string_view key, value;
  bool is_set = false;
};

struct Section {
  std::string_view kind;    // as the table of keys knows it
  std::string_view header;  // an example of one
  std::string_view about;   // lines, each ends in LF
  std::vector<Example> examples;
  bool is_set = false;  // the header is no comment
};

constexpr std::string_view kIntroduction =
    "; Sample configuration of supervisord.\n"
    ";\n"
    "; It works as it is, and starts no program yet: save it, add a [program:x] section, start supervisord -c FILE.\n"
    ";\n"
    "; - A semicolon begins a comment; behind a value it needs a blank before it.\n"
    "; - Lines that begin with a blank continue the value above.\n"
    "; - %(here)s is the folder of this file, %(ENV_X)s the environment variable X; a percent sign alone is written "
    "%%.\n"
    "; - Paths may begin with ~ for the home directory. Relative ones count from where supervisord is started.\n"
    "; - In parentheses after each key's meaning: the kind of value, and what holds when the key is missing.\n";

const std::vector<Section>& sections() {
  static const std::vector<Section> kSections = {
      {"unix_http_server",
       "[unix_http_server]",
       "; A socket for supervisorctl and other clients on this machine.\n",
       {{"file", "/tmp/supervisor.sock", true}, {"chown", "nobody:nogroup"}, {"username", "user"}, {"password", "123"}},
       true},
      {"inet_http_server",
       "[inet_http_server]",
       "; A TCP port for clients and browsers. Whoever reaches it may control all programs: give it a password, and\n"
       "; let it listen on the loopback address alone where that will do.\n",
       {{"port", "127.0.0.1:9001"}, {"username", "user"}, {"password", "123"}}},
      {"supervisord",
       "[supervisord]",
       "; The daemon itself. Its command line options beat what is written here.\n",
       {{"logfile", "/tmp/supervisord.log", true},
        {"pidfile", "/tmp/supervisord.pid", true},
        {"directory", "/tmp"},
        {"user", "nobody"},
        {"childlogdir", "/tmp"},
        {"environment", R"(KEY="value",OTHER="%(here)s")"},
        {"output_format", "lines"},
        {"output_prefix", "%(program_name)s |"},
        {"stop_grace", "8"},
        {"servicedir", "/run/supervisor/services"}},
       true},
      {"rpcinterface",
       "[rpcinterface:supervisor]",
       "; The methods that supervisorctl calls. Without this section it cannot control anything.\n",
       {{"supervisor.rpcinterface_factory", "supervisor.rpcinterface:make_main_rpcinterface", true}},
       true},
      {"supervisorctl",
       "[supervisorctl]",
       "; Where supervisorctl finds the daemon, and how it introduces itself there.\n",
       {{"serverurl", "unix:///tmp/supervisor.sock", true},
        {"username", "user"},
        {"password", "123"},
        {"history_file", "~/.supervisorctl_history"}},
       true},
      {"program",
       "[program:web]",
       "; A program to run; one section for each.\n",
       {{"command", "/usr/bin/env python3 -m http.server"},
        {"killasgroup", "false"},
        {"environment", R"(KEY="value",OTHER="%(program_name)s")"},
        {"serverurl", "AUTO"},
        {"user", "nobody"},
        {"umask", "022"},
        {"directory", "/tmp"},
        {"stdout_format", "lines"},
        {"stdout_prefix", "%(process_name)s |"},
        {"stderr_format", "lines"},
        {"stderr_prefix", "%(process_name)s |"}}},
      {"eventlistener",
       "[eventlistener:watcher]",
       "; A program that is told what happens. It takes the keys of a program as well; these are its own, or differ.\n",
       {{"command", "/usr/local/bin/watcher"}, {"events", "PROCESS_STATE,TICK_60"}}},
      {"fcgi-program",
       "[fcgi-program:php]",
       "; FastCGI processes that share one socket, which they find as standard input. It takes the keys of a program\n"
       "; as well; these are its own, or differ.\n",
       {{"command", "/usr/bin/php-cgi"},
        {"user", "nobody"},
        {"socket_backlog", "128"},
        {"socket_owner", "nobody:nogroup"},
        {"socket_mode", "0700"},
        {"socket", "unix:///tmp/%(program_name)s.sock"}}},
      {"svscan",
       "[svscan:services]",
       "; A directory of service directories, as svscan of daemontools runs them. It also takes priority, umask,\n"
       "; environment, redirect_stderr and the keys of logs as a program does, for all its services.\n",
       {{"directory", "/etc/service"}}},
      {"group",
       "[group:sites]",
       "; Programs under one name: supervisorctl start sites:* starts them all. Each then is called sites:NAME.\n",
       {{"programs", "web"}}},
      {"include",
       "[include]",
       "; Further files. They may hold every section but this one.\n",
       {{"files", "conf.d/*.conf"}}},
  };
  return kSections;
}

std::string facts(const Key& key) {
  std::string text{key.type};
  if (key.fallback && !key.fallback->empty()) text += fmt::format("; default {}", *key.fallback);
  if (key.since == config::kUpkeepAlone) {
    text += "; Supervisor has no such key";
  } else if (key.since != "3.0") {
    text += fmt::format("; since Supervisor {}", key.since);
  }
  return text;
}

void write_key(std::string& out, const Key& key, std::span<const Example> examples) {
  const auto example =
      std::find_if(examples.begin(), examples.end(), [&](const Example& each) { return each.key == key.name; });
  const bool is_set = example != examples.end() && example->is_set;
  std::string_view value = key.fallback.value_or("");
  if (value.empty()) value = key.example;
  if (example != examples.end()) value = example->value;
  out += fmt::format("; {} ({})\n", key.doc, facts(key));
  out += fmt::format("{}{}={}\n", is_set ? "" : ";", key.name, value);
}

}  // namespace

std::string sample_configuration() {
  std::string out{kIntroduction};
  for (const Section& section : sections()) {
    out += fmt::format("\n{}{}{}\n", section.about, section.is_set ? "" : ";", section.header);
    for (const Key& key : section_keys(section.kind)) write_key(out, key, section.examples);
  }
  return out;
}

}  // namespace upkeep::tools
