#include "wire/status_record.h"

#include <gtest/gtest.h>

namespace upkeep::wire {
namespace {

// As Debian's supervise wrote it for a service with pid 8779.
const std::string kSeen("\x40\0\0\0\x6b\0\xfb\x46\x16\xe8\xad\x6c\x4b\x22\0\0\0\x75", 18);

TEST(StatusRecord, IsTheOriginalsByteForByte) {
  const auto status = decode_status(kSeen);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->service.pid, 8779u);
  EXPECT_FALSE(status->service.paused);
  EXPECT_EQ(status->service.want, 'u');
  EXPECT_FALSE(status->service.state);
  EXPECT_FALSE(status->log);
  EXPECT_EQ(encode(*status), kSeen);
}

TEST(StatusRecord, IsEncoresWithAState) {
  StatusRecord record = decode_status(kSeen)->service;
  record.state = static_cast<std::uint8_t>(ServiceState::Running);
  const std::string bytes = encode(record);
  EXPECT_EQ(bytes, kSeen + std::string("\x03\0", 2));
  EXPECT_EQ(decode_status(bytes)->service, record);
  StatusRecord log = record;
  log.pid = 8780;
  const Status both{record, log};
  EXPECT_EQ(encode(both).size(), 40u);
  EXPECT_EQ(decode_status(encode(both)), both);
}

TEST(StatusRecord, IsPausedOnlyWithAPid) {
  StatusRecord record;
  record.paused = true;
  EXPECT_EQ(encode(record)[16], 0);
  record.pid = 1;
  EXPECT_EQ(encode(record)[16], 1);
}

TEST(StatusRecord, NeedsEighteenBytesAndToleratesMore) {
  EXPECT_FALSE(decode_status(kSeen.substr(0, 17)));
  EXPECT_FALSE(decode_status(""));
  EXPECT_EQ(decode_status(kSeen + "x"), decode_status(kSeen));
  EXPECT_EQ(decode_status(kSeen + std::string(17, 'x'))->service.pid, 8779u);
}

}  // namespace
}  // namespace upkeep::wire
