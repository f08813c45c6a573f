#include "engine/loads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "fakes/fake_world.h"

namespace upkeep::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// As the keeper's: what is deposited stays, until the engine's messages no longer arrive.
class LastingDeposits : public Deposits {
 public:
  int messages_left = 1000;

  void deposit(const std::string& name, const Fd& fd) override {
    if (messages_left-- > 0) kept_[name] = std::make_shared<Fd>(fd.duplicate().value());
  }
  void discard(const std::string& name) override {
    if (messages_left-- > 0) kept_.erase(name);
  }
  Fd take(const std::string& name) override {
    const auto found = kept_.find(name);
    return found == kept_.end() ? Fd{} : std::move(found->second->duplicate().value());
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, fd] : kept_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, std::shared_ptr<Fd>> kept_;
};

class LoadsTest : public testing::Test {
 protected:
  // A configuration with programs of these names; `mark` is in every command.
  Configuration configuration(const std::vector<std::string>& programs, const std::string& mark = "1") {
    std::string text = "[supervisord]\nidentifier=" + mark + "\n";
    for (const std::string& name : programs) text += "[program:" + name + "]\ncommand=x " + mark + "\n";
    world_.files["/etc/a.conf"] = text;
    auto loaded = load_configuration({"/usr/bin/supervisord", "-c", "/etc/a.conf"}, world_);
    return std::get<Configuration>(std::move(loaded));
  }
  Loads begin(const std::vector<std::string>& programs) {
    return std::move(Loads::begin(configuration(programs), deposits_).value());
  }
  Loads recover() {
    auto recovered = Loads::recover(deposits_);
    if (!recovered) ADD_FAILURE() << recovered.error().text;
    return std::move(*recovered);
  }
  static std::vector<std::string> active(const Loads& loads) {  // "a x 1": group and command
    std::vector<std::string> names;
    for (const LoadedGroup& group : loads.active())
      names.push_back(group.config->name + " " + group.config->processes[0].command);
    return names;
  }
  static const config::Group& group(const Loads& loads, const std::string& name) {
    for (const config::Group& group : loads.newest()->config.groups)
      if (group.name == name) return group;
    std::abort();
  }

  FakeWorld world_;
  LastingDeposits deposits_;
};

TEST_F(LoadsTest, AColdStartsGroupsAreAllActive) {
  Loads loads = begin({"b", "a"});
  EXPECT_THAT(active(loads), ElementsAre("a x 1", "b x 1"));
  EXPECT_THAT(deposits_.names(), ElementsAre("load:1"));
  EXPECT_THAT(active(recover()), ElementsAre("a x 1", "b x 1"));
}

TEST_F(LoadsTest, ARereadChangesNothingThatIsActive) {
  Loads loads = begin({"a"});
  ASSERT_TRUE(loads.accept(configuration({"b"}, "2"), deposits_));
  for (const Loads& seen : {recover(), std::move(loads)}) {
    EXPECT_THAT(active(seen), ElementsAre("a x 1"));
    EXPECT_EQ(seen.own().config.daemon.identifier, "1");
    EXPECT_EQ(seen.newest()->config.daemon.identifier, "2");
  }
}

TEST_F(LoadsTest, GroupsOfSeveralLoadsAreActiveInTheOrderTheyCame) {
  Loads loads = begin({"a", "c"});
  ASSERT_TRUE(loads.accept(configuration({"a", "b", "c"}, "2"), deposits_));
  ASSERT_TRUE(loads.add(group(loads, "b"), deposits_));
  ASSERT_TRUE(loads.remove("a", deposits_));
  ASSERT_TRUE(loads.accept(configuration({"a", "b", "c"}, "3"), deposits_));
  ASSERT_TRUE(loads.add(group(loads, "a"), deposits_));
  const std::vector<std::string> expected{"c x 1", "b x 2", "a x 3"};
  EXPECT_EQ(active(loads), expected);
  EXPECT_EQ(active(recover()), expected);
  EXPECT_EQ(active(recover()), expected) << "and once more";
}

