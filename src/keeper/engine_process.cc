#include "keeper/engine_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "keeper/child.h"
#include "wire/keeper_messages.h"

namespace upkeep::keeper {
namespace {

constexpr const char* kEngineName = "upkeep-engine";
constexpr int kSocketBufferBytes = 1 << 20;  // room for a burst of snapshot or spawn messages

}  // namespace

EngineProcess::EngineProcess(std::vector<std::string> argv)
    : argv_(std::move(argv)), image_(::open("/proc/self/exe", O_PATH | O_CLOEXEC)) {}

Result<void> EngineProcess::start(const OomScore& oom_score) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return Error::from_errno("make a socket pair");
  Fd ours{ends[0]}, theirs{ends[1]};
  for (const int end : ends)  // a refusal leaves the default, which works too
    (void)::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kSocketBufferBytes, sizeof kSocketBufferBytes);

  std::string name = kEngineName, nothing;
  std::vector<char*> argv{name.data()};
  for (std::string& word : argv_) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t pid = ::fork();
  if (pid < 0) return Error::from_errno("fork the engine");
  if (pid == 0) {
    reset_signals();
    oom_score.give_back();
    // dup2 onto itself would leave close-on-exec set.
    const bool placed = theirs.get() == wire::kEngineSocket ? ::fcntl(wire::kEngineSocket, F_SETFD, 0) == 0
                                                            : ::dup2(theirs.get(), wire::kEngineSocket) >= 0;
    if (placed) ::execveat(image_.get(), nothing.c_str(), argv.data(), environ, AT_EMPTY_PATH);
    ::_exit(127);
  }
  pid_ = pid;
  socket_ = std::move(ours);
  return {};
}

void EngineProcess::resume(pid_t pid, Fd socket) {
  pid_ = pid;
  socket_ = std::move(socket);
}

void EngineProcess::execute_as_keeper(int image) {
  std::vector<char*> argv;
  for (std::string& word : argv_) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execveat(image, "", argv.data(), environ, AT_EMPTY_PATH);
}

void EngineProcess::kill(int signal) const {
  if (pid_ > 0) (void)::kill(pid_, signal);  // our own unreaped child: the number is its
}

}  // namespace upkeep::keeper
