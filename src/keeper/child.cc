#include "keeper/child.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/errno_words.h"

namespace upkeep::keeper {
namespace {

constexpr int kLastSignal = 64;
constexpr int kNotSpawned = 127;  // the exit status of a child that never reached its program

void say(const char* text) {
  const ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text));
  (void)ignored;  // its log is the only place to complain to
}

// One line at once: others write to the same place.
void complain(std::string_view text, std::string_view reason) {
  const auto part = [](std::string_view of) { return iovec{const_cast<char*>(of.data()), of.size()}; };
  const iovec line[] = {part(text), part(": "), part(reason), part("\n")};
  const ssize_t ignored = ::writev(STDERR_FILENO, line, 4);
  (void)ignored;
}

void say_number(std::uint64_t value) {
  char digits[24];
  char* at = digits + sizeof digits;
  *--at = '\0';
  do *--at = static_cast<char>('0' + value % 10);
  while ((value /= 10) != 0);
  say(at);
}

// "ENOENT"; strerrorname_np reads a constant table.
void say_errno(int error) {
  const char* name = ::strerrorname_np(error);
  say(name ? name : "unknown error");
}

// Puts `wanted` on 0, 1, 2. The sources are all above 2: the keeper keeps 0 to 2 occupied.
bool place_stdio(const std::array<int, 3>& wanted) {
  for (int target = 0; target < 3; ++target)
    if (::dup2(wanted[static_cast<std::size_t>(target)], target) < 0) return false;  // clears close-on-exec
  return true;
}

// Null, or why not, in Supervisor's words (options.py drop_privileges()).
const char* become(const wire::Ids& ids) {
  const uid_t now = ::geteuid();
  if (now == ids.uid) return nullptr;
  if (now != 0) {
    errno = EPERM;
    return "Can't drop privilege as nonroot user";
  }
  if (::setgroups(ids.groups.size(), ids.groups.data()) != 0) return "Could not set groups of effective user";
  if (::setgid(ids.gid) != 0) return "Could not set group id of effective user";
  return ::setuid(ids.uid) == 0 ? nullptr : "Could not set user id";
}

}  // namespace

