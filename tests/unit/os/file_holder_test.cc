#include "os/file_holder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "fakes/temporary_folder.h"
#include "os/file.h"

namespace upkeep::os {
namespace {

TEST(FileHolder, IsAnotherProcessThatHasItOpen) {
  const fakes::TemporaryFolder folder;
  const auto file = open_file(folder / "lock", O_WRONLY | O_CREAT);
  EXPECT_EQ(file_holder(folder / "lock"), std::nullopt) << "we are nobody else";
  EXPECT_EQ(file_holder(folder / "no"), std::nullopt);
  const pid_t child = ::fork();
  if (child == 0)
    for (;;) ::pause();
  EXPECT_EQ(file_holder(folder / "lock"), child);
  ::kill(child, SIGKILL);
  (void)::waitpid(child, nullptr, 0);
  EXPECT_EQ(file_holder(folder / "lock"), std::nullopt);
}

}  // namespace
}  // namespace upkeep::os
