#include "logs/activity_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "fakes/temporary_folder.h"
#include "logs/stdio_sink.h"
#include "unit/logs/syslog_daemon.h"

namespace upkeep::logs {
namespace {

using namespace std::chrono_literals;
using fakes::content;
using fakes::TemporaryFolder;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr const char* kAnyStamp = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]{3} ";

class TimeZone {
 public:
  explicit TimeZone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  ~TimeZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

std::shared_ptr<Sink> file_sink(const std::string& path) { return FileSink::open(path, {}).value(); }

class ActivityLogTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  ActivityLog log_{LogLevel::Info};
  Instant now_{};
  SinkRegistry sinks_{file_sink(folder_ / "stdout"), file_sink(folder_ / "stderr"),
                      [this](const SinkTrouble& trouble) { log_.report(trouble); }, [this] { return now_; }};
};

TEST_F(ActivityLogTest, TheEchoMayBeOfObjects) {
  const auto echo = file_sink(folder_ / "echo");
  log_.set_echo(echo, OutputFormat::Json);
  ASSERT_TRUE(log_.open(sinks_, folder_ / "log", 0, 0));
  log_.line(LogLevel::Warn, "two\n\"lines\"");
  EXPECT_THAT(content(folder_ / "log"), HasSubstr("WARN two\n\"lines\"\n"));
  EXPECT_THAT(content(folder_ / "echo"),
              MatchesRegex("\\{\"time\":\"[-0-9T:.]*Z\",\"program\":\"supervisord\",\"level\":\"WARN\","
                           "\"line\":\"two.n.*lines.*\"\\}\n"));
}

TEST_F(ActivityLogTest, StampsInLocalTimeWithMillisecondsCutOff) {
  const TimeZone zone{"XXX-05:30"};
  const WallTime when{1'700'000'000s + 999'999us};  // 2023-11-14 22:13:20 UTC
  EXPECT_EQ(log_.line_prefix(LogLevel::Warn, when), "2023-11-15 03:43:20,999 WARN ");
  EXPECT_EQ(log_.line_prefix(LogLevel::Blather, when - 999'990us), "2023-11-15 03:43:20,000 BLAT ");
  EXPECT_EQ(log_.line_prefix(LogLevel::Critical, when + 1s), "2023-11-15 03:43:21,999 CRIT ");
}

TEST_F(ActivityLogTest, WritesLinesAtOrAboveItsLevel) {
  ASSERT_TRUE(log_.open(sinks_, folder_ / "log", 0, 0));
  log_.line(LogLevel::Debug, "unseen");
  log_.line(LogLevel::Info, "two\nlines");
  EXPECT_THAT(content(folder_ / "log"), MatchesRegex(kAnyStamp + std::string{"INFO two\nlines\n"}));
  log_.set_threshold(LogLevel::Critical);
  log_.line(LogLevel::Error, "unseen");
  EXPECT_THAT(content(folder_ / "log"), testing::Not(HasSubstr("unseen")));
}

TEST_F(ActivityLogTest, EchoesAndSoPrintsTwiceWhenTheFileIsStdoutAsWell) {
  log_.set_echo(sinks_.open("/dev/stdout", 0, 0).value());
  log_.line(LogLevel::Info, "before open");
  ASSERT_TRUE(log_.open(sinks_, "/dev/stdout", 50 << 20, 10));
  log_.line(LogLevel::Info, "after");
  EXPECT_THAT(content(folder_ / "stdout"), MatchesRegex(kAnyStamp + std::string{"INFO before open\n"} + kAnyStamp +
                                                        "INFO after\n" + kAnyStamp + "INFO after\n"));
}

TEST_F(ActivityLogTest, RotatesReopensAndClears) {
  ASSERT_TRUE(log_.open(sinks_, folder_ / "log", 20, 1));
  log_.line(LogLevel::Info, "first");
  EXPECT_THAT(content(folder_ / "log.1"), HasSubstr("INFO first\n"));
  ASSERT_EQ(::unlink((folder_ / "log").c_str()), 0);
  log_.reopen();
  EXPECT_EQ(::access((folder_ / "log").c_str(), F_OK), 0);
  ASSERT_TRUE(log_.open(sinks_, folder_ / "other", 0, 0));
  log_.line(LogLevel::Info, "cleared away");
  const Fd reader = os::open_file(folder_ / "other", O_RDONLY).value();
  ASSERT_TRUE(log_.clear());
  EXPECT_EQ(content(folder_ / "other"), "");
  EXPECT_THAT(os::read_all(reader.get()).value(),
              MatchesRegex(kAnyStamp + std::string{"INFO cleared away\n"} + kAnyStamp + "INFO reopening log file\n"));
}

TEST_F(ActivityLogTest, ClearingTellsWhetherThereWasAFile) {
  EXPECT_EQ(log_.clear().error().code, ENOENT);  // not open yet
  log_.set_echo(sinks_.open("/dev/stdout", 0, 0).value());
  ASSERT_TRUE(log_.open(sinks_, folder_ / "log", 0, 0));
  ASSERT_TRUE(log_.clear());
  EXPECT_THAT(content(folder_ / "stdout"), MatchesRegex(kAnyStamp + std::string{"INFO reopening log file\n"} +
                                                        kAnyStamp + "INFO reopening log file\n"));
  ASSERT_EQ(::unlink((folder_ / "log").c_str()), 0);
  EXPECT_EQ(log_.clear().error().code, ENOENT);
  log_.line(LogLevel::Info, "into a new one");
  EXPECT_THAT(content(folder_ / "log"), HasSubstr("into a new one"));
}

TEST_F(ActivityLogTest, SaysWhyItCannotOpen) {
  const auto opened = log_.open(sinks_, folder_ / "none/log", 0, 0);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("none/log: No such file or directory"));
}

TEST_F(ActivityLogTest, ResumesWithoutItsFile) {
  log_.set_echo(sinks_.open("/dev/stdout", 0, 0).value());
  log_.resume(sinks_, folder_ / "none/log", 0, 0);
  log_.line(LogLevel::Info, "not in the file");
  EXPECT_THAT(content(folder_ / "stdout"), HasSubstr("INFO not in the file\n"));
  std::filesystem::create_directory(folder_ / "none");
  now_ += kOpenAgainAfter;
  log_.line(LogLevel::Info, "kept");
  EXPECT_THAT(content(folder_ / "none/log"), HasSubstr("INFO kept\n"));
}

TEST_F(ActivityLogTest, TellsWhichFileItsLinesGoTo) {
  std::vector<std::string> told;
  ASSERT_TRUE(log_.open(sinks_, folder_ / "log", 60, 1));
  log_.on_file([&](int fd) { told.push_back(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd))); });
  log_.line(LogLevel::Info, "one");
  EXPECT_THAT(told, testing::ElementsAre(folder_ / "log"));
  log_.line(LogLevel::Info, "two, which rotates");
  ASSERT_EQ(::access((folder_ / "log.1").c_str(), F_OK), 0);
  EXPECT_THAT(told, testing::ElementsAre(folder_ / "log", folder_ / "log"));
}

