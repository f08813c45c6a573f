// The reader of one output pipe of a process: carries its bytes to a sink, and past a tap when somebody must see them.
//
// What the keeper collected while no engine was there, the spool, comes first, then the pipe; order is kept. Where
// nobody looks, bytes are spliced and an engine that is killed neither loses nor repeats any. Where a reader or a sink
// that cannot splice needs them copied, they are consumed only after reader and sink have them: nothing is lost, at
// most kPeekBytes are repeated.
//
// A reader need not accept all it is shown. The rest, a few bytes or an unfinished line, stays where it is and is shown
// again with what comes next, or with the word that nothing does. A pipe that holds nothing but such a rest is watched
// for edges, as it would be readable all the time. On kernels that do not report them, and where the rest might keep
// the program from writing on, it is taken out: then it can be lost in a kill.
//
// The spool is a memfd whose file position, shared with the keeper, says what was read. When drained it is truncated
// and rewound, in that order: a position beyond the end means "drained", and whoever writes to the spool must write at
// max(size, position).
//
// End of file is no exit: the channel stops watching and stays. A turn moves at most kTurnBytes, so that one noisy
// program does not starve the others.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "logs/sink.h"
#include "logs/tee_pipe.h"
#include "os/loop.h"

namespace upkeep::logs {

inline constexpr std::size_t kTurnBytes = 128u << 10;
inline constexpr std::size_t kDrainBytes = 16u << 20;
inline constexpr std::size_t kFewBytes = 2u << 10;  // a turn that moved so few is over

struct Route {
  std::shared_ptr<Sink> sink;  // null: without a reader, the bytes are discarded
  // Gets the bytes instead of the sink. Returns how many it accepted from the front: all, or all but fewer than
  // kPeekBytes; with `at_end` all. Must not destroy the channel, nor change its route.
  std::function<std::size_t(std::string_view bytes, bool at_end)> reader{};
  std::function<void()> ended{};  // called at end of file, once; the same rules
};

class Channel {
 public:
  // The pipe's description must be non-blocking. `spool` may be empty. `tee` and `loop` are borrowed for life.
  // Fails when the loop cannot watch the pipe.
  static Result<std::unique_ptr<Channel>> make(os::Loop& loop, TeePipe& tee, Fd pipe, Fd spool, Route route);
  Channel(const Channel&) = delete;

  void set_route(Route route);
  const Route& route() const { return route_; }

  // After the process exited: carries what is left until the pipe is empty or at its end, what the reader has not
  // accepted included. At most kDrainBytes, should grandchildren still write; the loop goes on with the rest.
  void drain();

  // For a keeper that takes over; borrowed.
  int pipe_fd() const { return pipe_.get(); }
  int spool_fd() const { return spool_.get(); }  // -1: drained, or never there

  bool is_at_end() const { return at_end_; }        // nobody can write to the pipe any more, and all was read
  std::uint64_t bytes() const { return bytes_; }    // carried since made, the spool's included
  std::uint64_t copied() const { return copied_; }  // of these, not spliced: what may repeat after a kill is among them

 private:
  Channel(os::Loop& loop, TeePipe& tee, Fd pipe, Fd spool, Route route);

  enum class Look { UntilEmpty, WhileMuch };
  void turn(std::size_t budget, Look look);
  void continue_soon();                // another turn although the pipe may be silent
  std::size_t move(std::size_t most);  // one chunk from spool or pipe; 0: nothing there now
  std::size_t move_from_spool(std::size_t most);
  std::size_t move_from_pipe(std::size_t most);
  std::size_t show_pipe(bool at_end);  // to the reader
  void finish_spool();
  void finish_rest();
  std::size_t deliver(std::string_view bytes, bool at_end);
  bool may_splice() const { return !route_.reader && sink_splices_; }
  void notice_end();
  void rest(bool resting);

  os::Loop& loop_;
  TeePipe& tee_;
  Fd pipe_;
  Fd spool_;                    // empty once drained
  std::size_t rest_bytes_max_;  // more than this is not left in the pipe
  std::string rest_;  // not accepted from the spool, where it still is; or taken out of the pipe, on a silent kernel
  Route route_;
  bool sink_splices_ = true;  // until it says EINVAL
  bool at_end_ = false;
  bool refused_ = false;  // the reader accepted nothing of what it saw last
  bool resting_ = false;  // what the pipe holds was all shown; edges are watched
  bool will_continue_ = false;
  std::uint64_t bytes_ = 0;
  std::uint64_t copied_ = 0;
  std::shared_ptr<const bool> alive_;  // what deferred turns must not outlive; null: there has been none
  os::Watch watch_;                    // last: goes before the descriptors
};

}  // namespace upkeep::logs
