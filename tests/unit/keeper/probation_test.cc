#include "keeper/probation.h"

#include <gtest/gtest.h>

namespace upkeep::keeper {
namespace {

using std::chrono::seconds;

Instant at(seconds when) { return Instant{} + seconds{1000} + when; }

TEST(Probation, AnImageThatStaysReadyForAMinutePasses) {
  Probation probation{at(seconds{0})};
  EXPECT_EQ(probation.deadline(), at(seconds{30})) << "it is to be ready by then";
  probation.ready();
  EXPECT_EQ(probation.deadline(), at(seconds{60}));
  EXPECT_FALSE(probation.is_passed(at(seconds{59})));
  EXPECT_TRUE(probation.is_passed(at(seconds{60})));
  EXPECT_FALSE(probation.failure(false, "", at(seconds{60})));
}

TEST(Probation, OneThatIsNotReadyInTimeFails) {
  const Probation probation{at(seconds{0})};
  EXPECT_FALSE(probation.failure(false, "", at(seconds{29})));
  EXPECT_EQ(probation.failure(false, "", at(seconds{30})), "its engine was not ready after 30 seconds");
  EXPECT_FALSE(probation.is_passed(at(seconds{60})));
}

TEST(Probation, OneWhoseEnginesKeepFailingFailsEvenAfterItWasReady) {
  Probation probation{at(seconds{0})};
  EXPECT_EQ(probation.failure(true, "exit status 1", at(seconds{2})),
            "its engines kept failing, the last one with: exit status 1");
  probation.ready();
  EXPECT_TRUE(probation.failure(true, "signal 11", at(seconds{50})));
}

}  // namespace
}  // namespace upkeep::keeper
