#include "config/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>

#include "fakes/fake_world.h"

namespace upkeep::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <class T>
T good(Result<T> (*convert)(const std::string&, World&), const std::string& text) {
  FakeWorld world;
  auto result = convert(text, world);
  EXPECT_TRUE(result) << text << ": " << result.error().text;
  return result ? *result : T{};
}

template <class T>
std::string bad(Result<T> (*convert)(const std::string&, World&), const std::string& text) {
  FakeWorld world;
  const auto result = convert(text, world);
  return result ? "accepted " + text : result.error().text;
}

TEST(Convert, Boolean) {
  for (const char* text : {"yes", "TRUE", "oN", "1"}) EXPECT_TRUE(good(to_boolean, text));
  for (const char* text : {"no", "False", "OFF", "0"}) EXPECT_FALSE(good(to_boolean, text));
  EXPECT_EQ(bad(to_boolean, ""), "not a valid boolean value: ''");
  EXPECT_EQ(bad(to_boolean, "Maybe"), "not a valid boolean value: 'Maybe'");
}

TEST(Convert, Integers) {
  EXPECT_EQ(good(to_integer, " -1_0"), -10);
  EXPECT_EQ(good(to_integer, "99999999999"), INT_MAX);
  EXPECT_EQ(good(to_integer, "-99999999999"), INT_MIN);
  EXPECT_EQ(good(to_seconds, "3"), Duration{std::chrono::seconds{3}});
  EXPECT_GT(good(to_seconds, "9999999999999999999"), Duration{std::chrono::hours{24 * 365 * 99}}) << "no overflow";
  EXPECT_EQ(bad(to_integer, "x"), "invalid literal for int() with base 10: 'x'");
}

TEST(Convert, ByteSize) {
  EXPECT_EQ(good(to_byte_size, "7"), 7);
  EXPECT_EQ(good(to_byte_size, "2KB"), 2048);
  EXPECT_EQ(good(to_byte_size, "3 mb"), 3 << 20);
  EXPECT_EQ(good(to_byte_size, "-1Gb"), -(std::int64_t{1} << 30));
  EXPECT_EQ(good(to_byte_size, "99999999999GB"), INT64_MAX);
  EXPECT_EQ(bad(to_byte_size, "1.5MB"), "invalid literal for int() with base 10: '1.5'");
  EXPECT_EQ(bad(to_byte_size, "10K"), "invalid literal for int() with base 10: '10k'");
  EXPECT_EQ(bad(to_byte_size, "5B"), "invalid literal for int() with base 10: '5b'");
  EXPECT_EQ(bad(to_byte_size, "KB"), "invalid literal for int() with base 10: ''");
}

TEST(Convert, Octal) {
  for (const char* text : {"022", "22", "0o22"}) EXPECT_EQ(good(to_octal, text), 022u);
  EXPECT_EQ(bad(to_octal, "8"), "8 can not be converted to an octal type");
  EXPECT_EQ(bad(to_octal, ""), " can not be converted to an octal type");
}

TEST(Convert, Level) {
  EXPECT_EQ(good(to_level, "WARN"), LogLevel::Warn);
  EXPECT_EQ(good(to_level, "blather"), LogLevel::Blather);
  EXPECT_EQ(bad(to_level, "warning"), "bad logging level name 'warning'");
}

TEST(Convert, Paths) {
  EXPECT_EQ(good(to_existing_directory, "/tmp"), "/tmp");
  EXPECT_EQ(bad(to_existing_directory, "~/none"), "~/none is not an existing directory");
  EXPECT_EQ(good(to_existing_dirpath, "/tmp/x"), "/tmp/x");
  EXPECT_EQ(good(to_existing_dirpath, "x"), "x") << "stays relative";
  EXPECT_EQ(bad(to_existing_dirpath, "~/x"), "The directory named as part of the path ~/x does not exist");
}

TEST(Convert, Logfile) {
  using Kind = LogTarget::Kind;
  EXPECT_EQ(good(to_logfile, "NONE").target.kind, Kind::None);
  EXPECT_EQ(good(to_logfile, "off").target.kind, Kind::None);
  EXPECT_EQ(good(to_logfile, "Auto").target.kind, Kind::Auto);
  EXPECT_TRUE(good(to_logfile, "SysLog").is_syslog);
  EXPECT_EQ(good(to_logfile, "").target.kind, Kind::None);
  EXPECT_EQ(good(to_logfile, "x.log").target, (LogTarget{Kind::File, "x.log"}));
  EXPECT_EQ(bad(to_logfile, "/no/x"), "The directory named as part of the path /no/x does not exist");
}

