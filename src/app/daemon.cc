#include "app/daemon.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstdio>

#include "engine/run.h"
#include "keeper/inherited.h"
#include "keeper/run.h"
#include "rpc/servers.h"

namespace upkeep::app {
namespace {

bool is_engine_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

}  // namespace

// A lock that somebody holds for us, such as setlock's, is on 3; what is above is of no use to anybody (supervisor
// options.py cleanup_fds()).
int supervisord_main(int argc, char** argv) {
  constexpr int first_closed = 5;
  keeper::close_inherited(first_closed);
  return keeper::run_keeper({argv, argv + argc});
}

int engine_main(int argc, char** argv) {
  if (argc < 2 || !is_engine_socket(wire::kEngineSocket)) {
    std::fputs("upkeep-engine is started by supervisord; there is no use in starting it by hand\n", stderr);
    return 2;
  }
  (void)::fcntl(wire::kEngineSocket, F_SETFD, FD_CLOEXEC);  // the keeper that it may become has no use for it
  return engine::run_engine({argv + 1, argv + argc}, Fd{wire::kEngineSocket},
                            [](os::Loop& loop, engine::Control& control, engine::LogLine log) {
                              return std::make_unique<rpc::Servers>(loop, control, std::move(log));
                            });
}

}  // namespace upkeep::app
