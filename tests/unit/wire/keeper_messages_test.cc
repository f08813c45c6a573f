#include "wire/keeper_messages.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace upkeep::wire {
namespace {

using namespace std::chrono_literals;

constexpr ExitStatus kDumped{ExitStatus::Kind::Signalled, 11, true};
constexpr LastWill kWill{2, true, 1234, true};

std::vector<ChannelState> channels() {
  return {{Stdio::In, false, 0, 0}, {Stdio::Out, true, 1ull << 40, 7}, {Stdio::Err, false, 0, 9}};
}

// One of each, every field different from its default, and the optional ones once without.
std::vector<FromEngine> from_engine() {
  return {Hello{1, 9},
          Setup{true, Ids{1000, 100, {100, 4, 27}}, {{7, 1024, 4096}, {6, ~0ull, ~0ull}}},
          Setup{},
          Ready{"/srv", 022u},
          Ready{},
          Spawn{"web:web_1", 1ull << 50, std::string{"no\0te", 5}, kWill, "plan"},
          Spawn{std::string(kSlotNameBytesMax, 's'), 1, std::string(kNoteBytesMax, 'n'), kWill,
                std::string(kInlinePlanBytesMax, 'p')},
          Signal{"a:b", 3, 15, true, "note"},
          Signal{"a:b", 3, 15, false, std::nullopt},
          Note{"a:b", "note"},
          Note{},
          Release{"a:b", "note"},
          Deposit{"configuration"},
          Discard{"stdout"},
          Ack{77},
          Quit{-1},
          Restart{},
          Upgrade{WallTime{5ns}, "/usr/bin/upkeep"}};
}

std::vector<FromKeeper> from_keeper() {
  Slot slot{"a:b", "note", 5, 4711, true, Instant{123456789ns}, WallTime{-5ns}, kWill, {}, {}, {}, {}, {}, channels()};
  Slot owed{"a:c",         "", 6, 0, false, Instant{1ns}, WallTime{2ns}, {}, kDumped, SpawnStage::Ids, 13, Instant{3ns},
            WallTime{4ns}, {}};
  return {Welcome{1, Stage::Restarted, 4711, 12, true, "exit status 3"},
          slot,
          owed,
          Deposited{"listener"},
          Synced{},
          Spawned{"a:b", 5, 4712, true, Instant{9ns}, WallTime{10ns}, channels()},
          SpawnFailed{"a:b", 5, SpawnStage::Fork, 11},
          Exited{"a:b", 5, kDumped, SpawnStage::Exec, 2, Instant{1ns}, WallTime{2ns}},
          SignalFailed{"a:b", 5, 9, 1},
          Signalled{15},
          Orphan{99, kDumped},
          Refused{31, "why"},
          UpgradeRefused{{UpgradeOutcome::Refused, WallTime{5ns}, "/x", "1", "2", "why"}},
          Leave{},
          KeeperState{4711, 3, 99, {{15, 0}, {1, 98}}, 1024, UpgradeReport{}, true, true},
          KeeperState{}};
}

template <class Message>
Result<Framed<Message>> decode(std::string_view bytes) {
  if constexpr (std::is_same_v<Message, FromEngine>) {
    return decode_from_engine(bytes);
  } else {
    return decode_from_keeper(bytes);
  }
}

template <class Message>
void expect_round_trips(const std::vector<Message>& messages) {
  std::vector<bool> seen(std::variant_size_v<Message>);
  for (const Message& message : messages) {
    seen[message.index()] = true;
    const std::string bytes = encode(message, 0x0123456789abcdef);
    EXPECT_LE(bytes.size(), kMessageBytesMax);
    const auto framed = decode<Message>(bytes);
    ASSERT_TRUE(framed) << "alternative " << message.index() << ": " << framed.error().text;
    EXPECT_EQ(framed->sequence, 0x0123456789abcdefu);
    ASSERT_EQ(framed->message.index(), message.index());
    EXPECT_EQ(encode(framed->message, framed->sequence), bytes) << "alternative " << message.index();
  }
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_TRUE(seen[i]) << "no sample of alternative " << i;
}

template <class Message>
void expect_damage_is_refused(const std::vector<Message>& messages) {
  for (const Message& message : messages) {
    const std::string bytes = encode(message, 1);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(decode<Message>(std::string_view{bytes}.substr(0, size))) << message.index() << " cut at " << size;
      // Cut, with a header that says so: the fields themselves must be missed.
      if (size < 16) continue;
      ByteWriter length;
      length.number(static_cast<std::uint32_t>(size - 16));
      ASSERT_FALSE(decode<Message>(bytes.substr(0, 4) + length.bytes() + bytes.substr(8, size - 8)))
          << message.index() << " with a body of " << size - 16;
    }
    ASSERT_FALSE(decode<Message>(bytes + '\0')) << message.index();
  }
}

TEST(KeeperMessages, RoundTrip) {
  expect_round_trips(from_engine());
  expect_round_trips(from_keeper());
}

TEST(KeeperMessages, CutOrExtendedOnesAreRefused) {
  expect_damage_is_refused(from_engine());
  expect_damage_is_refused(from_keeper());
}

