#include "ctl/format.h"

#include <gtest/gtest.h>

#include "ctl/command_table.h"

namespace upkeep::ctl {
namespace {

ProcessInfo process(std::string group, std::string name, std::string state, std::string description) {
  return {std::move(group), std::move(name), std::move(state), std::move(description), 0, 0};
}

TEST(StatusRows, PadNamesToThirtyThreeAndStatesToTen) {
  const auto rows =
      status_rows({process("cat", "cat", "RUNNING", "pid 8922, uptime 0:00:02"), process("grp", "ga", "STARTING", "")});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], "cat" + std::string(30, ' ') + "RUNNING   pid 8922, uptime 0:00:02");
  EXPECT_EQ(rows[1], "grp:ga" + std::string(27, ' ') + "STARTING  ");
}

TEST(StatusRows, GrowWithTheLongestName) {
  const std::string longest(40, 'x');
  const auto rows =
      status_rows({process("a", "a", "STOPPED", "Not started"), process(longest, longest, "FATAL", "why")});
  EXPECT_EQ(rows[0], "a" + std::string(42, ' ') + "STOPPED   Not started");
  EXPECT_EQ(rows[1], longest + "   FATAL     why");
}

TEST(StatusRows, CountCharactersNotBytes) {
  const auto rows = status_rows({process("caf\u00e9", "caf\u00e9", "RUNNING", "")});
  EXPECT_EQ(rows[0], "caf\u00e9" + std::string(29, ' ') + "RUNNING   ");
}

TEST(AvailRow, IsAsTheOriginalPrintsIt) {
  EXPECT_EQ(avail_row({"grp", "ga", true, true, 500, 999}),
            "grp:ga                           in use    auto      500:999");
  EXPECT_EQ(avail_row({"web", "web", false, false, 999, -1}),
            "web                              avail     manual    999:-1");
}

TEST(ChangeRows, AreSortedByName) {
  const std::vector<std::string> expected{"a: changed", "b: available", "c: disappeared"};
  EXPECT_EQ(change_rows({{"b"}, {"a"}, {"c"}}), expected);
  EXPECT_TRUE(change_rows({}).empty());
}

TEST(ResultLines, NameTheOutcome) {
  EXPECT_EQ(*start_line({"web", "web", fault::kSuccess, "OK"}), "web: started");
  EXPECT_EQ(*start_line({"g", "p", fault::kAlreadyStarted, ""}), "g:p: ERROR (already started)");
  EXPECT_EQ(*start_line({"g", "p", fault::kNotExecutable, ""}), "g:p: ERROR (file is not executable)");
  EXPECT_EQ(*stop_line({"web", "web", fault::kSuccess, "OK"}), "web: stopped");
  EXPECT_EQ(*stop_line({"web", "web", fault::kFailed, "FAILED: why"}), "FAILED: why");
  EXPECT_EQ(*signal_line({"web", "web", fault::kSuccess, "OK"}), "web: signalled");
  EXPECT_EQ(*signal_line({"web", "web", fault::kBadSignal, ""}), "web: ERROR (bad signal name)");
  EXPECT_EQ(*clear_line({"g", "None", fault::kBadName, ""}), "g:None: ERROR (no such process)");
}

TEST(ResultLines, RefuseAnUnknownStatus) {
  const auto line = start_line({"web", "web", 30, ""});
  ASSERT_FALSE(line);
  EXPECT_TRUE(
      error_line(line.error()).starts_with("error: <class 'ValueError'>, Unknown result code 30 for web: file: "));
}

TEST(InColumns, LaysOutTheCommandsAsHelpDoes) {
  std::vector<std::string_view> names;
  for (const Command& command : commands())
    if (command.listed) names.push_back(command.name);
  EXPECT_EQ(in_columns(names),
            "add    exit      open  reload  restart   start   tail   \n"
            "avail  fg        pid   remove  shutdown  status  update \n"
            "clear  maintail  quit  reread  signal    stop    version\n");
}

TEST(InColumns, PutsOneWordALineWhenNothingFits) {
  const std::string wide(60, 'w');
  EXPECT_EQ(in_columns({wide, "b", wide}), wide + "\nb\n" + wide + "\n");
  EXPECT_EQ(in_columns({"one"}), "one\n");
  EXPECT_EQ(in_columns({}), "");
}

TEST(ErrorLine, NamesTheClassesOfPython) {
  EXPECT_TRUE(error_line(Failure::socket(ECONNREFUSED))
                  .starts_with("error: <class 'ConnectionRefusedError'>, [Errno 111] Connection refused: file: "));
  EXPECT_TRUE(error_line(Failure::socket(ENOENT))
                  .starts_with("error: <class 'FileNotFoundError'>, [Errno 2] No such file or directory: file: "));
  EXPECT_TRUE(error_line(Failure::fault(6, "SHUTDOWN_STATE"))
                  .starts_with("error: <class 'xmlrpc.client.Fault'>, <Fault 6: 'SHUTDOWN_STATE'>: file: "));
  EXPECT_TRUE(error_line(Failure::http_status(401, "Unauthorized"))
                  .starts_with("error: <class 'xmlrpc.client.ProtocolError'>, "
                               "<ProtocolError for 127.0.0.1/RPC2: 401 Unauthorized>: file: "));
}

}  // namespace
}  // namespace upkeep::ctl
