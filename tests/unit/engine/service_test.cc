// The life of one service directory, its commands and its extra scripts.
#include "engine/service.h"

#include <csignal>

#include "unit/engine/service_fixture.h"

namespace upkeep::engine {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ServiceTest : public ServicesTest {};

TEST_F(ServiceTest, StartsAtOnce) {
  make("a");
  start();
  EXPECT_THAT(keeper_.starts, ElementsAre(slot("a")));
  EXPECT_EQ(file_of(slot("a")), "./run");
  EXPECT_EQ(keeper_.plans.at(slot("a")).directory, path("a"));
  EXPECT_EQ(record("a").pid, static_cast<std::uint32_t>(pid("a")));
}

}  // namespace
}  // namespace upkeep::engine
