#include "core/rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>

namespace upkeep::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Rotation, IsDueAtTheLimit) {
  EXPECT_FALSE(is_rotation_due(999, 1000));
  EXPECT_TRUE(is_rotation_due(1000, 1000));
  EXPECT_TRUE(is_rotation_due(65536, 1000));
}

TEST(Rotation, WithoutALimitIsNeverDue) {
  EXPECT_FALSE(is_rotation_due(1 << 30, 0));
  EXPECT_FALSE(is_rotation_due(1 << 30, -1));
}

TEST(Rotation, WithoutBackupsOnlyTruncates) { EXPECT_THAT(plan_rotation(0, {1, 2}), IsEmpty()); }

TEST(Rotation, TheFirstMovesTheFileAlone) { EXPECT_THAT(plan_rotation(3, {}), ElementsAre(RenameFile{0, 1})); }

TEST(Rotation, MovesFromTheOldest) {
  EXPECT_THAT(plan_rotation(3, {1, 2}), ElementsAre(RenameFile{2, 3}, RenameFile{1, 2}, RenameFile{0, 1}));
}

TEST(Rotation, TheOldestGivesWay) {
  EXPECT_THAT(plan_rotation(3, {1, 2, 3}),
              ElementsAre(RemoveFile{3}, RenameFile{2, 3}, RenameFile{1, 2}, RenameFile{0, 1}));
}

TEST(Rotation, OneBackupIsReplaced) {
  EXPECT_THAT(plan_rotation(1, {1}), ElementsAre(RemoveFile{1}, RenameFile{0, 1}));
}

TEST(Rotation, AGapMovesUpButIsNotFilledTwice) {
  EXPECT_THAT(plan_rotation(4, {1, 3}), ElementsAre(RenameFile{3, 4}, RenameFile{1, 2}, RenameFile{0, 1}));
}

TEST(Rotation, SurplusBackupsStay) {
  EXPECT_THAT(plan_rotation(2, {1, 2, 3, 7}), ElementsAre(RemoveFile{2}, RenameFile{1, 2}, RenameFile{0, 1}));
}

TEST(Rotation, AHugeNumberOfBackupsCostsNothing) {
  EXPECT_THAT(plan_rotation(INT_MAX, {1}), ElementsAre(RenameFile{1, 2}, RenameFile{0, 1}));
}

TEST(Rotation, NamesBackupsByNumber) {
  EXPECT_EQ(backup_path("/var/log/x.log", 0), "/var/log/x.log");
  EXPECT_EQ(backup_path("/var/log/x.log", 12), "/var/log/x.log.12");
}

}  // namespace
}  // namespace upkeep::core
