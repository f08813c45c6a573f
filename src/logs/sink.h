// Where the bytes of a channel go. A sink never blocks its caller for long, never fails it, never throws: bytes that
// cannot be written are counted as dropped and reported once by whoever owns the sink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "os/file.h"

namespace upkeep::logs {

// What became of a sink's troubles, for one line in the activity log: first failure, then recovery with the count.
struct SinkTrouble {
  enum class Kind { Failing, Recovered };
  Kind kind;
  std::string path;
  std::string why;            // Failing: "No space left on device"
  std::uint64_t dropped = 0;  // Recovered: bytes lost meanwhile
};
using TroubleReport = std::function<void(const SinkTrouble&)>;

struct OpenFile {
  int fd = -1;  // lent; -1: none
  os::FileId id{};
  bool operator==(const OpenFile&) const = default;
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::string_view bytes) = 0;  // all of it goes in or is counted as dropped
  // Moves up to `most` bytes from a pipe, or from a memfd at its file position, without copying them through us.
  // Returns the bytes moved (0: the source is empty or at its end). An Error with code EINVAL means this sink cannot
  // splice: use write. Any other trouble is the sink's own: it swallows the bytes and counts them, so the program never
  // blocks on a full disk. Source and sink advance in one system call: whoever is killed here neither loses nor repeats
  // a byte.
  virtual Result<std::size_t> splice_from(int source, std::size_t most) = 0;
  virtual void reopen() = 0;  // SIGUSR2: close and open again by name, in append mode
  // Clearing a log: takes the file's name away; what is written until reopen() still goes into the old file. Anything
  // but a regular file is left alone, which is no error. Error with code ENOENT: there is no such file.
  virtual Result<void> remove() = 0;
  // What is written to at present, where that is a file or device opened by name.
  virtual OpenFile open_file() const { return {}; }
  // Waits until what is queued has been written, but no longer than `most`: before an engine leaves.
  virtual void settle(Duration most) { (void)most; }
};

}  // namespace upkeep::logs
