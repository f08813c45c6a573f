// What holds for every history of a service, checked on random ones; and that a directory with nothing but `run` is
// what supervise of daemontools 0.76 makes of it, checked against a model of its flags. The seed of a failure is
// printed with it.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "core/service.h"
#include "unit/core/history.h"
#include "unit/core/service_scenario.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

const std::string kLetters = "udoxpcthaikq12w\nlL+=?";

bool contains(const std::vector<ServiceAction>& actions, const ServiceAction& action) {
  return std::ranges::find(actions, action) != actions.end();
}

ServiceScripts random_scripts(Random& random) {
  return {.run = !random.chance(6),
          .start = random.chance(2),
          .stop = random.chance(2),
          .finish = random.chance(3),
          .control = random.pick<std::string>({"", "", "t", "d", "td", "hpc"})};
}

// A service with the engine around it; only events that can happen do.
struct World {
  Service service;
  ServiceScripts scripts;
  Dialect dialect = Dialect::Original;
  Instant now{1000s};
  bool has_process = false;
  std::optional<Instant> last_run;

  ServiceSituation situation() const { return {has_process, scripts, dialect, now}; }

  ServiceEvent next_event(Random& random) {
    now += std::chrono::milliseconds{random.below(700)};
    if (const auto due = deadline(service, has_process); due && random.chance(2)) {
      now = std::max(now, *due);
      return TimeIsUp{};
    }
    if (service.hook != 0 && random.chance(2)) return HookEnded{random.chance(2)};
    if (has_process && random.chance(3)) {
      has_process = false;
      const int code = random.pick<int>({0, 0, 0, 1, 100, 125});
      if (random.chance(10)) return ForkFailed{};
      return Ended{{random.chance(5) ? ExitStatus::Kind::Signalled : ExitStatus::Kind::Exited, code, false}};
    }
    if (random.chance(8)) return SaidReady{};
    if (service.hook != 0) return TimeIsUp{};
    // 'x' seldom, since little happens after it.
    const char letter = kLetters[static_cast<std::size_t>(random.below(static_cast<int>(kLetters.size())))];
    return Commanded{letter == 'x' && !random.chance(5) ? 'u' : letter, random.chance(4)};
  }

  std::vector<ServiceAction> feed(const ServiceEvent& event) {
    ServiceStep taken = step(service, event, situation());
    service = std::move(taken.next);
    if (contains(taken.actions, StartScript{})) {
      has_process = true;
      service = step(service, Begun{}, situation()).next;
    }
    return std::move(taken.actions);
  }
};

class ServiceProperty : public testing::TestWithParam<unsigned> {};

TEST_P(ServiceProperty, HoldsInEveryHistory) {
  Random random{GetParam()};
  int starts = 0, leaves = 0;
  for (int round = 0; round < 500 && !HasFailure(); ++round) {
    World world;
    world.scripts = random_scripts(random);
    world.dialect = random.chance(2) ? Dialect::Original : Dialect::Encore;
    world.service = new_service(random.chance(2), world.situation());
    for (int i = 0; i < 80 && !HasFailure(); ++i) {
      const ServiceEvent event = world.next_event(random);
      const bool had_process = world.has_process;
      const std::vector<ServiceAction> actions = world.feed(event);
      SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ", round " << round << ", event " << i << " (kind "
                                      << event.index() << "): " << describe(actions, world.service));
      const bool starts_script = contains(actions, StartScript{});
      EXPECT_LE(std::ranges::count(actions, ServiceAction{StartScript{}}), had_process ? 0 : 1);
      if (starts_script && world.service.script == Script::Run) {
        EXPECT_TRUE(!world.last_run || world.now - *world.last_run >= kStartInterval);
        EXPECT_TRUE(!world.service.leaving || world.service.want == Want::Once);
        EXPECT_NE(want_letter(world.service.want), 'd');
        world.last_run = world.now;
      }
      starts += starts_script;
      const bool kills = std::ranges::any_of(
          actions, [](const auto& a) { return std::holds_alternative<Kill>(a) || a == ServiceAction{StopProcess{}}; });
      if (kills) {
        EXPECT_TRUE(had_process);
      }
      if (world.service.failed && !world.has_process) {
        EXPECT_FALSE(world.service.due && *world.service.due == Script::Run);
      }
      EXPECT_EQ(*decode_service(encode(world.service)), world.service);

      // Whoever waits for a deadline gets somewhere when it comes.
      if (const auto due = deadline(world.service, world.has_process)) {
        const ServiceSituation then{false, world.scripts, world.dialect, std::max(*due, world.now)};
        EXPECT_TRUE(contains(step(world.service, TimeIsUp{}, then).actions, StartScript{}));
      }
      if (!contains(actions, Leave{})) {
        // An idle service that should be up has something to wait for.
        const bool is_idle = !world.has_process && world.service.hook == 0 && !world.service.leaving;
        if (is_idle && world.service.want == Want::Up && i > 0) {
          EXPECT_TRUE(world.service.due.has_value());
        }
        continue;
      }
      EXPECT_TRUE(world.service.leaving);
      EXPECT_FALSE(world.has_process);
      ++leaves;
      break;
    }
  }
  EXPECT_GT(starts, 500);
  EXPECT_GT(leaves, 50);
}