TEST(KeeperMessages, FieldsArriveWhereTheyBelong) {
  const auto spawn = std::get<Spawn>(decode_from_engine(encode(from_engine()[5], 1))->message);
  EXPECT_EQ(spawn.slot, "web:web_1");
  EXPECT_EQ(spawn.serial, 1ull << 50);
  EXPECT_EQ(spawn.note, (std::string{"no\0te", 5}));
  EXPECT_EQ(spawn.will.signal, 2);
  EXPECT_TRUE(spawn.will.to_group);
  EXPECT_EQ(spawn.will.grace_ms, 1234u);
  EXPECT_TRUE(spawn.will.kill_group);
  EXPECT_EQ(spawn.plan, "plan");
  const auto signal = std::get<Signal>(decode_from_engine(encode(from_engine()[7], 1))->message);
  EXPECT_EQ(signal.serial, 3u);
  EXPECT_EQ(signal.number, 15);
  EXPECT_TRUE(signal.to_group);
  EXPECT_EQ(signal.note, "note");
  EXPECT_EQ(std::get<Signal>(decode_from_engine(encode(from_engine()[8], 1))->message).note, std::nullopt);
  const auto slot = std::get<Slot>(decode_from_keeper(encode(from_keeper()[2], 1))->message);
  EXPECT_EQ(slot.owed, kDumped);
  EXPECT_EQ(slot.failed_stage, SpawnStage::Ids);
  EXPECT_EQ(slot.failed_errno, 13);
  EXPECT_EQ(slot.ended, Instant{3ns});
  EXPECT_EQ(slot.ended_wall, WallTime{4ns});
  const auto spawned = std::get<Spawned>(decode_from_keeper(encode(from_keeper()[5], 1))->message);
  ASSERT_EQ(spawned.channels.size(), 3u);
  EXPECT_EQ(spawned.channels[1].which, Stdio::Out);
  EXPECT_EQ(spawned.channels[1].spooled, 1ull << 40);
  EXPECT_EQ(spawned.channels[2].dropped, 9u);
}

// Engines and keepers of different builds talk to each other: this test changes only with a new version.
TEST(KeeperMessages, HaveAStableFormat) {
  const std::string expected{
      "\x05\0\0\0"
      "\x19\0\0\0"
      "\x02\0\0\0\0\0\0\0"
      "\x02\0\0\0ab"
      "\x03\0\0\0\0\0\0\0"
      "\x0f\0\0\0"
      "\x01"
      "\x01\x01\0\0\0n",
      41};
  EXPECT_EQ(encode(FromEngine{Signal{"ab", 3, 15, true, "n"}}, 2), expected);
  EXPECT_EQ(encode(FromKeeper{Welcome{}}, 1)[0], 64);
  EXPECT_EQ(encode(FromKeeper{Refused{}}, 1)[0], 74);
}

TEST(KeeperMessages, UnknownTypesAreRefused) {
  std::string bytes = encode(FromEngine{Restart{}}, 1);
  for (const int type : {0, 13, 63, 64, 255}) {
    bytes[0] = static_cast<char>(type);
    EXPECT_FALSE(decode_from_engine(bytes)) << type;
  }
  bytes = encode(FromKeeper{Synced{}}, 1);
  for (const int type : {0, 1, 63, 75, 255}) {
    bytes[0] = static_cast<char>(type);
    EXPECT_FALSE(decode_from_keeper(bytes)) << type;
  }
}

TEST(KeeperMessages, TheTwoDirectionsAreNotMistakenForEachOther) {
  for (const FromEngine& message : from_engine()) EXPECT_FALSE(decode_from_keeper(encode(message, 1)));
  for (const FromKeeper& message : from_keeper()) EXPECT_FALSE(decode_from_engine(encode(message, 1)));
}

TEST(KeeperMessages, TextsBeyondTheirLimitsAreRefused) {
  EXPECT_FALSE(decode_from_engine(encode(FromEngine{Note{std::string(kSlotNameBytesMax + 1, 's'), ""}}, 1)));
  EXPECT_FALSE(decode_from_engine(encode(FromEngine{Note{"s", std::string(kNoteBytesMax + 1, 'n')}}, 1)));
  EXPECT_FALSE(decode_from_engine(encode(FromEngine{Release{"s", std::string(kNoteBytesMax + 1, 'n')}}, 1)));
  Spawn spawn;
  spawn.plan = std::string(kInlinePlanBytesMax + 1, 'p');
  EXPECT_FALSE(decode_from_engine(encode(FromEngine{spawn}, 1)));
  EXPECT_FALSE(decode_from_engine(encode(FromEngine{Deposit{std::string(kSlotNameBytesMax + 1, 'd')}}, 1)));
}

TEST(KeeperMessages, ValuesOutsideTheirEnumerationsAreRefused) {
  std::string failed = encode(FromKeeper{SpawnFailed{"s", 1, SpawnStage::Exec, 2}}, 1);
  failed[failed.size() - 5] = 9;  // one beyond Exec
  EXPECT_FALSE(decode_from_keeper(failed));
  std::string welcome = encode(FromKeeper{Welcome{}}, 1);
  welcome[16 + 2] = 4;  // one beyond Running
  EXPECT_FALSE(decode_from_keeper(welcome));
  std::string orphan = encode(FromKeeper{Orphan{1, kDumped}}, 1);
  orphan[16 + 4] = 3;  // one beyond Unknown
  EXPECT_FALSE(decode_from_keeper(orphan));
}

TEST(KeeperMessages, AnEndlessListIsRefusedWithoutBeingBuilt) {
  std::string setup = encode(FromEngine{wire::Setup{}}, 1);
  setup.replace(setup.size() - 4, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(decode_from_engine(setup));
}

TEST(KeeperMessages, KnowHowManyDescriptorsRide) {
  const std::vector<std::size_t> expected{0, 1 + 3 + 1, 0, 1, 0, 1 + 3 + 1, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0};
  const auto messages = from_keeper();
  for (std::size_t i = 0; i < messages.size(); ++i) EXPECT_EQ(fds_expected(messages[i]), expected[i]) << i;
  EXPECT_LE(1 + 3 + 2, kFdsPerMessageMax) << "a pidfd, three channels, two spools";
}

}  // namespace
}  // namespace upkeep::wire
