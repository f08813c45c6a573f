#include "daemontools/variable_text.h"

#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

using Variables = std::vector<Variable>;

TEST(EnvdirValue, IsTheFirstLine) {
  EXPECT_EQ(envdir_value("x"), "x");
  EXPECT_EQ(envdir_value("x\ny\n"), "x");
  EXPECT_EQ(envdir_value("  x \t "), "  x");
  EXPECT_EQ(envdir_value("x\r\n"), "x\r");
  EXPECT_EQ(envdir_value(std::string_view{"a\0b \0", 5}), "a\nb \n");
}

TEST(EnvdirValue, IsEmptyRatherThanRemovedForABlankFile) {
  EXPECT_EQ(envdir_value(""), std::nullopt);
  EXPECT_EQ(envdir_value("\n"), "");
  EXPECT_EQ(envdir_value(" \t"), "");
  EXPECT_EQ(envdir_value(" \t\nx"), "");
}

TEST(EnviniVariables, AreNamesAndValues) {
  EXPECT_EQ(envini_variables("A=1\n B\t= two words \r\nC=\nD=x=y", ""),
            (Variables{{"A", "1"}, {"B", "two words"}, {"C", ""}, {"D", "x=y"}}));
}

TEST(EnviniVariables, AreInSectionsAndHaveAPrefix) {
  EXPECT_EQ(envini_variables("A=1\n[s]\nA=2\n [ t u ] \nA=3\n[]\nA=4\n", "P"),
            (Variables{{"PA", "1"}, {"Ps_A", "2"}, {"P t u _A", "3"}, {"P_A", "4"}}));
  EXPECT_EQ(envini_variables("[s\nx]=1\n[=2\n", ""), (Variables{{"x]", "1"}, {"[", "2"}})) << "no sections";
}

TEST(EnviniVariables, AreNotInCommentsAndOtherLines) {
  EXPECT_EQ(envini_variables(";A=1\n ; B=2\n#C=3\nword\ntwo words=1\n\n \t\n", ""), (Variables{{"#C", "3"}}));
  EXPECT_EQ(envini_variables("=x\n", "P"), (Variables{{"P", "x"}})) << "a name of nothing but the prefix";
}

TEST(EnviniVariables, EndAtANul) {
  EXPECT_EQ(envini_variables(std::string_view{"A\0B=x\0y", 7}, ""), (Variables{{"A", "x"}}));
}

}  // namespace
}  // namespace upkeep::daemontools
