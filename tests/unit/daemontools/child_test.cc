#include "daemontools/child.h"

#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

using Files = std::vector<std::string>;

TEST(Candidates, OfAPathIsThePath) {
  EXPECT_EQ(candidates("./run", "/bin"), Files{"./run"});
  EXPECT_EQ(candidates("a/", nullptr), Files{"a/"});
}

TEST(Candidates, AreTheElementsOfPath) { EXPECT_EQ(candidates("ls", "/bin:b"), (Files{"/bin/ls", "b/ls"})); }

TEST(Candidates, AreHereForEmptyElements) {
  EXPECT_EQ(candidates("ls", ""), Files{"./ls"});
  EXPECT_EQ(candidates("ls", ":/bin:"), (Files{"./ls", "/bin/ls", "./ls"}));
}

TEST(Candidates, HaveADefault) { EXPECT_EQ(candidates("ls", nullptr), (Files{"/bin/ls", "/usr/bin/ls"})); }

}  // namespace
}  // namespace upkeep::daemontools
