#include "logs/distributor.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include "fakes/temporary_folder.h"
#include "unit/logs/memory_sink.h"
#include "unit/logs/syslog_daemon.h"

namespace upkeep::logs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DistributorTest : public testing::Test {
 protected:
  DistributorTest() {
    log_.set_echo(activity_);
    to_.process = "web";
    to_.channel = "stdout";
    to_.file = file_;
    to_.captured = [this](std::string text) { captured_.push_back(std::move(text)); };
  }
  void take(std::string_view bytes, bool at_end = false) {
    if (!distributor_) distributor_.emplace(to_, log_, syslog_);
    held_ += bytes;
    held_.erase(0, distributor_->take(held_, at_end));
  }
  std::string activity() const {  // without time stamps
    std::string text;
    for (const auto& line : activity_->lines()) text += line.size() > 24 && line[4] == '-' ? line.substr(24) : line;
    return text;
  }

  fakes::TemporaryFolder folder_;
  SyslogDaemon daemon_{folder_ / "log"};
  std::shared_ptr<MemorySink> file_ = std::make_shared<MemorySink>(), activity_ = std::make_shared<MemorySink>();
  ActivityLog log_{LogLevel::Debug};
  Syslog syslog_{"supervisord", {}, folder_ / "log"};
  std::vector<std::string> captured_;
  Distribution to_;
  std::string held_;
  std::optional<Distributor> distributor_;
};

TEST_F(DistributorTest, IsNeededOnlyWhereSomebodyMustSeeTheBytes) {
  EXPECT_FALSE(to_.is_needed());
  for (const auto& need : std::vector<std::function<void(Distribution&)>>{
           [](auto& to) { to.strips_ansi = true; }, [](auto& to) { to.to_syslog = true; },
           [](auto& to) { to.to_activity_log = true; }, [](auto& to) { to.capture_max_bytes = -1; }}) {
    Distribution to = to_;
    need(to);
    EXPECT_TRUE(to.is_needed());
  }
}

TEST_F(DistributorTest, EverybodyGetsTheStrippedText) {
  to_.strips_ansi = to_.to_syslog = to_.to_activity_log = true;
  take("\x1b[1mone\x1b[0m\n\ntwo\n");
  EXPECT_EQ(file_->bytes, "one\n\ntwo\n");
  EXPECT_THAT(daemon_.next(), HasSubstr(" supervisord: web one"));
  EXPECT_THAT(daemon_.next(), HasSubstr(" supervisord: web "));
  EXPECT_THAT(daemon_.next(), HasSubstr(" supervisord: web two"));
  EXPECT_EQ(daemon_.next(), "(nothing)");
  EXPECT_EQ(activity(), "DEBG 'web' stdout output:\none\n\ntwo\n\n");
}

TEST_F(DistributorTest, WithoutAFileTheOthersGetIt) {
  to_.file = nullptr;
  to_.to_activity_log = true;
  take("text");
  EXPECT_EQ(activity(), "DEBG 'web' stdout output:\ntext\n");
}

TEST_F(DistributorTest, MarkedTextsGoToTheObserverAndTheActivityLogOnly) {
  to_.capture_max_bytes = 100;
  to_.strips_ansi = to_.to_syslog = to_.to_activity_log = true;
  take("log<!--XSUPERVISOR:BEGIN-->\x1b[1mevent");
  EXPECT_THAT(captured_, IsEmpty());
  take("<!--XSUPERVISOR:END-->more");
  EXPECT_THAT(captured_, ElementsAre("event"));
  EXPECT_EQ(file_->bytes, "logmore");
  EXPECT_THAT(daemon_.next(), HasSubstr("web log"));
  EXPECT_THAT(daemon_.next(), HasSubstr("web more"));
  EXPECT_EQ(activity(),
            "DEBG 'web' stdout output:\nlog\nDEBG 'web' stdout output:\nevent\nDEBG 'web' stdout emitted a comm "
            "event\nDEBG 'web' stdout output:\nmore\n");
}

