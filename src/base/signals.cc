#include "base/signals.h"

#include <fmt/core.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace upkeep {
namespace {

struct Named {
  const char* name;
  int number;
};

// The first name of a number is the one shown.
const std::array kSignals = {
    Named{"HUP", SIGHUP},   Named{"INT", SIGINT},     Named{"QUIT", SIGQUIT}, Named{"ILL", SIGILL},
    Named{"TRAP", SIGTRAP}, Named{"ABRT", SIGABRT},   Named{"IOT", SIGIOT},   Named{"BUS", SIGBUS},
    Named{"FPE", SIGFPE},   Named{"KILL", SIGKILL},   Named{"USR1", SIGUSR1}, Named{"SEGV", SIGSEGV},
    Named{"USR2", SIGUSR2}, Named{"PIPE", SIGPIPE},   Named{"ALRM", SIGALRM}, Named{"TERM", SIGTERM},
    Named{"STKFLT", 16},    Named{"CHLD", SIGCHLD},   Named{"CLD", SIGCHLD},  Named{"CONT", SIGCONT},
    Named{"STOP", SIGSTOP}, Named{"TSTP", SIGTSTP},   Named{"TTIN", SIGTTIN}, Named{"TTOU", SIGTTOU},
    Named{"URG", SIGURG},   Named{"XCPU", SIGXCPU},   Named{"XFSZ", SIGXFSZ}, Named{"VTALRM", SIGVTALRM},
    Named{"PROF", SIGPROF}, Named{"WINCH", SIGWINCH}, Named{"POLL", SIGPOLL}, Named{"IO", SIGIO},
    Named{"PWR", SIGPWR},   Named{"SYS", SIGSYS},     Named{"RTMIN", 34},     Named{"RTMAX", 64},
};

}  // namespace

std::string signal_name(int number) {
  const auto* found =
      std::find_if(kSignals.begin(), kSignals.end(), [&](const Named& s) { return s.number == number; });
  return found == kSignals.end() ? fmt::format("signal {}", number) : fmt::format("SIG{}", found->name);
}

std::optional<int> signal_from_name(std::string_view name) {
  const std::string text{name.size() > 3 && ::strncasecmp(name.data(), "SIG", 3) == 0 ? name.substr(3) : name};
  const auto* found = std::find_if(kSignals.begin(), kSignals.end(),
                                   [&](const Named& s) { return ::strcasecmp(text.c_str(), s.name) == 0; });
  if (found == kSignals.end()) return std::nullopt;
  return found->number;
}

bool is_named_signal(int number) { return (number >= 0 && number <= 31) || number == 34 || number == 64; }

}  // namespace upkeep