TEST_F(LoadsTest, ALoadThatNobodyNeedsIsDiscarded) {
  Loads loads = begin({"a"});
  ASSERT_TRUE(loads.accept(configuration({"a", "b"}, "2"), deposits_));
  ASSERT_TRUE(loads.add(group(loads, "b"), deposits_));
  ASSERT_TRUE(loads.accept(configuration({"a"}, "3"), deposits_));
  EXPECT_THAT(deposits_.names(), ElementsAre("groups", "load:1", "load:2", "load:3")) << "b runs by the second";
  ASSERT_TRUE(loads.remove("b", deposits_));
  EXPECT_THAT(deposits_.names(), ElementsAre("groups", "load:1", "load:3"));
  ASSERT_TRUE(loads.remove("a", deposits_));
  ASSERT_TRUE(loads.accept(configuration({}, "4"), deposits_));
  EXPECT_THAT(deposits_.names(), ElementsAre("groups", "load:1", "load:4")) << "the daemon itself runs by the first";
  EXPECT_THAT(active(recover()), IsEmpty());
}

TEST_F(LoadsTest, WhatIsKeptDoesNotGrowWithTheNumberOfRereads) {
  Loads loads = begin({"a", "b"});
  for (int number = 2; number < 50; ++number) {  // b is changed each time, and c stays as it was
    Configuration next = configuration({"a", "b", "c"}, "c");
    next.config.groups[1].processes[0].command = "b " + std::to_string(number);
    ASSERT_TRUE(loads.accept(std::move(next), deposits_));
    ASSERT_TRUE(loads.remove("b", deposits_));
    ASSERT_TRUE(loads.add(group(loads, "b"), deposits_));
    if (number == 2) {
      ASSERT_TRUE(loads.add(group(loads, "c"), deposits_));
    }
    EXPECT_EQ(deposits_.names().size(), 3u) << "groups, load:1, and the newest";
  }
  for (const LoadedGroup& known : loads.active()) {
    if (known.config->name != "c") continue;
    EXPECT_EQ(known.added, 2u) << "it is still the one that was added";
  }
}

// An engine may die after any message. What the next one finds is the state before or after, without leftovers.
TEST_F(LoadsTest, IsRecoveredWholeAfterAnyMessage) {
  Loads loads = begin({"a"});
  ASSERT_TRUE(loads.accept(configuration({"a", "b"}, "2"), deposits_));
  const LastingDeposits before = deposits_;
  std::set<std::vector<std::string>> seen;
  for (int messages = 0;; ++messages) {
    deposits_ = before;
    deposits_.messages_left = messages;
    Loads dying = loads;
    ASSERT_TRUE(dying.remove("a", deposits_));
    ASSERT_TRUE(dying.accept(configuration({"c"}, "3"), deposits_));
    ASSERT_TRUE(dying.add(group(dying, "c"), deposits_));
    const bool all_sent = deposits_.messages_left > 0;

    deposits_.messages_left = 1000;
    const Loads found = recover();
    seen.insert(active(found));
    std::set<std::string> needed{"load:1", "load:" + std::to_string(found.newest()->number)};
    for (const LoadedGroup& group : found.active()) needed.insert("load:" + std::to_string(group.load));
    std::set<std::string> kept;
    for (const std::string& name : deposits_.names())
      if (name != kGroupsDeposit) kept.insert(name);
    EXPECT_EQ(kept, needed) << messages;
    if (all_sent) break;
  }
  EXPECT_THAT(seen, ElementsAre(ElementsAre(), ElementsAre("a x 1"), ElementsAre("c x 3")));
}

TEST_F(LoadsTest, NeedsWhatTheListNames) {
  EXPECT_FALSE(Loads::recover(deposits_)) << "nothing is deposited";
  Loads loads = begin({"a"});
  ASSERT_TRUE(loads.remove("a", deposits_));
  ASSERT_TRUE(deposit_bytes(kGroupsDeposit, "?", deposits_));
  EXPECT_FALSE(Loads::recover(deposits_));
}

}  // namespace
}  // namespace upkeep::engine
