#include "core/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "base/bytes.h"
#include "unit/core/describe.h"
#include "unit/core/history.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

ProcessNote sample(Phase phase) {
  return {.phase = std::move(phase),
          .start = WallTime{1'700'000'000'123'456'789ns},
          .stop = WallTime{1'700'000'001s},
          .exit_status = -1,
          .spawn_error = "can't find command 'x'",
          .serial = 0xfedcba9876543210U,
          .out_log = "/tmp/web-stdout---supervisor-abc.log",
          .err_log = ""};
}

std::vector<Phase> every_phase() {
  const ProcessId child{12};
  const Instant then{123456789012345ns};
  return {Stopped{},
          Starting{2, std::nullopt, then, then + 1s},
          Starting{2, child, then, then + 1s},
          Running{child, then},
          Stopping{std::nullopt, then},
          Stopping{child, then},
          Backoff{3, then},
          Exited{{ExitStatus::Kind::Exited, 3, false}, std::nullopt},
          Exited{{ExitStatus::Kind::Signalled, 11, true}, then},
          Exited{},
          Fatal{"why"},
          Unknown{child}};
}

TEST(ProcessNote, SurvivesTheRoundTrip) {
  for (const Phase& phase : every_phase()) {
    const ProcessNote note = sample(phase);
    const auto decoded = decode_process_note(encode(note));
    ASSERT_TRUE(decoded) << decoded.error().text;
    EXPECT_EQ(*decoded, note) << testing::PrintToString(phase);
  }
}

TEST(ProcessNote, HasAStableFormat) {  // an engine may be upgraded under a living keeper
  const ProcessNote note{.phase = Backoff{2, Instant{256ns}}, .exit_status = 1, .spawn_error = "x", .serial = 3};
  const std::string expected{
      "\x02\x04"
      "\x02\0\0\0"
      "\0\x01\0\0\0\0\0\0"
      "\0\0\0\0\0\0\0\0"
      "\0\0\0\0\0\0\0\0"
      "\x01\0\0\0"
      "\x01\0\0\0x"
      "\x03\0\0\0\0\0\0\0"
      "\0\0\0\0"
      "\0\0\0\0"
      "\0\0\0\0",
      59};
  EXPECT_EQ(encode(note), expected);
}

TEST(ProcessNote, ShortensTheSpawnErrorToFit) {
  ProcessNote note = sample(Running{ProcessId{1}, Instant{1s}});
  note.spawn_error = std::string(9000, 'x');
  const std::string bytes = encode(note);
  EXPECT_EQ(bytes.size(), kNoteBytesMax);
  const auto decoded = decode_process_note(bytes);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->phase, note.phase);
  EXPECT_EQ(decoded->out_log, note.out_log);
  EXPECT_GT(decoded->spawn_error.size(), 3900U);
}

TEST(ProcessNote, CutsNoCharacterInTwo) {
  ProcessNote note = sample(Stopped{});
  for (int i = 0; i < 3000; ++i) note.spawn_error += "€";
  for (int shift = 0; shift < 3; ++shift, note.spawn_error.insert(0, "x")) {
    const auto decoded = decode_process_note(encode(note));
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(decoded->spawn_error.ends_with("€")) << shift;
  }
}

TEST(ProcessNote, FitsWhateverIsLong) {
  ProcessNote note = sample(Fatal{std::string(5000, 'w')});
  note.spawn_error = std::string(5000, 'e');
  const auto decoded = decode_process_note(encode(note));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->spawn_error, "");
  EXPECT_EQ(decoded->out_log, note.out_log);

  note.out_log = std::string(4095, 'o');
  note.err_log = std::string(4095, 'e');
  const auto without_logs = decode_process_note(encode(note));
  ASSERT_TRUE(without_logs);
  EXPECT_EQ(without_logs->out_log, "");
  EXPECT_EQ(without_logs->serial, note.serial);
}

