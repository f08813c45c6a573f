#include "events/journal.h"

#include <gtest/gtest.h>

#include <random>

namespace upkeep::events {
namespace {

// Every command that can be given, with texts of all kinds.
Command any_command(std::mt19937& random, std::uint64_t& serial) {
  static const std::vector<std::string> kListeners = {"a", "b"};
  static const std::vector<std::string> kTexts = {"READY\n",      "REA", "DY\n",  "RESULT 2\nOK",
                                                  "RESULT 4\nFA", "IL",  "what\n"};
  const std::string& listener = kListeners[random() % kListeners.size()];
  switch (random() % 6) {
    case 0:
    case 1: return Publish{{core::EventType::RemoteCommunication, serial++, std::string(random() % 40, 'x')}};
    case 2: return Give{listener};
    case 3: return Gone{listener};
    default: return Hear{listener, kTexts[random() % kTexts.size()]};
  }
}

TEST(Journal, BringsThePoolBack) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random{seed};
    std::uint64_t serial = 0;
    Pool pool{"p", {4}};
    std::string journal = encode_image(pool);
    for (int i = 0; i < 60; ++i) {
      const Command command = any_command(random, serial);
      journal += encode_command(command);
      (void)pool.apply(command);
      if (random() % 20 == 0) journal = encode_image(pool);
      const auto again = replay(journal, "p", {4});
      ASSERT_TRUE(again) << "seed " << seed;
      ASSERT_EQ(*again, pool) << "seed " << seed;
    }
  }
}

TEST(Journal, ForgetsARecordThatWasNotFinished) {
  Pool pool{"p", {4}};
  const std::string image = encode_image(pool);
  const Command command = Publish{{core::EventType::Tick5, 3, "when:5"}};
  const std::string record = encode_command(command);
  for (std::size_t size = 0; size < record.size(); ++size) {
    const auto again = replay(image + record.substr(0, size), "p", {4});
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, pool) << size;
  }
  (void)pool.apply(command);
  EXPECT_EQ(replay(image + record, "p", {4}).value(), pool);
}

TEST(Journal, RefusesWhatIsNone) {
  EXPECT_FALSE(replay("", "p", {4}));
  EXPECT_FALSE(replay("nonsense", "p", {4}));
  std::string image = encode_image(Pool{"p", {4}});
  image[4] = 9;  // the version
  EXPECT_FALSE(replay(image, "p", {4}));
}

}  // namespace
}  // namespace upkeep::events
