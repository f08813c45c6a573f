// probe deny-new-calls COMMAND...: runs COMMAND as on an old kernel or in a strict container, where pidfds, close_range
// and clone3 do not work: each of these calls fails with ENOSYS, waitid on a pidfd with EINVAL.
//
// probe deny-inotify COMMAND...: runs COMMAND as where a user's inotify instances are used up.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <vector>

#include "probe.h"

namespace probe {
namespace {

constexpr sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<__u32>(offset));
}
constexpr sock_filter skip_unless(long value, unsigned char steps) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<__u32>(value), 0, steps);
}
constexpr sock_filter fail_with(int error) {
  return BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<__u32>(error));
}

constexpr std::array kFilter{
    load(offsetof(seccomp_data, nr)),
    skip_unless(SYS_pidfd_open, 1),
    fail_with(ENOSYS),
    skip_unless(SYS_pidfd_send_signal, 1),
    fail_with(ENOSYS),
    skip_unless(SYS_pidfd_getfd, 1),
    fail_with(ENOSYS),
    skip_unless(SYS_close_range, 1),
    fail_with(ENOSYS),
    skip_unless(SYS_clone3, 1),
    fail_with(ENOSYS),
    skip_unless(SYS_waitid, 3),
    load(offsetof(seccomp_data, args)),  // the lower half of the first argument
    skip_unless(P_PIDFD, 1),
    fail_with(EINVAL),
    sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

constexpr std::array kInotifyFilter{
    load(offsetof(seccomp_data, nr)),
    skip_unless(SYS_inotify_init1, 1),
    fail_with(EMFILE),
    sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

int run_filtered(Arguments arguments, std::span<const sock_filter> rules) {
  if (arguments.empty()) die("a command is missing");
  std::vector<sock_filter> filter(rules.begin(), rules.end());
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  // Without the privilege to filter, giving up set-user-id programs is the price.
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 &&
      (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)) {
    die("seccomp");
  }
  ::execvp(arguments[0], arguments.data());  // argv ends in a null pointer
  die(arguments[0]);
}

}  // namespace

int deny_new_calls(Arguments arguments) { return run_filtered(arguments, kFilter); }
int deny_inotify(Arguments arguments) { return run_filtered(arguments, kInotifyFilter); }

}  // namespace probe
