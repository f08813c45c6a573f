// One client's conversation: requests in, answers out, one at a time and in order. Nothing about it is unbounded: not
// what it holds, not how long it may take.
//
// A Connection is owned by a shared_ptr, so that a callback under way can end it; an answer that comes after its end
// goes nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.h"
#include "base/time.h"
#include "os/loop.h"
#include "rpc/answer.h"
#include "rpc/caller.h"
#include "wire/http.h"

namespace upkeep::rpc {

struct Limits {
  Duration head_wait = std::chrono::seconds{30};    // from a request's first byte to the end of its head
  Duration body_wait = std::chrono::minutes{5};     // from a request's first byte to its last
  Duration idle_wait = std::chrono::minutes{30};    // between requests
  Duration stall_wait = std::chrono::seconds{60};   // a reply of which nothing more is taken
  Duration linger_wait = std::chrono::seconds{2};   // for the client to read the last reply and close
  Duration accept_pause = std::chrono::seconds{1};  // when there are no descriptors or no memory for more clients
  std::size_t connections = 4096;                   // of one listener; then accepting pauses until one ends
  std::size_t body_bytes_in_all = 64 << 20;         // unfinished requests of all clients: then 503
  std::size_t unsent_bytes_in_all = 64 << 20;       // replies nobody reads: then 503
};

inline constexpr Duration kFollowPoll = std::chrono::milliseconds{100};  // looks at a followed log
inline constexpr std::size_t kUnsentBytesHigh = 64 * 1024;  // of one client: then nothing more is produced for it
// After this much of a turn of the loop, further requests wait for the next one, so that timers are met.
inline constexpr Duration kServeTimePerTurn = std::chrono::milliseconds{20};

// What all connections share.
struct Traffic {
  Limits limits;
  std::size_t body_bytes = 0;    // held for unfinished requests
  std::size_t unsent_bytes = 0;  // of replies
  Instant served_in_turn;        // the latest turn of the loop in which a request was served
  bool was_large = false;        // much has been held since memory was last given back

  // After large requests or replies the allocator keeps their memory: gives it back once they are gone.
  void give_memory_back(os::Loop& loop);
};

class Connection;

class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void deadline_changed(const Connection& connection) = 0;
  virtual void ended(const Connection& connection) = 0;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `serve` is called for each request and must outlive the connection, as must the others.
  Connection(std::uint64_t id, Fd socket, const Serve& serve, os::Loop& loop, Traffic& traffic, ConnectionOwner& owner);
  ~Connection();

  Result<void> start();
  std::uint64_t id() const { return id_; }
  std::optional<Instant> deadline() const { return deadline_; }
  void on_time();  // its deadline has come

 private:
  // Reading: requests, and what is left of replies goes out. Answering: the route has not answered yet. Following: a
  // log. Flushing: the last reply goes out. Lingering: all is said, the client's end is awaited. Ended: no socket.
  enum class Phase { Reading, Answering, Following, Flushing, Lingering, Ended };
  struct Wishes {  // of the request being answered
    int version_minor = 1;
    bool keep_alive = false;
    bool head_only = false;
  };

  void on_event(std::uint32_t epoll_events);
  bool wants_input() const;
  void read_some();
  bool serve_requests();
  bool may_serve_in_this_turn();
  void serve(const wire::HttpRequest& request);
  void take_answer(Answer answer);
  void send(const Reply& reply);
  void begin(Stream stream);
  void refuse(int status);
  void pump_log();
  bool flush();
  void settle();
  void update_counts();
  void update_interest();
  void update_deadline();
  std::optional<Instant> wanted_deadline() const;
  void end();
  std::size_t unsent() const { return out_.size() - sent_; }

  const std::uint64_t id_;
  Fd socket_;
  os::Watch watch_;
  const Serve& serve_;
  const Caller caller_;
  os::Loop& loop_;
  Traffic& traffic_;
  ConnectionOwner& owner_;

  Phase phase_ = Phase::Reading;
  wire::HttpRequestParser parser_;
  std::optional<wire::HttpRequest> postponed_;  // complete, but left to a later turn of the loop
  Wishes wishes_;
  std::uint64_t request_number_ = 0;
  std::optional<LogFollower> log_;
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  bool input_ended_ = false;
  bool serving_ = false;  // a route is being called: its answer is not yet to be flushed

  Instant last_progress_;                 // bytes came or went
  std::optional<Instant> request_since_;  // the first byte of an unfinished request came
  std::optional<Instant> next_look_;      // at the followed log
  std::optional<Instant> deadline_;
  std::uint32_t interest_;
  std::size_t counted_body_bytes_ = 0, counted_unsent_bytes_ = 0;  // in traffic_
};

}  // namespace upkeep::rpc
