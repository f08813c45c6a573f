#include "core/event_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace upkeep::core {
namespace {

std::vector<EventType> all_types() {
  std::vector<EventType> all;
  for (int i = 0; i < kEventTypes; ++i) all.push_back(static_cast<EventType>(i));
  return all;
}

TEST(EventType, HasANameThatLeadsBack) {
  for (const EventType type : all_types()) {
    EXPECT_EQ(event_type(name_of(type)), type) << name_of(type);
    EXPECT_TRUE(is_event_name(name_of(type)));
  }
  EXPECT_EQ(event_type("PROCESS_STATE"), std::nullopt) << "a family is never sent";
  EXPECT_FALSE(is_event_name("PROCESS_STATES"));
  EXPECT_EQ(event_names().size(), 27U);
}

TEST(EventType, IsCoveredByItselfItsFamilyAndEvent) {
  const auto covered = [](std::string_view name) {
    std::set<std::string_view> names;
    for (const EventType type : all_types())
      if (covers(name, type)) names.insert(name_of(type));
    return names;
  };
  EXPECT_EQ(covered("EVENT").size(), 20U);
  EXPECT_EQ(covered("PROCESS_STATE").size(), 8U);
  EXPECT_THAT(covered("PROCESS_LOG"), testing::ElementsAre("PROCESS_LOG_STDERR", "PROCESS_LOG_STDOUT"));
  EXPECT_THAT(covered("TICK"), testing::ElementsAre("TICK_3600", "TICK_5", "TICK_60"));
  EXPECT_THAT(covered("TICK_60"), testing::ElementsAre("TICK_60"));
  EXPECT_THAT(covered("TICK_6"), testing::IsEmpty());
  EXPECT_THAT(covered("PROCESS"), testing::IsEmpty()) << "no such family";
  EXPECT_THAT(covered("REMOTE_COMMUNICATION"), testing::ElementsAre("REMOTE_COMMUNICATION"));
}

}  // namespace
}  // namespace upkeep::core
