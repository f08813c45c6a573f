// The four files by which supervise is known, on a real file system.
#include "services/service_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

#include "unit/services/service_folder.h"

namespace upkeep::services {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ServiceFilesTest : public testing::Test {
 protected:
  ServiceFilesTest() {
    folder_.make("web/");
    directory_ = folder_.open("web");
  }
  Result<ServiceFiles> acquire(const std::string& state = "supervise") const {
    return ServiceFiles::acquire(directory_.get(), "web", state);
  }
  // "unable to ...", and the errno; "" when it works.
  std::pair<std::string, int> trouble() const {
    const auto files = acquire();
    return files ? std::pair{std::string{}, 0} : std::pair{files.error().text, files.error().code};
  }
  bool is_ok() const {
    return static_cast<bool>(Fd{::open((folder_ / "web/supervise/ok").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)});
  }
  static wire::Status up(std::uint32_t pid) { return {{.since = {}, .pid = pid, .paused = false, .want = 'u'}}; }

  ServiceFolder folder_;
  Fd directory_;
};

// --- what is made

TEST_F(ServiceFilesTest, HaveTheModesOfSupervise) {
  const mode_t old = ::umask(0);
  auto files = acquire();
  ASSERT_TRUE(files);
  ASSERT_TRUE(files->write_status(up(1), "web"));
  ASSERT_TRUE(files->announce("web"));
  ::umask(old);
  EXPECT_EQ(folder_.mode("web/supervise"), S_IFDIR | 0700);
  EXPECT_EQ(folder_.mode("web/supervise/lock"), S_IFREG | 0600);
  EXPECT_EQ(folder_.mode("web/supervise/control"), S_IFIFO | 0600);
  EXPECT_EQ(folder_.mode("web/supervise/ok"), S_IFIFO | 0600);
  EXPECT_EQ(folder_.mode("web/supervise/status"), S_IFREG | 0644);
}

TEST_F(ServiceFilesTest, FifosThatExistKeepTheirModes) {
  folder_.make("web/supervise/");
  for (const char* name : {"control", "ok"}) {
    const std::string path = folder_ / "web/supervise/" + name;
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    ASSERT_EQ(::chmod(path.c_str(), 0660), 0);
  }
  auto files = acquire();
  ASSERT_TRUE(files && files->announce("web"));
  EXPECT_EQ(folder_.mode("web/supervise/control"), S_IFIFO | 0660);
  EXPECT_EQ(folder_.mode("web/supervise/ok"), S_IFIFO | 0660);
}

TEST_F(ServiceFilesTest, DescriptorsAreNotInherited) {
  auto files = acquire();
  ASSERT_TRUE(files && files->announce("web"));
  for (const Fd* fd : {&files->lock(), &files->control(), &files->ok()})
    EXPECT_EQ(::fcntl(fd->get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(ServiceFilesTest, OkCanBeOpenedOnceItIsAnnounced) {
  {
    auto files = acquire();
    ASSERT_TRUE(files);
    EXPECT_FALSE(is_ok());
    ASSERT_TRUE(files->announce("web"));
    EXPECT_TRUE(is_ok());
  }
  EXPECT_FALSE(is_ok()) << "nobody supervises any more";
}

TEST_F(ServiceFilesTest, ControlIsNeverAtItsEnd) {
  const auto files = acquire();
  ASSERT_TRUE(files);
  char byte = 0;
  errno = 0;
  EXPECT_EQ(::read(files->control().get(), &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  {
    const Fd writer{::open((folder_ / "web/supervise/control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
    ASSERT_EQ(::write(writer.get(), "d", 1), 1);
  }
  EXPECT_EQ(::read(files->control().get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'd');
  EXPECT_EQ(::read(files->control().get(), &byte, 1), -1);
}

TEST_F(ServiceFilesTest, TheStateMayBeElsewhere) {
  folder_.make("run/");
  const std::string state = folder_ / "run/srv:web";
  auto files = acquire(state);
  ASSERT_TRUE(files && files->announce("web"));
  ASSERT_TRUE(files->write_status(up(7), "web"));
  EXPECT_EQ(files->read_status()->service.pid, 7u);
  EXPECT_EQ(folder_.mode("run/srv:web/status"), S_IFREG | 0644);
  EXPECT_EQ(folder_.mode("web/supervise"), 0u);
}

// Packages let `supervise` point below /run, which is empty after a boot.
TEST_F(ServiceFilesTest, ADanglingLinkIsMadeADirectory) {
  folder_.make("run/");
  folder_.link(folder_ / "run/web", "web/supervise");
  EXPECT_TRUE(acquire());
  EXPECT_EQ(folder_.mode("run/web"), S_IFDIR | 0700);
  EXPECT_EQ(folder_.mode("run/web/lock"), S_IFREG | 0600);
}

TEST_F(ServiceFilesTest, ARelativeLinkCountsFromTheService) {
  folder_.make("run/");
  folder_.link("../run/web", "web/supervise");
  EXPECT_TRUE(acquire());
  EXPECT_EQ(folder_.mode("run/web/control"), S_IFIFO | 0600);
}

// --- the lock

TEST_F(ServiceFilesTest, TheSecondIsRefusedAndChangesNothing) {
  const auto first = acquire();
  ASSERT_TRUE(first);
  std::filesystem::remove(folder_ / "web/supervise/control");
  EXPECT_EQ(trouble(), (std::pair<std::string, int>{"unable to acquire web/supervise/lock", EAGAIN}));
  EXPECT_EQ(folder_.mode("web/supervise/control"), 0u);
}

TEST_F(ServiceFilesTest, TheLockLivesInWhoeverHasADuplicate) {
  auto first = acquire();
  ASSERT_TRUE(first);
  const Fd deposit = first->lock().duplicate().value();
  first = Error{"dead"};
  EXPECT_EQ(trouble().second, EAGAIN);
}

TEST_F(ServiceFilesTest, UnlockingIsForAllWhoHoldIt) {
  const auto first = acquire();
  ASSERT_TRUE(first);
  const Fd deposit = first->lock().duplicate().value();
  first->unlock();
  EXPECT_EQ(trouble().second, 0);
}

TEST_F(ServiceFilesTest, GoesOnWithWhatTheLastEngineHad) {
  auto first = acquire();
  ASSERT_TRUE(first && first->announce("web"));
  ServiceFiles next{directory_.get(), "supervise", first->lock().duplicate().value(),
                    first->control().duplicate().value(), first->ok().duplicate().value()};
  first = Error{"dead"};
  EXPECT_TRUE(is_ok());
  EXPECT_EQ(trouble().second, EAGAIN);
  EXPECT_TRUE(next.write_status(up(3), "web"));
}

// --- what goes wrong

TEST_F(ServiceFilesTest, TellsThatTheDirectoryCannotBeMade) {
  folder_.make("web/supervise", 0644);
  EXPECT_EQ(trouble(), (std::pair<std::string, int>{"unable to acquire web/supervise/lock", ENOTDIR}));
}

TEST_F(ServiceFilesTest, TellsThatTheLinkLeadsNowhere) {
  folder_.link(folder_ / "no/such", "web/supervise");
  EXPECT_EQ(trouble(), (std::pair<std::string, int>{"unable to acquire web/supervise/lock", ENOENT}));
}

TEST_F(ServiceFilesTest, TellsThatTheLockIsADirectory) {
  folder_.make("web/supervise/lock/");
  EXPECT_EQ(trouble(), (std::pair<std::string, int>{"unable to acquire web/supervise/lock", EISDIR}));
}

TEST_F(ServiceFilesTest, TellsThatControlIsADirectory) {
  folder_.make("web/supervise/control/");
  EXPECT_EQ(trouble(), (std::pair<std::string, int>{"unable to write web/supervise/control", EISDIR}));
}

TEST_F(ServiceFilesTest, TellsThatControlIsNoFifo) {
  folder_.make("web/supervise/control", 0600);
  EXPECT_EQ(trouble(), (std::pair<std::string, int>{"unable to read web/supervise/control", ENXIO}));
}

TEST_F(ServiceFilesTest, AFailureGivesTheLockBack) {
  folder_.make("web/supervise/control/");
  EXPECT_NE(trouble().second, 0);
  std::filesystem::remove(folder_ / "web/supervise/control");
  EXPECT_EQ(trouble().second, 0);
}

TEST_F(ServiceFilesTest, TellsThatOkCannotBeOpened) {
  auto files = acquire();
  ASSERT_TRUE(files);
  folder_.link("nowhere/ok", "web/supervise/ok");
  const auto announced = files->announce("web");
  ASSERT_FALSE(announced);
  EXPECT_EQ(announced.error().text, "unable to read web/supervise/ok");
  EXPECT_EQ(announced.error().code, ENOENT);
}

TEST_F(ServiceFilesTest, TellsThatTheStatusCannotBeWritten) {
  auto files = acquire();
  ASSERT_TRUE(files);
  folder_.make("web/supervise/status.new/");
  const auto written = files->write_status(up(1), "web");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().text, "unable to open web/supervise/status.new");
  EXPECT_EQ(written.error().code, EISDIR);
}

TEST_F(ServiceFilesTest, TellsThatTheStatusCannotBeReplaced) {
  auto files = acquire();
  ASSERT_TRUE(files);
  folder_.make("web/supervise/status/");
  const auto written = files->write_status(up(1), "web");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().text, "unable to rename web/supervise/status.new to status");
  EXPECT_EQ(written.error().code, EISDIR);
  EXPECT_EQ(folder_.mode("web/supervise/status") & S_IFMT, S_IFDIR) << "it is left as it was";
}

// --- the status

TEST_F(ServiceFilesTest, TheStatusIsReplacedAsAWhole) {
  auto files = acquire();
  ASSERT_TRUE(files);
  ASSERT_TRUE(files->write_status(up(1), "web"));
  const Fd reader{::open((folder_ / "web/supervise/status").c_str(), O_RDONLY | O_CLOEXEC)};
  ASSERT_TRUE(files->write_status(up(2), "web"));
  EXPECT_EQ(wire::decode_status(os::read_all(reader.get(), 100).value())->service.pid, 1u) << "who reads it, reads on";
  EXPECT_EQ(files->read_status()->service.pid, 2u);
  EXPECT_EQ(folder_.mode("web/supervise/status.new"), 0u);
}

TEST_F(ServiceFilesTest, ALeftoverOfALongerStatusIsCut) {
  auto files = acquire();
  ASSERT_TRUE(files);
  fakes::put(folder_ / "web/supervise/status.new", std::string(100, 'x'));
  ASSERT_TRUE(files->write_status(up(1), "web"));
  EXPECT_EQ(fakes::content(folder_ / "web/supervise/status").size(), wire::kStatusBytes);
}

TEST_F(ServiceFilesTest, ReadsNothingWhereThereIsNone) {
  const auto files = acquire();
  ASSERT_TRUE(files);
  EXPECT_EQ(files->read_status(), std::nullopt);
  for (const std::size_t size : {0u, 17u}) {
    fakes::put(folder_ / "web/supervise/status", std::string(size, '\0'));
    EXPECT_EQ(files->read_status(), std::nullopt) << size;
  }
  fakes::put(folder_ / "web/supervise/status", std::string(18, '\0'));
  EXPECT_TRUE(files->read_status());
}

TEST_F(ServiceFilesTest, AFifoInPlaceOfTheStatusBlocksNobody) {
  const auto files = acquire();
  ASSERT_TRUE(files);
  ASSERT_EQ(::mkfifo((folder_ / "web/supervise/status").c_str(), 0600), 0);
  EXPECT_EQ(files->read_status(), std::nullopt);
}

TEST_F(ServiceFilesTest, WorksOnAfterARename) {
  auto files = acquire();
  ASSERT_TRUE(files);
  std::filesystem::rename(folder_ / "web", folder_ / "other");
  ASSERT_TRUE(files->write_status(up(9), "other"));
  EXPECT_EQ(folder_.mode("other/supervise/status"), S_IFREG | 0644);
}

}  // namespace
}  // namespace upkeep::services