TEST_F(DistributorTest, AFormatedFileGetsLinesOnceTheyAreWhole) {
  EXPECT_FALSE(to_.is_needed());
  to_.format = {.format = OutputFormat::Lines, .prefix = "web | "};
  EXPECT_TRUE(to_.is_needed());
  to_.to_activity_log = true;
  take("on");
  EXPECT_EQ(file_->bytes, "");
  EXPECT_EQ(held_, "on") << "stays in the pipe";
  EXPECT_EQ(activity(), "") << "the others hear of it once it is taken";
  take("e\ntwo\nthr");
  EXPECT_EQ(file_->bytes, "web | one\nweb | two\n");
  EXPECT_EQ(activity(), "DEBG 'web' stdout output:\none\ntwo\n\n");
  take("ee", true);
  EXPECT_EQ(file_->bytes, "web | one\nweb | two\nweb | three\n");
  EXPECT_EQ(held_, "");
}

TEST_F(DistributorTest, LongLinesAreTakenInPieces) {
  to_.format = {.format = OutputFormat::Lines};
  const std::string text(kLineBytesMax, 'x');
  take(text);
  EXPECT_EQ(file_->bytes, "");
  take("y");
  EXPECT_EQ(file_->bytes, text + " \\\n");
  take("\n");
  EXPECT_EQ(file_->bytes, text + " \\\ny\n");
}

TEST_F(DistributorTest, MarkedTextsAreNoPartOfLines) {
  to_.format = {.format = OutputFormat::Lines, .prefix = "> "};
  to_.capture_max_bytes = 100;
  to_.strips_ansi = true;
  take("a <!--XSUPERVISOR:BEGIN-->ev\nent<!--XSUPERVISOR:END-->\x1b[1mb\n");
  EXPECT_THAT(captured_, ElementsAre("ev\nent"));
  EXPECT_EQ(file_->bytes, "> a b\n");
  take(std::string(kLineBytesMax, 'x') + "<!--XSUP");
  take("ERVISOR:BEGIN-->again<!--XSUPERVISOR:END-->\n");
  EXPECT_THAT(captured_, ElementsAre("ev\nent", "again"));
  EXPECT_EQ(file_->bytes, "> a b\n> " + std::string(kLineBytesMax, 'x') + " \\\n> \n");
}

TEST_F(DistributorTest, WithoutAFileNothingWaitsForALine) {
  to_.format = {.format = OutputFormat::Json};
  to_.file = nullptr;
  EXPECT_FALSE(to_.is_needed());
  to_.to_activity_log = true;
  take("text");
  EXPECT_EQ(activity(), "DEBG 'web' stdout output:\ntext\n");
}

TEST_F(DistributorTest, WithoutCaptureTokensAreText) {
  to_.strips_ansi = true;
  take("<!--XSUPERVISOR:BEGIN-->");
  EXPECT_EQ(file_->bytes, "<!--XSUPERVISOR:BEGIN-->");
}

TEST_F(DistributorTest, WhatIsHeldBackComesWithTheEnd) {
  to_.capture_max_bytes = 100;
  take("short");
  EXPECT_EQ(file_->bytes, "short");
  take("<!--X");
  EXPECT_EQ(file_->bytes, "short");
  take("", true);
  EXPECT_EQ(file_->bytes, "short<!--X");
}

TEST_F(DistributorTest, ATextThatNeverEndsIsToldOf) {
  to_.capture_max_bytes = 100;
  take("<!--XSUPERVISOR:BEGIN-->to be forgotten");
  distributor_->forget_captured();
  take("12345");
  distributor_.reset();
  EXPECT_EQ(activity(), "WARN 'web' stdout ended within a text for the supervisor: 5 bytes of it were dropped\n");
  EXPECT_THAT(captured_, IsEmpty());
}

}  // namespace
}  // namespace upkeep::logs
