// Opening files by names that other users may have a hand in: logs and pidfiles in /tmp, in the folder of an
// application, wherever a configuration puts them. Who may write to such a folder can plant a link there and have the
// daemon write, truncate or show a file of its own choice. What Linux has against it (fs.protected_symlinks,
// fs.protected_regular) may be off, and covers folders that are everybody's only.
//
// The path is walked folder by folder on descriptors, so that nothing can be exchanged between look and use:
//
//   link of root, of this process's user, in /proc      followed
//   link of anybody else                                followed if it leads into a folder, to a file, of its owner
//                                                       (who so gains nothing), or to /dev/null; refused else
//   the same, for a process that is not root            only where the folder with the link is everybody's to write
//   regular file of another user (neither root nor the  not written to
//   folder's owner) in a sticky folder like /tmp
//
// Hard links are left to fs.protected_hardlinks.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace upkeep::os {

// As open_file() (os/file.h), with these rules. O_CREAT and O_TRUNC act after them. Error: EACCES with a sentence that
// names the link or the file, or as open(2) has it.
Result<Fd> open_guarded(const std::string& path, int flags, mode_t mode = 0666);

}  // namespace upkeep::os