TEST_F(ActivityLogTest, TroubleOfItsOwnFileIsALineOnceThatIsPossible) {
  ASSERT_TRUE(log_.open(sinks_, folder_ / "log", 0, 0));
  log_.set_echo(sinks_.open("/dev/stdout", 0, 0).value());
  ASSERT_EQ(::unlink((folder_ / "log").c_str()), 0);
  ASSERT_EQ(::symlink("none/log", (folder_ / "log").c_str()), 0);
  log_.reopen();
  log_.line(LogLevel::Info, "lost in the file");
  EXPECT_THAT(content(folder_ / "stdout"), HasSubstr("ERRO log file " + (folder_ / "log") + ": No such file"));
  ASSERT_EQ(::unlink((folder_ / "log").c_str()), 0);
  now_ += kOpenAgainAfter;
  log_.line(LogLevel::Info, "kept");
  EXPECT_THAT(content(folder_ / "log"), MatchesRegex(kAnyStamp + std::string{"INFO kept\n"} + kAnyStamp +
                                                     "WARN log file .* is written again, [0-9]+ bytes were dropped\n"));
}

// --- syslog
// -----------------------------------------------------------------------------------------------------------

TEST(Syslog, FormatsAsTheCLibraryDoes) {
  const TimeZone zone{"UTC"};
  EXPECT_EQ(syslog_message("supervisord", WallTime{1'701'428'645s}, "text"), "<14>Dec  1 11:04:05 supervisord: text");
}

TEST(Syslog, SendsOneMessageALine) {
  const TemporaryFolder folder;
  const SyslogDaemon daemon{folder / "log"};
  Syslog syslog{"supervisord", {}, folder / "log"};
  syslog.send_lines("web ", "one\n\nthree\n");
  EXPECT_THAT(daemon.next(), MatchesRegex("<14>.* supervisord: web one"));
  EXPECT_THAT(daemon.next(), MatchesRegex("<14>.* supervisord: web "));
  EXPECT_THAT(daemon.next(), MatchesRegex("<14>.* supervisord: web three"));
  EXPECT_EQ(daemon.next(), "(nothing)");
}

TEST(Syslog, FindsARestartedDaemonAndCountsWhatNobodyTook) {
  const TemporaryFolder folder;
  std::vector<SinkTrouble> troubles;
  Syslog syslog{"supervisord", [&](const SinkTrouble& trouble) { troubles.push_back(trouble); }, folder / "log"};
  syslog.send_lines("", "nobody there");
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].why, "No such file or directory");
  auto daemon = std::make_unique<SyslogDaemon>(folder / "log");
  syslog.send_lines("", "hello");
  EXPECT_THAT(daemon->next(), HasSubstr("hello"));
  EXPECT_EQ(troubles.size(), 2u);
  ASSERT_EQ(::unlink((folder / "log").c_str()), 0);
  daemon = std::make_unique<SyslogDaemon>(folder / "log");
  syslog.send_lines("", "again");
  EXPECT_THAT(daemon->next(), HasSubstr("again"));
}

TEST(Syslog, NeverWaitsForADaemonThatHangs) {
  const TemporaryFolder folder;
  const SyslogDaemon daemon{folder / "log"};
  std::vector<SinkTrouble> troubles;
  Syslog syslog{"supervisord", [&](const SinkTrouble& trouble) { troubles.push_back(trouble); }, folder / "log"};
  for (int i = 0; i < 10'000 && troubles.empty(); ++i) syslog.send_lines("", "nobody reads this");
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].why, "Resource temporarily unavailable");
}

}  // namespace
}  // namespace upkeep::logs
