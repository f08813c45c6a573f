// Each test runs in a forked child: descriptors 0, 1 and 2 are the process's own.
#include "keeper/inherited.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "fakes/temporary_folder.h"

namespace upkeep::keeper {
namespace {

using fakes::TemporaryFolder;

// What `body` has to complain about, "" for nothing.
template <class Body>
std::string in_child(Body body) {
  auto pipe = Pipe::make();
  const pid_t pid = ::fork();
  if (pid == 0) {
    const Fd complaints{::fcntl(pipe->write.get(), F_DUPFD_CLOEXEC, 50)};
    const std::string text = body();
    (void)!::write(complaints.get(), text.data(), text.size());
    ::_exit(0);
  }
  pipe->write.reset();
  std::string text(1000, '\0');
  const ssize_t count = ::read(pipe->read.get(), text.data(), text.size());
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_EQ(status, 0);
  return text;
}

bool is_dev_null(int fd) {
  struct stat status {
  }, null{};
  return ::fstat(fd, &status) == 0 && ::stat("/dev/null", &null) == 0 && status.st_rdev == null.st_rdev;
}

TEST(TameInherited, FillsClosedStdioAndHidesTheRest) {
  EXPECT_EQ(in_child([]() -> std::string {
              ::close(0);
              ::close(2);
              const int stray = ::fcntl(1, F_DUPFD, 20);  // inheritable
              tame_inherited();
              if (!is_dev_null(0)) return "0 is not /dev/null";
              if (!is_dev_null(2)) return "2 is not /dev/null";
              if (::fcntl(0, F_GETFD) != 0 || ::fcntl(2, F_GETFD) != 0) return "stdio is close-on-exec";
              if (::fcntl(1, F_GETFD) != 0) return "1 was touched";
              if (::fcntl(stray, F_GETFD) != FD_CLOEXEC) return "a stray descriptor is inheritable";
              return "";
            }),
            "");
}

TEST(StdioDeposits, APipeIsOpenedAgainWithoutBlocking) {
  EXPECT_EQ(in_child([]() -> std::string {
              const auto pipe = Pipe::make();
              ::dup2(pipe->write.get(), 1);
              const DepositMap deposits = stdio_deposits();
              const int fd = deposits.at("stdout").get();
              if (!(::fcntl(fd, F_GETFL) & O_NONBLOCK)) return "the deposit may block";
              if (::fcntl(1, F_GETFL) & O_NONBLOCK) return "the inherited description was changed";
              if (::fcntl(fd, F_GETFD) != FD_CLOEXEC) return "inheritable";
              char byte = 0;
              if (::write(fd, "x", 1) != 1 || ::read(pipe->read.get(), &byte, 1) != 1) return "another pipe";
              return "";
            }),
            "");
}

TEST(StdioDeposits, AFileKeepsItsPosition) {
  const TemporaryFolder folder;
  const std::string path = folder / "log";
  EXPECT_EQ(in_child([&]() -> std::string {
              const Fd file{::open(path.c_str(), O_WRONLY | O_CREAT, 0600)};
              ::dup2(file.get(), 2);
              (void)!::write(2, "before ", 7);
              const DepositMap deposits = stdio_deposits();
              (void)!::write(deposits.at("stderr").get(), "after", 5);
              return "";
            }),
            "");
  EXPECT_EQ(fakes::content(path), "before after");
}

TEST(StdioDeposits, ASocketIsPassedAsItIs) {
  EXPECT_EQ(in_child([]() -> std::string {
              int ends[2];
              ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
              ::dup2(ends[0], 1);
              const DepositMap deposits = stdio_deposits();
              char byte = 0;
              if (::write(deposits.at("stdout").get(), "x", 1) != 1 || ::read(ends[1], &byte, 1) != 1) return "lost";
              return "";
            }),
            "");
}

TEST(StdioDeposits, WhatIsClosedIsNoDeposit) {
  EXPECT_EQ(in_child([]() -> std::string {
              ::close(1);
              const DepositMap deposits = stdio_deposits();
              return deposits.contains("stdout") ? "a closed stdout was deposited" : "";
            }),
            "");
}

}  // namespace
}  // namespace upkeep::keeper
