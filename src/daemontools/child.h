// Becoming the program that a tool was told to run, or starting it as a child.
//
// A word with a slash is a path. Any other is looked for in PATH of the tool itself, whatever PATH the program is going
// to get: each element in turn while the file does not exist or may not be run. An empty element is the current
// directory; without PATH, /bin and /usr/bin are searched. The error told is that of a file that was found but may not
// be run, if there was one: so an unreadable element turns "file does not exist" into "access denied". A text file
// without #! is an error; no shell is tried.
#pragma once

#include <spawn.h>
#include <sys/types.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace upkeep::daemontools {

// The files to try for `word`, in order. `path` is the value of PATH, null when there is none.
std::vector<std::string> candidates(std::string_view word, const char* path);

// The process becomes `words` (ended by a null, at least one). Returns only if that fails: having said so
// ("envdir: fatal: unable to run CMD: file does not exist"), kFatal.
int run(std::string_view tool, char* const* words, char* const* environment = environ);

// Starts `words` beside us; the error's code is that of the failing exec.
Result<pid_t> spawn(char* const* words, const posix_spawn_file_actions_t* actions = nullptr,
                    char* const* environment = environ);

// Its wait status. Waits for this process only.
Result<int> wait_for(pid_t pid);

}  // namespace upkeep::daemontools
