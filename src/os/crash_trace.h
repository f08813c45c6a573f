// What a process leaves behind when it dies by a fault of its own: which signal and why, build id, version and the
// frames of its stack, as lines for its log. Frames are MODULE+0xOFFSET, which addr2line understands whatever the
// address the module was loaded at; stripped and static binaries have them, too (docs/troubles.md says how to turn them
// into lines).
//
// The handler uses nothing that a broken heap could break, waits for no descriptor, and leaves the signal to its
// default action afterwards: a core is dumped where the kernel is told to, and whoever waits for the process sees the
// true signal. Should the handler itself hang, SIGALRM ends the process after two seconds.
#pragma once

#include <cstdint>
#include <string_view>

namespace upkeep::os {

// From now on SIGABRT, SIGSEGV, SIGBUS, SIGFPE and SIGILL leave a trace, on stderr at least; operator new that gets no
// memory aborts with "out of memory", an exception that nobody catches with its text. `who` begins the lines ("engine")
// and stays borrowed. Once a process, in its first thread, which gets an alternate stack for it.
void arm_crash_trace(const char* who);

// Where the trace goes beside stderr: a duplicate of `fd` is kept. -1: nowhere.
void set_crash_log(int fd);

// A timer whose signal is one of those above carries the reason as its sigev_value: a text that lives as long as the
// timer.

// --- the words of the handler: text in a buffer that was there before, cut off at its end
class CrashText {
 public:
  CrashText& operator<<(std::string_view text);
  CrashText& operator<<(long long number);
  CrashText& hex(std::uintptr_t number);  // "0x7f"
  CrashText& padded(long long number, int width);
  // "2026-11-21 17:08:20,123", `offset` seconds east of Greenwich.
  CrashText& stamp(std::int64_t milliseconds_since_1970, long offset);
  std::string_view view() const { return {text_, size_}; }
  void clear() { size_ = 0; }

 private:
  char text_[512];
  std::size_t size_ = 0;
};

}  // namespace upkeep::os