TEST_P(ServiceProperty, AnswersEvenEventsThatCannotBe) {
  Random random{GetParam()};
  Service service;
  for (int i = 0; i < 20000 && !HasFailure(); ++i) {
    const std::vector<ServiceEvent> events{Commanded{static_cast<char>(i % 256), random.chance(2)},
                                           HookEnded{random.chance(2)},
                                           Begun{},
                                           Ended{random.status()},
                                           ForkFailed{},
                                           SaidReady{},
                                           TimeIsUp{}};
    const ServiceSituation situation{random.chance(2), random_scripts(random),
                                     random.chance(2) ? Dialect::Original : Dialect::Encore, random.instant()};
    const ServiceStep taken = step(service, random.pick(events), situation);
    SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ", event " << i);
    const bool starts = contains(taken.actions, StartScript{}), leaves = contains(taken.actions, Leave{});
    EXPECT_FALSE(situation.has_process && (starts || leaves));
    EXPECT_FALSE(starts && leaves);
    EXPECT_EQ(*decode_service(encode(taken.next)), taken.next);
    service = taken.next;
    if (random.chance(40)) service = new_service(random.chance(2), situation);
  }
}

TEST_P(ServiceProperty, DecodesOrRefusesWhateverItIsGiven) {
  Random random{GetParam()};
  World world;
  world.service = new_service(false, world.situation());
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    (void)world.feed(world.next_event(random));  // only for a new state to encode
    std::string bytes = encode(world.service);
    for (int change = random.below(3); change >= 0; --change)
      bytes[static_cast<std::size_t>(random.below(static_cast<int>(bytes.size())))] =
          static_cast<char>(random.below(256));
    if (random.chance(3)) bytes.resize(static_cast<std::size_t>(random.below(static_cast<int>(bytes.size()) + 3)));
    const auto decoded = decode_service(bytes);
    if (!decoded) {
      ++refused;
      EXPECT_EQ(decoded.error().text, "service note: damaged");
    } else {
      EXPECT_EQ(encode(*decoded), bytes);
    }
  }
  EXPECT_GT(refused, 5000);
  EXPECT_LT(refused, 20000);
}

// supervise's flags, as anyone can watch them from outside; time is left out: each process lives for more than a
// second.
struct Supervise {
  bool wants = true, wants_up = true, exits = false, paused = false, has_process = false, is_gone = false;
  int starts = 0;
  std::string signals{};

  void start() {
    has_process = true;
    paused = false;
    ++starts;
  }
  void send(int number) {
    if (has_process) signals += std::to_string(number) + " ";
  }
  void command(char letter) {
    switch (letter) {
      case 'u':
        wants = wants_up = true;
        if (!has_process) start();
        break;
      case 'd':
        wants = true;
        wants_up = false;
        send(SIGTERM);
        send(SIGCONT);
        if (has_process) paused = false;
        break;
      case 'o':
        wants = false;
        if (!has_process) start();
        break;
      case 'x': exits = true; break;
      case 'p':
        paused = true;
        send(SIGSTOP);
        break;
      case 'c':
        paused = false;
        send(SIGCONT);
        break;
      case 't': send(SIGTERM); break;
      case 'h': send(SIGHUP); break;
      case 'a': send(SIGALRM); break;
      case 'i': send(SIGINT); break;
      case 'k': send(SIGKILL); break;
      default: break;
    }
    is_gone = exits && !has_process;
  }
  void end() {
    has_process = false;
    is_gone = exits;
    if (!is_gone && wants && wants_up) start();
  }
  char want() const { return wants ? (wants_up ? 'u' : 'd') : '0'; }
};

TEST_P(ServiceProperty, WithRunAloneItIsDaemontools) {
  Random random{GetParam()};
  const std::string letters = "udoxpcthaik\n?";
  for (int round = 0; round < 500 && !HasFailure(); ++round) {
    World world;
    Supervise original;
    const bool down = random.chance(2);
    world.service = new_service(down, world.situation());
    original.wants_up = !down;
    if (!down) original.start();
    int starts = contains(world.feed(TimeIsUp{}), StartScript{}) ? 1 : 0;
    std::string history = down ? "(down)" : "";
    for (int i = 0; i < 60 && !original.is_gone && !HasFailure(); ++i) {
      world.now += 2s;
      original.signals.clear();
      std::vector<ServiceAction> actions;
      if (world.has_process && random.chance(3)) {
        history += '.';
        world.has_process = false;
        actions = world.feed(Ended{{ExitStatus::Kind::Exited, random.pick<int>({0, 1, 100, 111}), false}});
        original.end();
      } else {
        const char picked = letters[static_cast<std::size_t>(random.below(static_cast<int>(letters.size())))];
        const char letter = picked == 'x' && !random.chance(6) ? 'p' : picked;
        history += letter;
        actions = world.feed(Commanded{letter});
        original.command(letter);
      }
      std::string signals;
      for (const ServiceAction& action : actions) {
        if (std::holds_alternative<StopProcess>(action)) signals += "15 ";
        if (const auto* kill = std::get_if<Kill>(&action)) signals += std::to_string(kill->number) + " ";
        if (std::holds_alternative<StartScript>(action)) ++starts;
      }
      SCOPED_TRACE(testing::Message() << "seed " << GetParam() << ", round " << round << ": " << history);
      const char want = want_letter(world.service.want);
      EXPECT_EQ(want == 0 ? '0' : want, original.want());
      EXPECT_EQ(world.has_process, original.has_process);
      EXPECT_EQ(world.service.paused && world.has_process, original.paused && original.has_process);
      EXPECT_EQ(starts, original.starts);
      EXPECT_EQ(signals, original.signals);
      EXPECT_EQ(contains(actions, Leave{}), original.is_gone);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ServiceProperty, testing::Range(1U, 9U));

}  // namespace
}  // namespace upkeep::core
