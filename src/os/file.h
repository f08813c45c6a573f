// Files as engine and tools need them: opened close-on-exec, read up to a limit, replaced atomically, or living in
// memory only.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace upkeep::os {

inline constexpr std::size_t kFileBytesMax = 16u << 20;  // default limit of what is read into memory at once

// open(2) with O_CLOEXEC added and EINTR retried. `mode` matters with O_CREAT only and is subject to the umask.
Result<Fd> open_file(const std::string& path, int flags, mode_t mode = 0666);

// Everything from the descriptor's position to its end. Error with code EFBIG when that is more than `most` bytes.
Result<std::string> read_all(int fd, std::size_t most = kFileBytesMax);
Result<std::string> read_file(const std::string& path, std::size_t most = kFileBytesMax);

// All of it, short writes continued; for descriptors that may block.
Result<void> write_all(int fd, std::string_view bytes);

enum class Durability {
  Rename,  // readers see the old bytes or the new, whatever we die of; a power cut may leave either, or an empty file
  Sync,    // also safe across a power cut: the file before the rename, the directory after it
};

// Puts `bytes` in place of whatever `path` names: written to `path.new` beside it, then renamed over it. The file gets
// exactly `mode`, the umask notwithstanding. One writer a path: the temporary name is fixed, so that a crash leaves one
// file at most.
Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode = 0644,
                          Durability durability = Durability::Rename);

enum class Sealing { Open, Sealed };  // Sealed: neither bytes nor size can ever change again, by anybody

// A file without a name, in memory, holding `bytes` with its position at 0. `name` is for people reading /proc.
Result<Fd> make_memfd(const std::string& name, std::string_view bytes, Sealing sealing);

// A second open file description of what `fd` writes to, non-blocking, through /proc/self/fd: O_NONBLOCK on `fd` itself
// would change it for every process that shares it. Only pipes, fifos and terminals: a regular file would start again
// at position 0 (EINVAL), a socket cannot be opened by name (ENXIO).
Result<Fd> reopen_nonblocking(int fd);

struct FileId {  // the same file under whatever name
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileId&) const = default;
};
FileId file_id(const struct stat& status);

}  // namespace upkeep::os
