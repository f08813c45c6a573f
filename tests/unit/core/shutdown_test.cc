#include "core/shutdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace upkeep::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StopSequenceTest : public testing::Test {
 protected:
  std::optional<std::string> current() {
    return sequence_.current([this](const std::string& group) { return stopped_.contains(group); });
  }

  StopSequence sequence_{{"first", "second", "third"}};
  std::set<std::string> stopped_;
};

TEST_F(StopSequenceTest, OneGroupAtATimeFromTheLast) {
  EXPECT_EQ(current(), "third");
  EXPECT_EQ(current(), "third");  // asking again changes nothing
  stopped_.insert("third");
  EXPECT_EQ(current(), "second");
  stopped_.insert("second");
  EXPECT_EQ(current(), "first");
  EXPECT_FALSE(sequence_.done());
  stopped_.insert("first");
  EXPECT_EQ(current(), std::nullopt);
  EXPECT_TRUE(sequence_.done());
}

TEST_F(StopSequenceTest, IdleGroupsCostNothing) {
  stopped_ = {"third", "second"};
  EXPECT_EQ(current(), "first");
}

TEST_F(StopSequenceTest, AnEarlierGroupThatIsStoppedDoesNotMoveTheTurn) {
  stopped_ = {"first"};
  EXPECT_EQ(current(), "third");
  stopped_ = {"first", "third"};
  EXPECT_EQ(current(), "second");
}

TEST(StopSequence, WithoutGroupsIsDone) { EXPECT_TRUE(StopSequence{{}}.done()); }

TEST(Order, StartsByPriorityThenAsStored) {
  EXPECT_THAT(start_order({999, 5, 999, 1}), ElementsAre(3, 1, 0, 2));
  EXPECT_THAT(start_order({}), IsEmpty());
}

TEST(Order, StopsInReverse) {
  EXPECT_THAT(stop_order({999, 5, 999, 1}), ElementsAre(2, 0, 1, 3));
  EXPECT_THAT(stop_order({7, 7, 7}), ElementsAre(2, 1, 0));
}

}  // namespace
}  // namespace upkeep::core
