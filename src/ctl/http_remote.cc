#include "ctl/http_remote.h"

#include <poll.h>

#include <array>
#include <cerrno>
#include <optional>

#include "ctl/interrupt.h"
#include "ctl/log_follower.h"
#include "ctl/replies.h"

namespace upkeep::ctl {
namespace {

// The typed side of fg.
class Keyboard {
 public:
  Keyboard(Client& client, const Target& target, const std::string& process, Terminal& terminal,
           const Interrupt& interrupt)
      : client_(client), target_(target), process_(process), terminal_(terminal), interrupt_(interrupt) {}

  // Sends every complete line. False: the process is gone, which has been told.
  Attempt<bool> send_lines() {
    while (const auto line = terminal_.take_line())
      if (!TRY(send(*line + "\n"))) return false;
    return true;
  }

 private:
  Attempt<bool> send(const std::string& line) {
    const auto sent = client_.call(target_, "supervisor.sendProcessStdin", {process_, line}, interrupt_.fd());
    if (!sent) {
      if (sent.error().kind != Failure::Kind::Fault) return sent.error();
      terminal_.print_line(sent.error().is_fault(fault::kNotRunning) ? "Process got killed"
                                                                     : "ERROR: " + message_of(sent.error()));
      return false;
    }
    const auto answer = TRY(client_.call(target_, "supervisor.getProcessInfo", {process_}, interrupt_.fd()));
    if (TRY(as_process_info(answer)).is_running()) return true;
    terminal_.print_line("Process got killed");
    return false;
  }

  Client& client_;
  const Target& target_;
  const std::string& process_;
  Terminal& terminal_;
  const Interrupt& interrupt_;
};

}  // namespace

Attempt<wire::XmlRpcValue> HttpRemote::call(const Target& target, const std::string& method, wire::XmlRpcArray params) {
  return client_.call(target, method, std::move(params));
}

void HttpRemote::follow(const Target& target, const LogName& log, Terminal& terminal) {
  const Interrupt interrupt;
  LogFollower follower{client_, target, log, terminal, interrupt};
  bool going_on = follower.start();
  while (going_on && !interrupt.happened()) {
    pollfd fds[2] = {{follower.fd(), POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) break;
    if (fds[0].revents != 0) going_on = follower.pump();
  }
  if (interrupt.happened()) terminal.print_line("");
}

Attempt<> HttpRemote::foreground(const Target& target, const std::string& process, Terminal& terminal) {
  const Interrupt interrupt;
  std::array<LogFollower, 2> logs{LogFollower{client_, target, {process, "stdout"}, terminal, interrupt},
                                  LogFollower{client_, target, {process, "stderr"}, terminal, interrupt}};
  std::array<bool, 2> going_on{logs[0].start(), logs[1].start()};
  Keyboard keyboard{client_, target, process, terminal, interrupt};
  bool typing = true;
  for (;;) {
    auto alive = keyboard.send_lines();
    if (!alive && alive.error().kind != Failure::Kind::Cancelled) return std::move(alive).error();
    if (!alive || !*alive || !typing || interrupt.happened()) break;
    pollfd fds[4] = {{interrupt.fd(), POLLIN, 0}, {terminal.in_fd(), POLLIN, 0}, {-1, POLLIN, 0}, {-1, POLLIN, 0}};
    for (std::size_t i = 0; i < logs.size(); ++i)
      if (going_on[i]) fds[2 + i].fd = logs[i].fd();
    if (::poll(fds, 4, -1) < 0 && errno != EINTR) break;
    for (std::size_t i = 0; i < logs.size(); ++i)
      if (fds[2 + i].revents != 0) going_on[i] = logs[i].pump();
    if (fds[1].revents != 0) typing = terminal.fill();
  }
  terminal.print_line("Exiting foreground");
  return {};
}

}  // namespace upkeep::ctl
