// The events that one pool of listeners is still to be told, and which of its listeners has which (Supervisor
// process.py, EventListenerPool). Pure: every change is a Command, applied by apply(), so that a journal of commands
// (journal.h) is all it takes to have the same pool again in another process.
//
// Where ours differs: a rejected event goes back to its own pool only (the original gives it to every pool that has a
// process of the same priority).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log_level.h"
#include "events/event.h"
#include "events/listener.h"

namespace upkeep::events {

// --- commands. A listener is named by its process.
struct Publish {
  Event event;
};
struct Give {  // the first event of the queue to a listener that is Ready
  std::string listener;
};
struct Hear {
  std::string listener, bytes;
};
struct Gone {  // its process ended; the next one begins anew
  std::string listener;
};
using Command = std::variant<Publish, Give, Hear, Gone>;

// A line for the activity log.
struct Remark {
  LogLevel level;
  std::string text;
  bool operator==(const Remark&) const = default;
};

struct Pending {
  std::uint64_t pool_serial = 0;
  Event event;
  bool operator==(const Pending&) const = default;
};

struct PoolSettings {  // of the configuration
  std::size_t capacity = 10;
  bool any_result_accepts = false;  // a result handler that we do not have would judge: then none is a rejection
  bool operator==(const PoolSettings&) const = default;
};

class Pool {
 public:
  Pool(std::string name, PoolSettings settings) : name_(std::move(name)), settings_(settings) {}

  std::vector<Remark> apply(const Command& command);

  const std::string& name() const { return name_; }
  const PoolSettings& settings() const { return settings_; }
  const std::deque<Pending>& queue() const { return queue_; }  // the oldest first; at most the capacity
  ListenerState state(const std::string& listener) const;
  const Pending* given(const std::string& listener) const;  // what it has and has not answered; null: nothing
  std::uint64_t next_event_serial() const { return next_event_serial_; }  // beyond all it ever accepted

  // After a recovery: what of these bytes a listener says for the first time. The last Hear of its life may have been
  // recorded by an engine that died before it took the bytes out of the pipe; then they come once more. A listener that
  // keeps to the protocol never repeats itself there, so comparing decides it.
  std::string_view unheard(const std::string& listener, std::string_view bytes) const;

  bool operator==(const Pool&) const = default;

 private:
  friend class PoolRecord;

  struct Member {
    Listener listener;
    std::optional<Pending> given;
    std::string last_heard;  // since it was given something last
    bool operator==(const Member&) const = default;
  };

  void publish(const Event& event, std::vector<Remark>& remarks);
  void give(const std::string& name, std::vector<Remark>& remarks);
  void hear(const std::string& name, const std::string& bytes, std::vector<Remark>& remarks);
  void gone(const std::string& name, std::vector<Remark>& remarks);
  void put_back(Member& member, std::vector<Remark>& remarks);
  void make_room(std::vector<Remark>& remarks);

  std::string name_;
  PoolSettings settings_;
  std::deque<Pending> queue_;
  std::map<std::string, Member> members_;
  std::uint64_t next_pool_serial_ = 0;
  std::uint64_t next_event_serial_ = 0;
};

}  // namespace upkeep::events
