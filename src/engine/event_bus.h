// The events of the daemon: who subscribes, what waits in which pool, who gets what, and when the clock ticks
// (Supervisor events.py, process.py). Performs what events/pool.h decides.
//
// Each pool writes a journal into a memfd of the keeper's before it does anything, and its listeners get their events
// through input queues that the keeper holds, too: an engine may be killed at any moment, also in the middle of a
// frame, and listeners read an undisturbed stream. An event that is published in that moment may be published once more
// by the next engine, never less than once.
//
// Where ours differs: after a rejection a pool pauses for a moment, so that a listener which always rejects does not
// keep the daemon busy; an event goes to a pool once, however many of its subscriptions cover it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.h"
#include "engine/deposits.h"
#include "engine/input_queue.h"
#include "events/pool.h"
#include "logs/activity_log.h"
#include "os/loop.h"

namespace upkeep::engine {

inline constexpr Duration kRejectionPause = std::chrono::milliseconds{100};
// A journal is begun anew, with an image of the pool, once it is longer than this and than twice that image.
inline constexpr std::size_t kJournalBytesMax = 1u << 20;

// A process of a pool, as the bus sees it.
struct ListenerSeat {
  std::string process;
  std::function<bool()> is_running;  // RUNNING: only then it gets events
  InputQueue* input;
};

class EventBus : public os::Clockwork {
 public:
  using WallClock = std::function<WallTime()>;
  // `identifier` is what frames call the server. All borrowed for life.
  EventBus(os::Loop& loop, logs::ActivityLog& log, Deposits& deposits, std::function<std::string()> identifier,
           WallClock wall_clock = wall_now);
  ~EventBus() override;

  // Seats in the order in which they are offered events. Goes on with the pool of that name that an earlier engine had,
  // unless `fresh`.
  void add_pool(const std::string& name, const config::EventSubscription& subscription, std::vector<ListenerSeat> seats,
                bool fresh);
  void remove_pool(const std::string& name);  // with all that waits in it
  // After a recovery, once the processes are resumed: what was on its way goes on, listeners that died have nothing.
  void resume();

  bool wants(core::EventType type) const;  // whether anybody does: spares the making of payloads
  void publish(core::EventType type, const std::string& payload);

  void hear(const std::string& pool, const std::string& process, std::string_view bytes);  // its standard output
  void gone(const std::string& pool, const std::string& process);                          // it was reaped
  void offer();  // soon: something may have become RUNNING

  std::optional<Instant> next_deadline() const override;
  void on_time(Instant now) override;

 private:
  struct Room {  // a pool and its surroundings
    explicit Room(events::Pool empty) : pool(std::move(empty)) {}
    events::Pool pool;
    std::vector<std::string> types;
    std::vector<ListenerSeat> seats;
    Fd journal;
    std::size_t journal_size = 0, journal_limit = 0;
    std::set<std::string> to_compare;  // listeners that may say again what the last engine has heard
    std::optional<Instant> paused_until;
  };
  struct Ticker {
    core::EventType type;
    std::int64_t period;
    std::optional<std::int64_t>
        last;  // `when` of the last tick, or of the one before we listened; none: nobody wants it
  };

  Room* find(const std::string& pool);
  std::string deposit_of(const Room& room) const { return "events:" + room.pool.name(); }
  void recall(Room& room);
  void apply(Room& room, const events::Command& command);
  void record(Room& room, const std::string& bytes);
  void begin_journal(Room& room);
  void offer_now();
  void offer_to(Room& room);
  bool send(Room& room, const ListenerSeat& seat);
  void wind_tickers();
  std::int64_t seconds() const;

  os::Loop& loop_;
  logs::ActivityLog& log_;
  Deposits& deposits_;
  std::function<std::string()> identifier_;
  WallClock wall_clock_;
  std::list<Room> rooms_;
  std::uint64_t next_serial_ = 0;
  std::array<Ticker, 3> tickers_;
  bool will_offer_ = false;
  std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace upkeep::engine
