// Which scripts count, and what small files say.
#include "services/service_scripts.h"

#include <gtest/gtest.h>

#include "unit/services/service_folder.h"

namespace upkeep::services {
namespace {

class ServiceScriptsTest : public testing::Test {
 protected:
  ServiceScriptsTest() { folder_.make("web/"); }
  core::ServiceScripts found() const { return find_scripts(folder_.open("web").get()); }
  std::optional<long long> number(const std::string& text) const {
    fakes::put(folder_ / "web/number", text);
    return number_in(folder_.open("web").get(), "number");
  }
  ServiceFolder folder_;
};

TEST_F(ServiceScriptsTest, AnEmptyDirectoryHasNone) {
  const core::ServiceScripts none = found();
  EXPECT_FALSE(none.run || none.start || none.stop || none.finish);
  EXPECT_EQ(none.control, "");
}

TEST_F(ServiceScriptsTest, FindsThemAll) {
  for (const char* name : {"run", "start", "stop", "finish"}) folder_.make(std::string{"web/"} + name);
  const core::ServiceScripts all = found();
  EXPECT_TRUE(all.run && all.start && all.stop && all.finish);
}

TEST_F(ServiceScriptsTest, OnlyRunCountsWhenItCannotBeExecuted) {
  for (const char* name : {"run", "start", "stop", "finish"}) folder_.make(std::string{"web/"} + name, 0644);
  const core::ServiceScripts all = found();
  EXPECT_TRUE(all.run) << "running it tells what is wrong";
  EXPECT_FALSE(all.start || all.stop || all.finish);
}

TEST_F(ServiceScriptsTest, DirectoriesAreNoScripts) {
  for (const char* name : {"start/", "stop/", "finish/", "control/t/"}) folder_.make(std::string{"web/"} + name);
  const core::ServiceScripts all = found();
  EXPECT_FALSE(all.start || all.stop || all.finish);
  EXPECT_EQ(all.control, "");
}

TEST_F(ServiceScriptsTest, LinksToScriptsCount) {
  folder_.make("elsewhere");
  folder_.link("../elsewhere", "web/stop");
  folder_.link("nowhere", "web/run");
  EXPECT_TRUE(found().stop);
  EXPECT_FALSE(found().run);
}

TEST_F(ServiceScriptsTest, KnowsTheLettersOfControl) {
  for (const char letter : std::string_view{"tdhq1zux"}) folder_.make(std::string{"web/control/"} + letter);
  folder_.make("web/control/k", 0600);
  std::string letters = found().control;
  std::sort(letters.begin(), letters.end());
  EXPECT_EQ(letters, "1dhqt") << "u, x and what is no command have no hook, nor has what cannot be executed";
}

TEST_F(ServiceScriptsTest, ReadsNumbers) {
  EXPECT_EQ(number("3000\n"), 3000);
  EXPECT_EQ(number(" 5 "), 5);
  EXPECT_EQ(number("0"), 0);
}

TEST_F(ServiceScriptsTest, WhatIsNoNumberIsNone) {
  for (const char* text : {"", "\n", "five", "5 6", "5x"}) EXPECT_EQ(number(text), std::nullopt) << text;
  EXPECT_EQ(number_in(folder_.open("web").get(), "no-such-file"), std::nullopt);
}

TEST_F(ServiceScriptsTest, AFifoInPlaceOfANumberBlocksNobody) {
  ASSERT_EQ(::mkfifo((folder_ / "web/fifo").c_str(), 0600), 0);
  EXPECT_EQ(number_in(folder_.open("web").get(), "fifo"), std::nullopt);
}

TEST_F(ServiceScriptsTest, LooksForEntries) {
  const Fd web = folder_.open("web");
  folder_.make("web/down", 0);
  folder_.link("nowhere", "web/dangling");
  EXPECT_TRUE(has_entry(web.get(), "down"));
  EXPECT_FALSE(has_entry(web.get(), "dangling"));
  EXPECT_FALSE(has_executable(web.get(), "down"));
}

}  // namespace
}  // namespace upkeep::services
