#include "os/crash_trace.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <exception>
#include <new>
#include <span>
#include <string_view>

#include "base/version.h"

namespace upkeep::os {
namespace {

constexpr unsigned kSecondsForTheTrace = 2;
constexpr std::size_t kFramesMax = 64;
constexpr std::size_t kModulesMax = 32;
constexpr std::size_t kStackBytes = 64u << 10;
constexpr int kSignals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

struct Module {
  std::uintptr_t begin, end, bias;
  char name[48];
};

// Everything the handler looks at, gathered beforehand.
struct Prepared {
  const char* who = "";
  long utc_offset = 0;  // of the time when this was armed
  Module modules[kModulesMax];
  std::size_t module_count = 0;
  char build_id[2 * 20 + 1] = "unknown";
  char reason[256] = "";  // said by who is about to abort
  alignas(16) char stack[kStackBytes];
};
Prepared prepared;
std::atomic<int> log_fd{-1};
std::atomic_flag tracing = ATOMIC_FLAG_INIT;

// --- beforehand

void read_build_id(const dl_phdr_info& info, const ElfW(Phdr) & segment) {
  const char* at = reinterpret_cast<const char*>(info.dlpi_addr + segment.p_vaddr);
  const char* const end = at + segment.p_memsz;
  while (at + sizeof(ElfW(Nhdr)) <= end) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof note);
    const char* name = at + sizeof note;
    const char* bytes = name + (note.n_namesz + 3) / 4 * 4;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
      constexpr const char* kDigits = "0123456789abcdef";
      std::size_t size = 0;
      for (std::size_t i = 0; i < note.n_descsz && size + 2 < sizeof prepared.build_id; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        prepared.build_id[size++] = kDigits[byte >> 4];
        prepared.build_id[size++] = kDigits[byte & 15];
      }
      prepared.build_id[size] = '\0';
      return;
    }
    at = bytes + (note.n_descsz + 3) / 4 * 4;
  }
}

// As much as there is room for; what is longer is cut.
template <std::size_t Size>
void copy_text(char (&room)[Size], std::string_view text) {
  room[text.copy(room, Size - 1)] = '\0';
}

int remember_module(dl_phdr_info* info, std::size_t, void*) {
  if (prepared.module_count == kModulesMax) return 1;
  const bool is_program = prepared.module_count == 0;  // which comes first, without a name
  Module& module = prepared.modules[prepared.module_count++];
  module = {UINTPTR_MAX, 0, info->dlpi_addr, ""};
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    const std::uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD) {
      module.begin = std::min(module.begin, begin);
      module.end = std::max(module.end, begin + segment.p_memsz);
    }
    if (is_program && segment.p_type == PT_NOTE && std::strcmp(prepared.build_id, "unknown") == 0)
      read_build_id(*info, segment);
  }
  char path[4096] = "";
  if (is_program && ::readlink("/proc/self/exe", path, sizeof path - 1) < 0) std::strcpy(path, "upkeep");
  const char* full = is_program ? path : info->dlpi_name;
  const char* slash = std::strrchr(full, '/');
  copy_text(module.name, slash ? slash + 1 : full);
  return 0;
}

void give_reason(const char* text) { copy_text(prepared.reason, text); }

[[noreturn]] void on_no_memory() {
  give_reason("out of memory");
  std::abort();
}

[[noreturn]] void on_terminate() {
  give_reason("an exception that nobody catches");
  if (const auto thrown = std::current_exception()) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      give_reason(error.what());
    } catch (...) {  // it has no text
    }
  }
  std::abort();
}

// --- in the handler

void say(std::string_view line) {
  for (const int fd : {log_fd.load(), STDERR_FILENO}) {
    if (fd != STDERR_FILENO) (void)::lseek(fd, 0, SEEK_END);  // a log's own writes carry their place along
    pollfd ready{fd, POLLOUT, 0};
    if (fd >= 0 && ::poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT))
      (void)!::write(fd, line.data(), line.size());  // nobody is left to be told
  }
}

void say_line(std::int64_t when, const CrashText& text) {
  CrashText line;
  line.stamp(when, prepared.utc_offset) << " CRIT " << prepared.who << ": " << text.view();
  line << "\n";
  say(line.view());
}

struct Frames {
  std::uintptr_t address[kFramesMax];
  std::size_t count = 0;
};

_Unwind_Reason_Code collect(_Unwind_Context* context, void* into) {
  auto& frames = *static_cast<Frames*>(into);
  int is_interrupted = 0;
  const std::uintptr_t ip = _Unwind_GetIPInfo(context, &is_interrupted);
  if (ip == 0 || frames.count == kFramesMax) return _URC_END_OF_STACK;
  // A return address belongs to the line after the call; one less is within the call.
  frames.address[frames.count++] = is_interrupted ? ip : ip - 1;
  return _URC_NO_REASON;
}

std::uintptr_t program_counter(const void* context) {
  const mcontext_t& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#else
  return (void)machine, 0;
#endif
}

void describe_address(CrashText& text, std::uintptr_t address) {
  const std::span<const Module> modules{prepared.modules, prepared.module_count};
  const auto found =
      std::ranges::find_if(modules, [&](const Module& each) { return each.begin <= address && address < each.end; });
  if (found == modules.end()) {
    text.hex(address);
  } else {
    text << found->name << "+";
    text.hex(address - found->bias);
  }
}