void reset_signals() {
  // By system call, as the C library refuses 32 and 33, which it uses itself: whoever started us may have left those
  // ignored. The kernel's struct is all zeros for SIG_DFL on every architecture. KILL and STOP refuse: fine.
  static constexpr std::array<unsigned long, 4> kDefault{};
  for (int signal = 1; signal <= kLastSignal; ++signal)
    (void)::syscall(SYS_rt_sigaction, signal, kDefault.data(), nullptr, sizeof(std::uint64_t));
  sigset_t none;
  ::sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

ChildReports::ChildReports(Fd memory) : memory_(std::move(memory)) {
  if (!memory_) {
    memory_ = Fd{::memfd_create("upkeep-reports", MFD_CLOEXEC)};
    if (!memory_ || ::ftruncate(memory_.get(), kCells * sizeof(Cell)) != 0) return;
  }
  void* cells = ::mmap(nullptr, kCells * sizeof(Cell), PROT_READ | PROT_WRITE, MAP_SHARED, memory_.get(), 0);
  if (cells != MAP_FAILED) cells_ = static_cast<Cell*>(cells);
}

ChildReports::ChildReports(ChildReports&& other) noexcept
    : memory_(std::move(other.memory_)), cells_(std::exchange(other.cells_, nullptr)) {}

ChildReports& ChildReports::operator=(ChildReports other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(cells_, other.cells_);
  return *this;
}

ChildReports::~ChildReports() {
  if (cells_) (void)::munmap(cells_, kCells * sizeof(Cell));
}

ChildReports::Report ChildReports::take(std::int32_t pid) {
  if (!cells_) return {};
  Cell& cell = cells_[static_cast<std::size_t>(pid) % kCells];
  if (cell.pid != pid) return {};
  cell.pid = 0;
  return {static_cast<wire::SpawnStage>(cell.stage), cell.error};
}

void ChildReports::put(std::int32_t pid, wire::SpawnStage stage, std::int32_t error) {
  if (cells_) cells_[static_cast<std::size_t>(pid) % kCells] = {pid, static_cast<std::int32_t>(stage), error};
}

PreparedChild::PreparedChild(wire::SpawnPlan plan, std::array<int, 3> stdio, int notification, const Pipe& gate)
    : plan_(std::move(plan)),
      stdio_(stdio),
      argv_(plan_.argv.pointers()),
      environment_(plan_.environment.pointers()),
      notification_(notification),
      gate_read_(gate.read.get()),
      gate_write_(gate.write.get()) {}

void PreparedChild::give_up(ChildReports& reports, wire::SpawnStage stage) const {
  const int error = errno;
  reports.put(::getpid(), stage, error);
  if (plan_.complaint) {
    complain(plan_.complaint->text, errno_words(error));
    ::_exit(plan_.complaint->exit_status);
  }
  if (stage == wire::SpawnStage::Exec) {
    say("supervisor: couldn't exec ");
    say(argv_.front());
  } else if (stage == wire::SpawnStage::Directory) {
    say("supervisor: couldn't chdir to ");
    say(plan_.directory->c_str());
  }
  if (stage == wire::SpawnStage::Exec || stage == wire::SpawnStage::Directory) {
    say(": ");
    say_errno(error);
    say("\n");
  }
  say("supervisor: child process was not spawned\n");
  ::_exit(kNotSpawned);
}

bool PreparedChild::join_group() const {
  switch (plan_.group) {
    case wire::ProcessGroup::Own: return ::setpgid(0, 0) == 0;
    case wire::ProcessGroup::Session: return ::setsid() >= 0;
    case wire::ProcessGroup::Shared: break;
  }
  return true;
}

bool PreparedChild::place_descriptors() {
  if (!place_stdio(stdio_)) return false;
  if (!plan_.notification_fd) return true;
  const int wanted = *plan_.notification_fd;
  if (gate_read_ == wanted && (gate_read_ = ::fcntl(gate_read_, F_DUPFD_CLOEXEC, wanted + 1)) < 0) return false;
  if (gate_write_ == wanted) gate_write_ = -1;  // replaced, and thereby closed
  if (notification_ != wanted) return ::dup2(notification_, wanted) >= 0;
  return ::fcntl(wanted, F_SETFD, 0) == 0;
}

void PreparedChild::wait_at_the_gate() const {
  // Ours; end-of-file then means that the keeper's is closed.
  if (gate_write_ >= 0) ::close(gate_write_);
  char byte;
  ssize_t got;
  do got = ::read(gate_read_, &byte, 1);
  while (got < 0 && errno == EINTR);
  if (got != 1) ::_exit(kNotSpawned);  // without a word: nobody supervises this start any more
}

void PreparedChild::run(ChildReports& reports, const OomScore& oom_score) {
  reset_signals();
  oom_score.give_back();
  if (!join_group()) give_up(reports, wire::SpawnStage::Group);
  if (!place_descriptors()) give_up(reports, wire::SpawnStage::Stdio);
  for (const wire::Limit& limit : plan_.limits) {
    const rlimit value{limit.soft, limit.hard};
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &value) != 0)
      give_up(reports, wire::SpawnStage::Limits);
  }
  if (const char* why = plan_.ids ? become(*plan_.ids) : nullptr) {
    const int error = errno;
    say("supervisor: couldn't setuid to ");
    say_number(plan_.ids->uid);
    say(": ");
    say(why);
    say("\n");
    errno = error;
    give_up(reports, wire::SpawnStage::Ids);
  }
  if (plan_.directory && ::chdir(plan_.directory->c_str()) != 0) give_up(reports, wire::SpawnStage::Directory);
  if (plan_.umask) (void)::umask(*plan_.umask);
  wait_at_the_gate();
  ::execve(plan_.file.c_str(), argv_.data(), environment_.data());
  give_up(reports, wire::SpawnStage::Exec);
}

}  // namespace upkeep::keeper