TEST(Convert, Signal) {
  EXPECT_EQ(good(to_signal, "term"), SIGTERM);
  EXPECT_EQ(good(to_signal, " SigHup "), SIGHUP);
  EXPECT_EQ(good(to_signal, "9"), SIGKILL);
  EXPECT_EQ(good(to_signal, "0"), 0);
  EXPECT_EQ(good(to_signal, "64"), 64);
  EXPECT_EQ(bad(to_signal, "35"), "value '35' is not a valid signal number");
  EXPECT_EQ(bad(to_signal, "-1"), "value '-1' is not a valid signal number");
  EXPECT_EQ(bad(to_signal, "99999999999999"), "value '99999999999999' is not a valid signal number");
  EXPECT_EQ(bad(to_signal, "foo"), "value 'foo' is not a valid signal name");
  EXPECT_EQ(bad(to_signal, ""), "value '' is not a valid signal name");
  EXPECT_EQ(bad(to_signal, "SIG_IGN"), "value 'SIG_IGN' is not a valid signal name");
}

TEST(Convert, ExitCodes) {
  EXPECT_THAT(good(to_exit_codes, "2, 0"), ElementsAre(2, 0));
  EXPECT_THAT(good(to_exit_codes, ""), IsEmpty());
  for (const char* text : {"0,", "256", "-1", "a"})
    EXPECT_EQ(bad(to_exit_codes, text), std::string{"not a valid list of exit codes: '"} + text + "'");
}

TEST(Convert, Restart) {
  EXPECT_EQ(good(to_restart, "True"), core::Restart::Always);
  EXPECT_EQ(good(to_restart, "0"), core::Restart::Never);
  EXPECT_EQ(good(to_restart, "UNEXPECTED"), core::Restart::Unexpected);
  EXPECT_EQ(bad(to_restart, "Never"), "invalid 'autorestart' value 'never'");
}

TEST(Convert, Identity) {
  const Identity web = good(to_identity, "web");
  EXPECT_EQ(web.uid, 1000u);
  EXPECT_EQ(web.gid, 100u);
  EXPECT_THAT(web.groups, ElementsAre(100, 101));
  EXPECT_EQ(web.name, "web");
  EXPECT_EQ(good(to_identity, "1000").uid, 1000u);
  EXPECT_EQ(bad(to_identity, "nobody"), "Invalid user name nobody");
  EXPECT_EQ(bad(to_identity, ""), "Invalid user name ");
  EXPECT_EQ(bad(to_identity, "77"), "Invalid user id 77");
  EXPECT_EQ(bad(to_identity, "-1"), "Invalid user id -1");
  EXPECT_EQ(bad(to_identity, "4294967295"), "Invalid user id 4294967295") << "which means \"unchanged\" to the system";
}

TEST(Convert, Sockets) {
  EXPECT_EQ(good(to_socket_mode, "770"), 0770u);
  EXPECT_EQ(bad(to_socket_mode, "rwx"), "Invalid chmod value rwx");
  EXPECT_EQ(good(to_socket_owner, "web").user, 1000u);
  EXPECT_FALSE(good(to_socket_owner, "web").group);
  EXPECT_EQ(good(to_socket_owner, "web:www").group, 33u);
  EXPECT_EQ(good(to_socket_owner, "0:7").group, 7u);
  EXPECT_EQ(bad(to_socket_owner, "nobody"), "Invalid sockchown value nobody");
  EXPECT_EQ(bad(to_socket_owner, "web:nope"), "Invalid sockchown value web:nope");
}

TEST(Convert, Lists) {
  EXPECT_THAT(good(to_list, "a, b ,,c"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(good(to_list, ""), IsEmpty());
}

TEST(Convert, Names) {
  EXPECT_EQ(checked_name(" web ").value(), "web");
  EXPECT_EQ(checked_name("").value(), "");
  EXPECT_EQ(checked_name("a\tb").value(), "a\tb");
  EXPECT_EQ(checked_name(" a b").error().text, "Invalid name: ' a b' because of character: ' '");
  EXPECT_EQ(checked_name("a:b").error().text, "Invalid name: 'a:b' because of character: ':'");
  EXPECT_EQ(checked_name("a/b").error().text, "Invalid name: 'a/b' because of character: '/'");
}

}  // namespace
}  // namespace upkeep::config
