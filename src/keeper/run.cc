#include "keeper/run.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "keeper/inherited.h"
#include "keeper/keeper.h"
#include "keeper/table_memfd.h"

namespace upkeep::keeper {
namespace {

// The name ps shows: that of the command, also after exec from an engine.
void set_name(const std::string& argv0) {
  const auto slash = argv0.rfind('/');
  (void)::prctl(PR_SET_NAME, argv0.substr(slash == std::string::npos ? 0 : slash + 1).c_str());
}

// What a dead keeper's engine left for us, or the image that we were before; nothing when this is an ordinary start.
Result<std::vector<wire::HandoverItem>> read_handover() {
  const char* number = ::getenv(wire::kHandoverVariable);
  if (!number) return std::vector<wire::HandoverItem>{};
  const Fd memfd{std::atoi(number)};
  (void)::unsetenv(wire::kHandoverVariable);
  return read_table(memfd.get());
}

// The starter of a daemon waits until it is ready or failed.
int await_daemon(Fd from_daemon) {
  char exit_status = 1;
  ssize_t count;
  do count = ::read(from_daemon.get(), &exit_status, 1);
  while (count < 0 && errno == EINTR);
  return count == 1 ? exit_status : 1;
}

int run_daemon(const std::vector<std::string>& argv, DepositMap deposits) {
  auto pipe = Pipe::make();
  const pid_t pid = pipe ? ::fork() : -1;
  if (pid < 0) {
    std::perror("upkeep: cannot become a daemon");
    return 1;
  }
  if (pid > 0) {
    reset_signals();  // the keeper that we are no more had them blocked: a hanging start must be interruptible
    pipe->write.reset();
    return await_daemon(std::move(pipe->read));
  }
  pipe->read.reset();
  (void)::setsid();                          // a fresh child leads no group: it cannot fail
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);  // not inherited over fork
  Keeper keeper{{.argv = argv,
                 .stage = wire::Stage::Configured,
                 .deposits = std::move(deposits),
                 .handover = {},
                 .starter = std::move(pipe->write)}};
  const End end = keeper.run();
  const auto exit_status = static_cast<char>(end.exit_status);
  if (end.starter) (void)!::write(end.starter.get(), &exit_status, 1);
  return end.exit_status;
}

}  // namespace

int run_keeper(const std::vector<std::string>& argv) {
  set_name(argv.front());
  auto handover = read_handover();
  if (!handover) {
    std::fprintf(stderr, "upkeep: cannot take over from the keeper before: %s\n", handover.error().text.c_str());
    return 1;
  }
  const bool taking_over = !handover->empty();
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);  // without it orphans go to init, as under Supervisor
  tame_inherited();
  std::optional<Keeper> keeper;
  keeper.emplace(Beginning{.argv = argv,
                           .stage = taking_over ? wire::Stage::Running : wire::Stage::Fresh,
                           .deposits = taking_over ? DepositMap{} : stdio_deposits(),
                           .handover = std::move(*handover),
                           .starter = Fd{}});
  End end = keeper->run();
  keeper.reset();  // a daemon has a keeper of its own and inherits nothing of this one
  return end.detach ? run_daemon(argv, std::move(end.deposits)) : end.exit_status;
}

}  // namespace upkeep::keeper
