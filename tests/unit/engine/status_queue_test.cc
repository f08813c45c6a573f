// Which statuses a turn writes.
#include "engine/status_queue.h"

#include <gtest/gtest.h>

#include <memory>

namespace upkeep::engine {
namespace {

class StatusQueueTest : public testing::Test {
 protected:
  void turn() { loop_.turn(Duration::zero()); }
  void add(int count, bool is_news = true) {
    for (int i = 0; i < count; ++i)
      queue_->add([this, is_news] {
        ++asked_;
        return is_news;
      });
  }

  os::Loop loop_;
  std::unique_ptr<StatusQueue> queue_ = std::make_unique<StatusQueue>(loop_);
  int asked_ = 0;
};

TEST_F(StatusQueueTest, ALoneOneIsWrittenInItsTurn) {
  add(1);
  EXPECT_EQ(asked_, 0) << "not before what else the turn does";
  turn();
  EXPECT_EQ(asked_, 1);
}

TEST_F(StatusQueueTest, OfManySomeAreWrittenAndTheNextTurnDoesNotWait) {
  add(20);
  turn();
  EXPECT_GT(asked_, 0);
  EXPECT_LT(asked_, 20);
  for (int turns = 0; turns < 20 && asked_ < 20; ++turns) loop_.turn(std::chrono::hours{1});
  EXPECT_EQ(asked_, 20);
}

TEST_F(StatusQueueTest, WhatIsAsItWasCostsNothing) {
  add(100, false);
  turn();
  EXPECT_EQ(asked_, 100);
}

TEST_F(StatusQueueTest, NothingIsWrittenOnceItIsGone) {
  add(1);
  queue_.reset();
  turn();
  EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace upkeep::engine
