#include "events/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Event tick(std::uint64_t serial) { return {core::EventType::Tick5, serial, "when:5"}; }

class PoolTest : public testing::Test {
 protected:
  std::vector<std::string> apply(const Command& command) {
    std::vector<std::string> texts;
    for (const Remark& remark : pool_.apply(command)) texts.push_back(remark.text);
    return texts;
  }
  std::vector<std::uint64_t> queued() const {
    std::vector<std::uint64_t> serials;
    for (const Pending& pending : pool_.queue()) serials.push_back(pending.event.serial);
    return serials;
  }

  Pool pool_{"p", {3}};
};

TEST_F(PoolTest, GivesTheOldestToAListenerThatIsReady) {
  apply(Publish{tick(4)});
  apply(Publish{tick(9)});
  EXPECT_THAT(apply(Give{"l"}), IsEmpty()) << "it has not said READY";
  EXPECT_THAT(apply(Hear{"l", "READY\n"}), ElementsAre("l: ACKNOWLEDGED -> READY"));
  EXPECT_THAT(apply(Give{"l"}), ElementsAre("l: READY -> BUSY", "event 4 sent to listener l"));
  EXPECT_EQ(pool_.given("l")->event.serial, 4U);
  EXPECT_EQ(pool_.given("l")->pool_serial, 0U);
  EXPECT_THAT(queued(), ElementsAre(9U));
  EXPECT_THAT(apply(Give{"l"}), IsEmpty()) << "it is busy";
  EXPECT_THAT(apply(Hear{"l", "RESULT 2\nOKREADY\n"}),
              ElementsAre("l: event was processed", "l: BUSY -> ACKNOWLEDGED", "l: ACKNOWLEDGED -> READY"));
  EXPECT_EQ(pool_.given("l"), nullptr);
  EXPECT_EQ(pool_.next_event_serial(), 10U);
}

TEST_F(PoolTest, PutsBackWhatWasRejected) {
  apply(Publish{tick(0)});
  apply(Publish{tick(1)});
  apply(Hear{"l", "READY\n"});
  apply(Give{"l"});
  EXPECT_THAT(apply(Hear{"l", "RESULT 4\nFAIL"}), ElementsAre("l: event was rejected", "l: BUSY -> ACKNOWLEDGED",
                                                              "rebuffering event 0 for pool p (buf size=1, max=3)"));
  EXPECT_THAT(queued(), ElementsAre(0U, 1U));
  EXPECT_EQ(pool_.queue().front().pool_serial, 0U) << "it keeps its number";
}

TEST_F(PoolTest, LetsAnyResultCountWhereItsHandlerIsForeign) {
  pool_ = Pool{"p", {3, true}};
  apply(Publish{tick(0)});
  apply(Hear{"l", "READY\n"});
  apply(Give{"l"});
  EXPECT_THAT(apply(Hear{"l", "RESULT 4\nFAIL"}), ElementsAre("l: event was processed", "l: BUSY -> ACKNOWLEDGED"));
  EXPECT_THAT(queued(), IsEmpty());
}

TEST_F(PoolTest, PutsBackWhatADeadOrConfusedListenerHad) {
  apply(Publish{tick(0)});
  apply(Hear{"l", "READY\n"});
  apply(Give{"l"});
  EXPECT_THAT(apply(Gone{"l"}), ElementsAre("rebuffering event 0 for pool p (buf size=0, max=3)"));
  EXPECT_EQ(pool_.state("l"), ListenerState::Acknowledged);
  apply(Hear{"l", "READY\n"});
  apply(Give{"l"});
  EXPECT_THAT(apply(Hear{"l", "what?\n"}),
              ElementsAre("l: bad result line: 'what?'", "l: BUSY -> UNKNOWN",
                          "l: has entered the UNKNOWN state and will no longer receive events, this usually indicates "
                          "the process violated the eventlistener protocol",
                          "rebuffering event 0 for pool p (buf size=0, max=3)"));
  EXPECT_THAT(queued(), ElementsAre(0U));
}

TEST_F(PoolTest, DropsTheOldestWhenItOverflows) {
  for (const std::uint64_t serial : {0U, 1U, 2U}) EXPECT_THAT(apply(Publish{tick(serial)}), IsEmpty());
  EXPECT_THAT(apply(Publish{tick(3)}), ElementsAre("pool p event buffer overflowed, discarding event 0"));
  EXPECT_THAT(queued(), ElementsAre(1U, 2U, 3U));
  apply(Hear{"l", "READY\n"});
  apply(Give{"l"});
  apply(Publish{tick(4)});
  EXPECT_THAT(apply(Gone{"l"}), ElementsAre("rebuffering event 1 for pool p (buf size=3, max=3)",
                                            "pool p event buffer overflowed, discarding event 2"));
  EXPECT_THAT(queued(), ElementsAre(1U, 3U, 4U));
}

TEST_F(PoolTest, TellsWhatAListenerSaysASecondTime) {
  apply(Publish{tick(0)});
  EXPECT_EQ(pool_.unheard("l", "READY\n"), "READY\n") << "never heard of it";
  apply(Hear{"l", "READY\n"});
  EXPECT_EQ(pool_.unheard("l", "READY\n"), "") << "its pipe was not emptied";
  EXPECT_EQ(pool_.unheard("l", "READY\nx"), "x");
  apply(Give{"l"});
  apply(Hear{"l", "RESULT 2\nOK"});
  EXPECT_EQ(pool_.unheard("l", "READY\n"), "READY\n");
  EXPECT_EQ(pool_.unheard("l", "RESULT 2\nOKREADY\n"), "READY\n");
  apply(Hear{"l", "READY\n"});
  apply(Publish{tick(1)});
  apply(Give{"l"});
  EXPECT_EQ(pool_.unheard("l", "RESULT 2\nOK"), "RESULT 2\nOK") << "the answer to the next event";
}

}  // namespace
}  // namespace upkeep::events
