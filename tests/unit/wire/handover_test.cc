#include "wire/handover.h"

#include <gtest/gtest.h>

namespace upkeep::wire {
namespace {

std::vector<HandoverItem> items() {
  Slot slot;
  slot.slot = "a:b";
  slot.note = "note";
  slot.serial = 3;
  slot.pid = 4711;
  slot.has_pidfd = true;
  slot.channels = {{Stdio::In, false, 0, 0}, {Stdio::Out, true, 5, 0}};
  Slot noted;
  noted.slot = "daemon";
  noted.note = "mood";
  return {{Deposited{"configuration"}, {7}}, {slot, {8, 9, 10, 11}}, {noted, {}}};
}

TEST(Handover, RoundTrips) {
  const auto decoded = decode_handover(encode_handover(items()));
  ASSERT_TRUE(decoded) << decoded.error().text;
  ASSERT_EQ(decoded->size(), 3u);
  EXPECT_EQ(std::get<Deposited>((*decoded)[0].message).name, "configuration");
  EXPECT_EQ((*decoded)[0].fds, std::vector<int>{7});
  const auto& slot = std::get<Slot>((*decoded)[1].message);
  EXPECT_EQ(slot.slot, "a:b");
  EXPECT_EQ(slot.serial, 3u);
  EXPECT_EQ(slot.channels.size(), 2u);
  EXPECT_EQ((*decoded)[1].fds, (std::vector<int>{8, 9, 10, 11}));
  EXPECT_EQ(std::get<Slot>((*decoded)[2].message).note, "mood");
  EXPECT_EQ(encode_handover(*decoded), encode_handover(items()));
}

TEST(Handover, AKeepersOwnStateGoesAlong) {
  KeeperState state;
  state.engine_pid = 4712;
  state.engine_starts = 3;
  state.next_sequence = 99;
  state.signals = {{15, 0}, {1, 98}};
  state.files_limit = 1024;
  state.upgrade =
      UpgradeReport{UpgradeOutcome::RolledBack, WallTime{} + std::chrono::seconds{7}, "/x", "1", "2", "why"};
  state.has_reports = state.has_image_before = true;
  const auto decoded = decode_handover(encode_handover({{state, {7, 8, 9}}}));
  ASSERT_TRUE(decoded) << decoded.error().text;
  const auto& again = std::get<KeeperState>(decoded->at(0).message);
  EXPECT_EQ(again.engine_pid, 4712);
  EXPECT_EQ(again.engine_starts, 3u);
  EXPECT_EQ(again.next_sequence, 99u);
  ASSERT_EQ(again.signals.size(), 2u);
  EXPECT_EQ(again.signals[1].number, 1);
  EXPECT_EQ(again.signals[1].sequence, 98u);
  EXPECT_EQ(again.files_limit, 1024u);
  ASSERT_TRUE(again.upgrade);
  EXPECT_EQ(again.upgrade->outcome, UpgradeOutcome::RolledBack);
  EXPECT_EQ(again.upgrade->why, "why");
  EXPECT_FALSE(decode_handover(encode_handover({{state, {7, 8}}}))) << "one descriptor is missing";
}

TEST(Handover, AnEmptyTableIsOne) {
  const auto decoded = decode_handover(encode_handover({}));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->empty());
}

TEST(Handover, CutOrExtendedOnesAreRefused) {
  const std::string bytes = encode_handover(items());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_FALSE(decode_handover(std::string_view{bytes}.substr(0, size))) << size;
  EXPECT_FALSE(decode_handover(bytes + '\0'));
}

TEST(Handover, AnotherFormatIsRefused) {
  std::string bytes = encode_handover(items());
  bytes[0] = 2;
  EXPECT_FALSE(decode_handover(bytes));
}

TEST(Handover, TooFewOrTooManyDescriptorsAreRefused) {  // the next keeper takes them without looking again
  for (const int change : {-1, 1}) {
    auto wrong = items();
    if (change < 0) {
      wrong[1].fds.pop_back();
    } else {
      wrong[1].fds.push_back(12);
    }
    EXPECT_FALSE(decode_handover(encode_handover(wrong)));
  }
}

}  // namespace
}  // namespace upkeep::wire
