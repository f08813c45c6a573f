#include "ctl/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::ctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<ProcessInfo> processes() {
  ProcessInfo cat, ga, gb;
  cat.group = cat.name = "cat";
  ga.group = gb.group = "grp";
  ga.name = "ga";
  gb.name = "gb";
  return {cat, ga, gb};
}

TEST(Completion, OffersCommandsForTheFirstWord) {
  EXPECT_THAT(complete("sta", processes).candidates, ElementsAre("start ", "status "));
  EXPECT_EQ(complete("sta", processes).word, "sta");
  EXPECT_THAT(complete("", processes).candidates, Contains("help "));
  EXPECT_THAT(complete("help ma", processes).candidates, ElementsAre("maintail "));
}

TEST(Completion, OffersProcessesBareOrWithTheirGroup) {
  EXPECT_THAT(complete("stop ", processes).candidates, ElementsAre("cat ", "grp:ga ", "grp:* ", "grp:gb "));
  EXPECT_THAT(complete("stop cat:", processes).candidates, ElementsAre("cat:cat ", "cat:* "));
  EXPECT_EQ(complete("stop web grp:g", processes).word, "grp:g");
}

TEST(Completion, OffersGroupsOnce) {
  EXPECT_THAT(complete("update ", processes).candidates, ElementsAre("cat ", "grp "));
}

TEST(Completion, OffersNothingElsewhere) {
  EXPECT_THAT(complete("open ", processes).candidates, IsEmpty());
  EXPECT_THAT(complete("bogus ", processes).candidates, IsEmpty());
}

TEST(CommonStart, IsWhatAllShare) {
  EXPECT_EQ(common_start({"start ", "status "}), "sta");
  EXPECT_EQ(common_start({"one "}), "one ");
  EXPECT_EQ(common_start({}), "");
  EXPECT_EQ(common_start({"grp:ga ", "grp:"}), "grp:");
}

}  // namespace
}  // namespace upkeep::ctl
