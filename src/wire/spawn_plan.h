// All that happens between fork and exec, resolved beforehand: the keeper's child only walks it.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/text_block.h"

namespace upkeep::wire {

// Where one of the stdio descriptors of a new process comes from.
enum class StdioSource : std::uint8_t {
  Pipe = 0,    // a fresh pipe; the keeper keeps the other end as a channel of the slot
  Passed = 1,  // a descriptor that rides on the SPAWN message
  Out = 2,     // for stderr: the same as stdout
  Null = 3,    // /dev/null
  Own = 4,     // the keeper's own descriptor of that number
};

struct Ids {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

struct Limit {  // setrlimit
  std::int32_t resource = 0;
  std::uint64_t soft = 0, hard = 0;
};

enum class ProcessGroup : std::uint8_t {
  Own = 0,      // setpgid(0, 0)
  Shared = 1,   // the keeper's
  Session = 2,  // setsid()
};

// What a child says that cannot become its program: this, ": ", daemontools' words for the error. On its own standard
// error, as nobody else can know where that leads.
struct Complaint {
  std::string text;
  int exit_status = 111;
};

struct SpawnPlan {
  std::string file;  // as for execve
  TextBlock argv, environment;
  std::array<StdioSource, 3> stdio{StdioSource::Pipe, StdioSource::Pipe, StdioSource::Pipe};
  std::optional<Ids> ids;
  std::optional<std::string> directory;
  std::optional<mode_t> umask;
  ProcessGroup group = ProcessGroup::Own;
  std::vector<Limit> limits;  // set before the ids change
  // The program finds the last descriptor that rides on the SPAWN message (before a plan's) under this number, which is
  // above 2: the end of a pipe to say on that it is ready.
  std::optional<std::int32_t> notification_fd;
  std::optional<Complaint> complaint;  // none: Supervisor's words, and exit status 127
};

std::string encode(const SpawnPlan& plan);
Result<SpawnPlan> decode_spawn_plan(std::string_view bytes);

// The step of a child that failed; the numbers are protocol.
enum class SpawnStage : std::uint8_t {
  None = 0,
  Pipes = 1,
  Fork = 2,
  Group = 3,
  Stdio = 4,
  Limits = 5,
  Ids = 6,
  Directory = 7,
  Exec = 8
};

}  // namespace upkeep::wire
