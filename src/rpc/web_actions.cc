#include "rpc/web_actions.h"

#include <fmt/core.h>

#include <array>
#include <ctime>
#include <variant>

namespace upkeep::rpc {
namespace {

using engine::Answer;
using engine::Control;
using engine::Refusal;
using engine::Refused;

std::string now_as_text() {  // "Sat Nov 21 02:18:14 2026", local time
  const std::time_t now = std::time(nullptr);
  std::array<char, 64> text{};
  std::tm local{};
  if (!::localtime_r(&now, &local) || !::asctime_r(&local, text.data())) return "an unknown time";
  std::string_view line{text.data()};
  return std::string{line.substr(0, line.find('\n'))};
}

std::string start_failure(const Refused& refused) {
  switch (refused.code) {
    case Refusal::NoFile: return "no such file";
    case Refusal::NotExecutable: return "file not executable";
    case Refusal::AlreadyStarted: return "already started";
    case Refusal::SpawnError: return "spawn error";
    case Refusal::AbnormalTermination: return "abnormal termination";
    default: return fault_text(refused);
  }
}

std::string outcome(const Answer& answer, const std::string& success) {
  const auto* refused = std::get_if<Refused>(&answer);
  return refused ? fault_text(*refused) : success;
}

// What stopping answered does not matter: what did not run is started all the same.
void restart(const std::string& name, Control& control, const Told& told) {
  control.stop(name, true, [name, &control, told](const Answer&) {
    control.start(name, true, [name, told](const Answer&) { told(fmt::format("Process {} restarted", name)); });
  });
}

void restart_all(Control& control, const Told& told) {
  control.stop_all(true, [&control, told](const Answer&) {
    control.start_all(true, [told](const Answer&) { told("All restarted at " + now_as_text()); });
  });
}

bool perform_on_one(std::string_view action, const std::string& name, Control& control, const Told& told) {
  if (action == "start") {
    control.start(name, true, [name, told](const Answer& answer) {
      const auto* refused = std::get_if<Refused>(&answer);
      told(refused ? fmt::format("ERROR: Process {}: {}", name, start_failure(*refused))
                   : fmt::format("Process {} started", name));
    });
  } else if (action == "stop") {
    control.stop(name, true, [name, told](const Answer& answer) {
      told(outcome(answer, fmt::format("Process {} stopped", name)));
    });
  } else if (action == "restart") {
    restart(name, control, told);
  } else if (action == "clearlog") {
    told(outcome(control.clear_logs(name), fmt::format("Log for {} cleared", name)));
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string fault_text(const Refused& refused) {
  return fmt::format("unexpected rpc fault [{}] {}", static_cast<int>(refused.code), refused.text());
}

bool perform(std::string_view action, const std::string& name, Control& control, const Told& told) {
  if (action == "refresh") {
    told("Page refreshed at " + now_as_text());
    return true;
  }
  const bool for_all = action == "stopall" || action == "restartall";
  if (!for_all && name.empty()) return false;
  if (!for_all && !control.process(name)) {
    told("No such process named " + name);
    return true;
  }
  if (control.daemon().shutting_down) {
    told(fault_text({Refusal::ShutdownState, {}}));
    return true;
  }
  if (!for_all) return perform_on_one(action, name, control, told);
  if (action == "restartall") {
    restart_all(control, told);
  } else {
    control.stop_all(true, [told](const Answer&) { told("All stopped at " + now_as_text()); });
  }
  return true;
}

}  // namespace upkeep::rpc
