#include "daemontools/supervise_folder.h"

#include <gtest/gtest.h>

namespace upkeep::daemontools {
namespace {

TEST(SuperviseFolder, IsInTheServiceDirectory) {
  EXPECT_EQ(supervise_folder(nullptr, "/srv/x"), "supervise");
  EXPECT_EQ(supervise_folder("state", "/srv/x"), "state");
}

TEST(SuperviseFolder, MayBeInATreeOfItsOwn) {
  EXPECT_EQ(supervise_folder("/run/sv", "/srv/x"), "/run/sv/srv:x");
  EXPECT_EQ(supervise_folder("/run/sv", "/service"), "/run/sv/service");
  EXPECT_EQ(supervise_folder("/run/sv", "/srv/x/log"), "/run/sv/srv:x:log");
  EXPECT_EQ(supervise_folder("/run/sv", "/"), "/run/sv/");
}

}  // namespace
}  // namespace upkeep::daemontools