void describe_reason(CrashText& text, const siginfo_t& info) {
  if (info.si_code == SI_TIMER && info.si_value.sival_ptr) {
    text << static_cast<const char*>(info.si_value.sival_ptr);
  } else if (info.si_code > 0) {
    text << "at address ";
    text.hex(reinterpret_cast<std::uintptr_t>(info.si_addr));
  } else if (info.si_pid == ::getpid()) {
    text << (*prepared.reason ? prepared.reason : "it gave up");
  } else if (info.si_pid == ::getppid()) {
    text << "from the keeper: this engine was stopped, or left something unanswered";
  } else {
    text << "from pid " << info.si_pid;
  }
}

const char* name_of_signal(int number) {
  switch (number) {
    case SIGABRT: return "SIGABRT";
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGFPE: return "SIGFPE";
    default: return "SIGILL";
  }
}

void trace(int number, const siginfo_t& info, const void* context) {
  timespec now{};
  (void)::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t when = std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
  CrashText text;
  text << name_of_signal(number) << " (";
  describe_reason(text, info);
  text << ") build id " << prepared.build_id << ", version " << version() << ", pid " << ::getpid();
  say_line(when, text);

  Frames frames;
  (void)_Unwind_Backtrace(collect, &frames);
  // What lies above the place of the fault are this handler and the kernel's trampoline. Where the unwinder cannot get
  // there, the place itself is still known.
  const std::uintptr_t place = program_counter(context);
  const std::span<const std::uintptr_t> seen{frames.address, frames.count};
  const auto first = std::ranges::find(seen, place);
  long long depth = 0;
  const auto say_frame = [&](std::uintptr_t address) {
    text.clear();
    text << "  #" << depth++ << " ";
    describe_address(text, address);
    say_line(when, text);
  };
  if (first == seen.end()) say_frame(place);
  std::for_each(first == seen.end() ? seen.begin() : first, seen.end(), say_frame);
}

void on_signal(int number, siginfo_t* info, void* context) {
  if (!tracing.test_and_set()) {
    sigset_t alarm_only;
    ::sigemptyset(&alarm_only);
    ::sigaddset(&alarm_only, SIGALRM);
    (void)::signal(SIGALRM, SIG_DFL);
    (void)::pthread_sigmask(SIG_UNBLOCK, &alarm_only, nullptr);
    ::alarm(kSecondsForTheTrace);
    trace(number, *info, context);
  }
  // The action is the default one by now. A fault happens again when this returns; a signal that was sent must be sent
  // again.
  if (info->si_code <= 0) (void)::syscall(SYS_tgkill, ::getpid(), ::gettid(), number);
}

}  // namespace

// --- CrashText

CrashText& CrashText::operator<<(std::string_view text) {
  const std::size_t count = std::min(text.size(), sizeof text_ - size_);
  std::memcpy(text_ + size_, text.data(), count);
  size_ += count;
  return *this;
}

CrashText& CrashText::padded(long long number, int width) {
  char digits[24];
  int at = sizeof digits;
  auto rest = number < 0 ? 0 - static_cast<unsigned long long>(number) : static_cast<unsigned long long>(number);
  do {
    digits[--at] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  while (static_cast<int>(sizeof digits) - at < width) digits[--at] = '0';
  if (number < 0) *this << "-";
  return *this << std::string_view{digits + at, sizeof digits - static_cast<std::size_t>(at)};
}

CrashText& CrashText::operator<<(long long number) { return padded(number, 1); }

CrashText& CrashText::hex(std::uintptr_t number) {
  char digits[16];
  std::size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[number & 15];
    number >>= 4;
  } while (number > 0);
  return *this << "0x" << std::string_view{digits + at, sizeof digits - at};
}

// localtime() may take a lock that the interrupted code holds, so the calendar is worked out here (the civil calendar
// in years that begin in March, whose leap day comes last).
CrashText& CrashText::stamp(std::int64_t milliseconds, long offset) {
  const std::int64_t seconds = milliseconds / 1000 + offset;
  const std::int64_t days = seconds / 86400 + 719468;  // since 0000-03-01
  const std::int64_t era = days / 146097, day_of_era = days % 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;  // 0: March
  const std::int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::int64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
  padded(year, 4) << "-";
  padded(month, 2) << "-";
  padded(day, 2) << " ";
  padded(seconds % 86400 / 3600, 2) << ":";
  padded(seconds % 3600 / 60, 2) << ":";
  padded(seconds % 60, 2) << ",";
  return padded(milliseconds % 1000, 3);
}

// --- arming

void arm_crash_trace(const char* who) {
  prepared.who = who;
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  if (::localtime_r(&now, &local)) prepared.utc_offset = local.tm_gmtoff;
  prepared.module_count = 0;
  (void)::dl_iterate_phdr(remember_module, nullptr);
  Frames first_time_loads_what_it_needs;
  (void)_Unwind_Backtrace(collect, &first_time_loads_what_it_needs);

  stack_t stack{};
  stack.ss_sp = prepared.stack;
  stack.ss_size = sizeof prepared.stack;
  (void)::sigaltstack(&stack, nullptr);  // else a stack that overflows leaves no trace
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  for (const int number : kSignals) (void)::sigaction(number, &action, nullptr);
  std::set_new_handler(on_no_memory);
  std::set_terminate(on_terminate);
}

void set_crash_log(int fd) {
  const int kept = fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (const int before = log_fd.exchange(kept); before >= 0) ::close(before);
}

}  // namespace upkeep::os
