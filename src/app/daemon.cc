#include "app/daemon.h"

#include <fcntl.h>
#include <malloc.h>
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

// Keeper and engine stand for months. By default the C library learns from large buffers that came and went to keep
// more and more of what is free; told a number, it goes on giving it back.
void keep_little_memory() {
  constexpr int kKeepBytes = 128 * 1024;  // as it begins with
  (void)::mallopt(M_TRIM_THRESHOLD, kKeepBytes);
  (void)::mallopt(M_MMAP_THRESHOLD, kKeepBytes);
}

}  // namespace

// A lock that somebody holds for us, such as setlock's, is on 3; what is above is of no use to anybody (supervisor
// options.py cleanup_fds()).
int supervisord_main(int argc, char** argv) {
  constexpr int first_closed = 5;
  keeper::close_inherited(first_closed);
  return keeper_main({argv, argv + argc});
}

int keeper_main(const std::vector<std::string>& argv) {
  keep_little_memory();
  return keeper::run_keeper(argv);
}

int engine_main(int argc, char** argv) {
  if (argc < 2 || !is_engine_socket(wire::kEngineSocket)) {
    std::fputs("upkeep-engine is started by supervisord; there is no use in starting it by hand\n", stderr);
    return 2;
  }
  keep_little_memory();
  (void)::fcntl(wire::kEngineSocket, F_SETFD, FD_CLOEXEC);  // the keeper that it may become has no use for it
  return engine::run_engine({argv + 1, argv + argc}, Fd{wire::kEngineSocket},
                            [](os::Loop& loop, engine::Control& control, engine::LogLine log) {
                              return std::make_unique<rpc::Servers>(loop, control, std::move(log));
                            });
}

}  // namespace upkeep::app
