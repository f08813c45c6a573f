// A log copied to the terminal as it grows, also across the loss of a connection.
//
// The stream itself carries no offsets: it starts with the last 1024 bytes of the file. So the size of the file is
// asked for before and after that head; where the two differ, the head is looked for in the bytes between them. After a
// loss the bytes since the last one printed are read by their offset, and the new stream's head is cut where it
// repeats. For the daemon's own log, whose size cannot be asked for, and after a rotation, the cut is found by
// comparing texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ctl/client.h"
#include "ctl/interrupt.h"
#include "ctl/log_stream.h"
#include "ctl/terminal.h"

namespace upkeep::ctl {

// How many bytes at the start of `head` repeat the end of `seen`.
std::size_t repeated_bytes(std::string_view seen, std::string_view head);

class LogFollower {
 public:
  static constexpr Duration kReturnTime = std::chrono::seconds{10};  // for a lost server to come back
  static constexpr Duration kHeadTime = std::chrono::seconds{2};     // for a new stream's first bytes
  static constexpr std::size_t kSeenBytes = 1024;                    // kept for comparing

  LogFollower(Client& client, Target target, LogName log, Terminal& terminal, const Interrupt& interrupt);

  bool start();                             // false: failed, and told on standard error
  int fd() const { return stream_->fd(); }  // to wait for, before pump()
  bool pump();  // prints what has arrived; false: the log has ended, or Ctrl-C while waiting for the server

 private:
  bool resume();
  bool attach_again(std::optional<std::int64_t> size_before);
  bool refused();  // told, if so
  std::string wait_for_head();
  void print(std::string_view text);
  void print_rest(std::string_view head, std::optional<std::int64_t> end);

  std::optional<std::int64_t> ask_size();
  std::optional<std::string> read_range(std::int64_t offset, std::int64_t length);
  // The offset at which `head` ends, given the file's sizes before and after it was read.
  std::optional<std::int64_t> end_of(std::string_view head, std::optional<std::int64_t> size_before,
                                     std::optional<std::int64_t> size_after);

  Client& client_;
  Target target_;
  LogName log_;
  Terminal& terminal_;
  const Interrupt& interrupt_;
  std::optional<LogStream> stream_;
  bool at_head_ = true;                     // nothing of the stream has arrived yet
  std::optional<std::int64_t> first_size_;  // the file's, before the first stream
  std::optional<std::int64_t> position_;    // offset after the last byte printed, where known
  std::string seen_;
};

}  // namespace upkeep::ctl