TEST(ProcessNote, RefusesEveryTruncationAndExtension) {
  for (const Phase& phase : every_phase()) {
    const std::string bytes = encode(sample(phase));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_process_note(std::string_view{bytes}.substr(0, size))) << size;
    }
    EXPECT_FALSE(decode_process_note(bytes + '\0'));
  }
}

TEST(ProcessNote, RefusesMoreThanTheKeeperStores) {
  ByteWriter out;  // well-formed but for its size
  out.number<std::uint8_t>(1);
  out.number<std::uint8_t>(0);
  out.number<std::int64_t>(0);
  out.number<std::int64_t>(0);
  out.number<int>(0);
  out.text(std::string(kNoteBytesMax, 'x'));
  out.number<std::uint64_t>(0);
  out.text("");
  out.text("");
  out.text("");
  EXPECT_FALSE(decode_process_note(out.bytes()));
}

TEST(ProcessNote, RefusesWhatNoWriterProduces) {
  const std::string good = encode(sample(Starting{0, ProcessId{1}, Instant{1s}, Instant{2s}}));
  const auto with = [&](std::size_t offset, char byte) {
    std::string bytes = good;
    bytes[offset] = byte;
    return decode_process_note(bytes);
  };
  EXPECT_TRUE(with(0, 2));
  EXPECT_FALSE(with(0, 3)) << "version";
  EXPECT_FALSE(with(1, 8)) << "phase";
  EXPECT_FALSE(with(5, '\x7f')) << "failures beyond belief";
  EXPECT_FALSE(with(5, '\x80')) << "negative failures";
  EXPECT_FALSE(with(6, 2)) << "flag";
}

// Garbage that decodes must be the encoding of what it decodes to.
TEST(ProcessNote, IsTotalOnMutations) {
  Random random{1};
  int decoded_count = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = encode(sample(random.pick(every_phase())));
    for (int i = random.below(4); i >= 0; --i) {
      bytes[static_cast<std::size_t>(random.below(static_cast<int>(bytes.size())))] =
          static_cast<char>(random.below(256));
    }
    if (const auto note = decode_process_note(bytes)) {
      ++decoded_count;
      EXPECT_EQ(encode(*note), bytes);
    }
  }
  EXPECT_GT(decoded_count, 1000);
}

TEST(DaemonNote, SurvivesTheRoundTrip) {
  for (const Mood mood : {Mood::Running, Mood::Restarting, Mood::ShuttingDown}) {
    const DaemonNote note{mood, 17, 137, mood == Mood::Running ? std::nullopt : std::optional{Instant{Duration{5}}}};
    const auto decoded = decode_daemon_note(encode(note));
    ASSERT_TRUE(decoded) << decoded.error().text;
    EXPECT_EQ(*decoded, note);
  }
}

TEST(DaemonNote, RefusesGarbage) {
  const std::string good = encode(DaemonNote{Mood::Running, 1});
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(decode_daemon_note(good.substr(0, size))) << size;
  std::string bad = good;
  bad[1] = 2;
  EXPECT_FALSE(decode_daemon_note(bad)) << "mood";
  EXPECT_FALSE(decode_daemon_note(good + "x"));
}

TEST(Mood, AShutdownReplacesARestartButNotTheOtherWayRound) {
  EXPECT_EQ(after_request(Mood::Running, Mood::Restarting), Mood::Restarting);
  EXPECT_EQ(after_request(Mood::Restarting, Mood::ShuttingDown), Mood::ShuttingDown);
  EXPECT_EQ(after_request(Mood::ShuttingDown, Mood::Restarting), Mood::ShuttingDown);
  EXPECT_EQ(name_of(Mood::ShuttingDown), "SHUTDOWN");
  EXPECT_TRUE(may_start(Mood::Running));
  EXPECT_FALSE(may_start(Mood::Restarting));
}

}  // namespace
}  // namespace upkeep::core
