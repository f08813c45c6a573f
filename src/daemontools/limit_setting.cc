#include "daemontools/limit_setting.h"

#include <algorithm>
#include <array>

namespace upkeep::daemontools {
namespace {

constexpr std::array kMemory{RLIMIT_DATA, RLIMIT_STACK, RLIMIT_MEMLOCK, RLIMIT_AS};
constexpr std::array kAll{RLIMIT_AS};
constexpr std::array kCore{RLIMIT_CORE};
constexpr std::array kData{RLIMIT_DATA};
constexpr std::array kFile{RLIMIT_FSIZE};
constexpr std::array kLocked{RLIMIT_MEMLOCK};
constexpr std::array kOpen{RLIMIT_NOFILE};
constexpr std::array kProcesses{RLIMIT_NPROC};
constexpr std::array kResident{RLIMIT_RSS};
constexpr std::array kStack{RLIMIT_STACK};
constexpr std::array kCpu{RLIMIT_CPU};

constexpr std::array<LimitName, 11> kNames{{
    {'a', "SOFTLIMIT_ALLBYTES", kAll},
    {'c', "SOFTLIMIT_COREBYTES", kCore},
    {'d', "SOFTLIMIT_DATABYTES", kData},
    {'f', "SOFTLIMIT_FILEBYTES", kFile},
    {'l', "SOFTLIMIT_LOCKEDBYTES", kLocked},
    {'o', "SOFTLIMIT_OPENFILES", kOpen},
    {'p', "SOFTLIMIT_PROCS", kProcesses},
    {'r', "SOFTLIMIT_RSSBYTES", kResident},
    {'s', "SOFTLIMIT_STACKBYTES", kStack},
    {'t', "SOFTLIMIT_CPUSECS", kCpu},
    {'m', "SOFTLIMIT_MEMBYTES", kMemory},
}};

}  // namespace

std::span<const LimitName> limit_names() { return kNames; }

std::optional<rlimit> limit_after(const rlimit& current, std::string_view setting, Dialect dialect) {
  if (setting == "=") return rlimit{current.rlim_max, current.rlim_max};
  if (setting == "-" && dialect == Dialect::Encore) return rlimit{RLIM_INFINITY, RLIM_INFINITY};
  rlim_t number = 0;
  for (const char digit : setting) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = number * 10 + static_cast<rlim_t>(digit - '0');
  }
  return rlimit{std::min(number, current.rlim_max), current.rlim_max};
}

}  // namespace upkeep::daemontools
