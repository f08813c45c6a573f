#include "keeper/table.h"

#include <gtest/gtest.h>

#include <csignal>

namespace upkeep::keeper {
namespace {

using namespace std::chrono_literals;

constexpr ExitStatus kFailed{ExitStatus::Kind::Exited, 3, false};

wire::Spawn spawn(std::string slot, std::uint64_t serial, std::string note = "note") {
  wire::Spawn message;
  message.slot = std::move(slot);
  message.serial = serial;
  message.note = std::move(note);
  message.will.signal = SIGINT;
  return message;
}

class TableTest : public testing::Test {
 protected:
  void start(const std::string& slot, std::uint64_t serial, std::int32_t pid) {
    ASSERT_TRUE(table_.begin_spawn(spawn(slot, serial)));
    table_.started(slot, {.pid = pid, .started = Instant{1s}, .started_wall = WallTime{}});
  }
  const SlotEntry& entry(const std::string& slot) { return table_.slots().at(slot); }

  Table table_;
};

TEST_F(TableTest, StartsAProcessInASlot) {
  start("web:web", 7, 100);
  EXPECT_EQ(entry("web:web").note, "note");
  EXPECT_EQ(entry("web:web").serial, 7u);
  EXPECT_EQ(entry("web:web").will.signal, SIGINT);
  EXPECT_EQ(entry("web:web").process->pid, 100);
  EXPECT_TRUE(table_.has_processes());
}

TEST_F(TableTest, RefusesASlotWithoutAName) {
  EXPECT_FALSE(table_.begin_spawn(spawn("", 1)));
  EXPECT_FALSE(table_.note("", "note"));
  EXPECT_TRUE(table_.slots().empty());
}

TEST_F(TableTest, RefusesASecondCopyAndKeepsTheFirstAsItWas) {
  start("a", 1, 100);
  const auto again = table_.begin_spawn(spawn("a", 2, "other"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().text, "slot a has a live process");
  EXPECT_EQ(entry("a").serial, 1u);
  EXPECT_EQ(entry("a").note, "note");
}

TEST_F(TableTest, RefusesAStartWhileAnExitIsOwed) {
  start("a", 1, 100);
  table_.exited(100, kFailed, Instant{2s}, WallTime{});
  EXPECT_FALSE(table_.begin_spawn(spawn("a", 2)));
  ASSERT_TRUE(table_.release("a", "released"));
  EXPECT_TRUE(table_.begin_spawn(spawn("a", 2)));
}

TEST_F(TableTest, AFailedSpawnLeavesTheNote) {
  ASSERT_TRUE(table_.begin_spawn(spawn("a", 1, "starting")));
  table_.cancel_spawn("a");
  EXPECT_EQ(entry("a").note, "starting");
  EXPECT_FALSE(table_.has_processes());
  EXPECT_TRUE(table_.begin_spawn(spawn("a", 2)));
}

TEST_F(TableTest, AFailedSpawnWithoutNoteLeavesNoSlot) {
  ASSERT_TRUE(table_.begin_spawn(spawn("a", 1, "")));
  table_.cancel_spawn("a");
  EXPECT_TRUE(table_.slots().empty());
}

// Its pid may be another's by the time its end is seen: init has reaped it.
TEST_F(TableTest, AnAdoptedProcessEndsByItsSlot) {
  ASSERT_TRUE(table_.begin_spawn(spawn("old", 1)));
  table_.started("old", {.pid = 100, .started = Instant{1s}, .started_wall = WallTime{}, .adopted = true});
  EXPECT_EQ(table_.exited(100, kFailed, Instant{2s}, WallTime{}), nullptr) << "no child of ours";
  start("new", 1, 100);
  table_.ended("old", ExitStatus{}, Instant{5s}, WallTime{});
  EXPECT_EQ(entry("old").owed->pid, 100);
  EXPECT_FALSE(entry("old").process);
  ASSERT_TRUE(entry("new").process) << "it has only the same number";
  EXPECT_TRUE(table_.has_processes());
  EXPECT_EQ(*table_.exited(100, kFailed, Instant{6s}, WallTime{}), "new");
  EXPECT_FALSE(table_.has_processes());
}

TEST_F(TableTest, AnExitIsOwedUntilReleased) {
  start("a", 1, 100);
  const std::string* slot = table_.exited(100, kFailed, Instant{5s}, WallTime{9s});
  ASSERT_NE(slot, nullptr);
  EXPECT_EQ(*slot, "a");
  EXPECT_FALSE(entry("a").process);
  EXPECT_EQ(entry("a").owed->status, kFailed);
  EXPECT_EQ(entry("a").owed->ended, Instant{5s});
  EXPECT_EQ(entry("a").owed->ended_wall, WallTime{9s});
  EXPECT_EQ(table_.exited(100, kFailed, Instant{6s}, WallTime{}), nullptr) << "the pid is nobody's now";
  ASSERT_TRUE(table_.release("a", "done"));
  EXPECT_FALSE(entry("a").owed);
  EXPECT_EQ(entry("a").note, "done");
  EXPECT_FALSE(table_.release("a", "twice"));
  EXPECT_EQ(entry("a").note, "done");
}

TEST_F(TableTest, ReleaseWithoutNoteRemovesTheSlot) {
  start("a", 1, 100);
  table_.exited(100, kFailed, Instant{}, WallTime{});
  ASSERT_TRUE(table_.release("a", ""));
  EXPECT_TRUE(table_.slots().empty());
}

TEST_F(TableTest, AnUnknownPidIsNobodys) { EXPECT_EQ(table_.exited(1, kFailed, Instant{}, WallTime{}), nullptr); }

TEST_F(TableTest, APidMayServeAnotherSlotLater) {
  start("a", 1, 100);
  table_.exited(100, kFailed, Instant{}, WallTime{});
  start("b", 1, 100);
  EXPECT_EQ(*table_.exited(100, kFailed, Instant{}, WallTime{}), "b");
}

TEST_F(TableTest, AnEmptyNoteRemovesOnlyWhatIsOtherwiseEmpty) {
  ASSERT_TRUE(table_.note("a", "x"));
  EXPECT_EQ(entry("a").note, "x");
  ASSERT_TRUE(table_.note("a", ""));
  EXPECT_TRUE(table_.slots().empty());
  start("a", 1, 100);
  ASSERT_TRUE(table_.note("a", ""));
  EXPECT_TRUE(entry("a").process);
  table_.exited(100, kFailed, Instant{}, WallTime{});
  ASSERT_TRUE(table_.note("a", ""));
  EXPECT_TRUE(entry("a").owed);
}

TEST_F(TableTest, FindsOnlyTheProcessThatIsMeant) {
  EXPECT_FALSE(table_.find("a", 1));
  start("a", 1, 100);
  ASSERT_TRUE(table_.find("a", 1));
  EXPECT_EQ((*table_.find("a", 1))->pid, 100);
  EXPECT_FALSE(table_.find("a", 2));
  table_.exited(100, kFailed, Instant{}, WallTime{});
  EXPECT_FALSE(table_.find("a", 1));
}

// --- what was told to the engine

TEST_F(TableTest, CountsToldExitsUntilTheyAreReleased) {
  start("a", 1, 100);
  start("b", 1, 101);
  EXPECT_FALSE(table_.anything_told_unanswered());
  table_.exited(100, kFailed, Instant{}, WallTime{});
  table_.exited(101, kFailed, Instant{}, WallTime{});
  EXPECT_FALSE(table_.anything_told_unanswered());
  table_.told("a");
  table_.told("a");
  table_.told("b");
  EXPECT_TRUE(table_.anything_told_unanswered());
  ASSERT_TRUE(table_.release("a", ""));
  EXPECT_TRUE(table_.anything_told_unanswered());
  ASSERT_TRUE(table_.release("b", ""));
  EXPECT_FALSE(table_.anything_told_unanswered());
}

TEST_F(TableTest, ANewEngineIsToldEverythingAgain) {
  start("a", 1, 100);
  table_.exited(100, kFailed, Instant{}, WallTime{});
  table_.told("a");
  table_.signalled(SIGTERM);
  table_.told(table_.owed_signals().front(), 5);
  table_.forget_told();
  EXPECT_FALSE(table_.anything_told_unanswered());
  EXPECT_FALSE(entry("a").owed->told);
  EXPECT_EQ(table_.owed_signals().front().sequence, 0u);
  table_.acknowledge(5);  // of the engine before
  EXPECT_EQ(table_.owed_signals().size(), 1u);
  ASSERT_TRUE(table_.release("a", "note"));  // not counted below zero
  EXPECT_FALSE(table_.anything_told_unanswered());
}

// --- signals

std::vector<int> numbers(const Table& table) {
  std::vector<int> all;
  for (const OwedSignal& owed : table.owed_signals()) all.push_back(owed.number);
  return all;
}

TEST_F(TableTest, OwesEachSignalOnceInOrderOfArrival) {
  for (const int number : {SIGHUP, SIGTERM, SIGHUP}) table_.signalled(number);
  EXPECT_EQ(numbers(table_), (std::vector<int>{SIGHUP, SIGTERM}));
  table_.told(table_.owed_signals()[0], 8);
  table_.told(table_.owed_signals()[1], 9);
  EXPECT_TRUE(table_.anything_told_unanswered());
  table_.acknowledge(9);
  EXPECT_EQ(numbers(table_), std::vector<int>{SIGHUP});
  table_.acknowledge(8);
  EXPECT_FALSE(table_.anything_told_unanswered());
  EXPECT_TRUE(table_.owed_signals().empty());
}

TEST_F(TableTest, ASignalThatComesWhileTheEngineActsOnItIsToldAgain) {
  table_.signalled(SIGUSR2);
  table_.told(table_.owed_signals()[0], 8);
  table_.signalled(SIGUSR2);
  table_.signalled(SIGUSR2);
  EXPECT_EQ(numbers(table_), std::vector<int>{SIGUSR2});
  table_.acknowledge(8);
  ASSERT_EQ(numbers(table_), std::vector<int>{SIGUSR2});
  EXPECT_EQ(table_.owed_signals()[0].sequence, 0u);
  EXPECT_FALSE(table_.anything_told_unanswered());
  table_.told(table_.owed_signals()[0], 9);
  table_.acknowledge(9);
  EXPECT_TRUE(table_.owed_signals().empty());
}

TEST_F(TableTest, AnUnknownAcknowledgementChangesNothing) {
  table_.signalled(SIGTERM);
  table_.acknowledge(0);  // "not told yet" is no sequence
  table_.acknowledge(77);
  EXPECT_EQ(numbers(table_), std::vector<int>{SIGTERM});
  EXPECT_FALSE(table_.anything_told_unanswered());
}

TEST_F(TableTest, KnowsWhetherItWasAskedToStop) {
  table_.signalled(SIGHUP);
  table_.signalled(SIGUSR2);
  EXPECT_FALSE(table_.asked_to_stop());
  for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGPWR, SIGRTMIN + 3}) {  // the last two as PID 1

    Table table;
    table.signalled(number);
    EXPECT_TRUE(table.asked_to_stop()) << number;
  }
}

TEST_F(TableTest, ARestartForgetsAllButTheSignals) {
  start("a", 1, 100);
  start("b", 1, 101);
  table_.exited(101, kFailed, Instant{}, WallTime{});
  table_.told("b");
  table_.signalled(SIGTERM);
  table_.told(table_.owed_signals()[0], 8);
  table_.forget_slots();
  EXPECT_TRUE(table_.slots().empty());
  EXPECT_FALSE(table_.has_processes());
  EXPECT_FALSE(table_.anything_told_unanswered());
  EXPECT_EQ(numbers(table_), std::vector<int>{SIGTERM});
  EXPECT_EQ(table_.owed_signals()[0].sequence, 0u);
  EXPECT_EQ(table_.exited(100, kFailed, Instant{}, WallTime{}), nullptr);
}

}  // namespace
}  // namespace upkeep::keeper
