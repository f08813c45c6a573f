#include "wire/process_table.h"

#include <gtest/gtest.h>

namespace upkeep::wire {
namespace {

std::string table_of(const std::vector<ProcessRow>& rows) {
  std::string table;
  for (const ProcessRow& row : rows)
    append_process_row(table, row.group, row.name, row.state, row.state_name, row.description);
  return table;
}

TEST(ProcessTable, IsALineAProcess) {
  EXPECT_EQ(table_of({{"web", "w1", 20, "RUNNING", "pid 7, uptime 0:00:01"}, {"b", "b", 0, "STOPPED", ""}}),
            "web\tw1\t20\tRUNNING\tpid 7, uptime 0:00:01\nb\tb\t0\tSTOPPED\t\n");
}

TEST(ProcessTable, ReadsBackWhateverTheFieldsHold) {
  const std::vector<ProcessRow> rows{{"", "", -1, "", ""},
                                     {"a\tb", "c\nd\r", 200, "FATAL", "\\t is no tab\\"},
                                     {"\\", "\t", 20, "\n", "can't find \\\\x\xff\xc3"}};
  const auto read = parse_process_table(table_of(rows));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, rows);
}

TEST(ProcessTable, IgnoresWhatNewerDaemonsTellBesides) {
  const auto read = parse_process_table("g\tn\t20\tRUNNING\td\tmore\tand more\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, (std::vector<ProcessRow>{{"g", "n", 20, "RUNNING", "d"}}));
}

TEST(ProcessTable, AnEmptyOneHasNoRows) { EXPECT_TRUE(parse_process_table("")->empty()); }

TEST(ProcessTable, RefusesWhatIsNone) {
  for (const char* text : {"\n", "g\tn\t20\tRUNNING\n", "g\tn\tx\tRUNNING\td\n", "g\tn\t20\tRUNNING\td"})
    EXPECT_FALSE(parse_process_table(text)) << text;
}

TEST(ProcessTable, ABackslashBeforeAnotherLetterStandsForItself) {
  EXPECT_EQ(parse_process_table("g\tn\t20\tR\t\\x\\\n")->front().description, "\\x\\");
}

}  // namespace
}  // namespace upkeep::wire
