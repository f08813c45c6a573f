#include "engine/fcgi_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_control.h"
#include "fakes/temporary_folder.h"
#include "os/socket.h"

namespace upkeep::engine {
namespace {

using testing::ElementsAre;

class FcgiSocketTest : public testing::Test {
 protected:
  FcgiSocketTest() { config_.url = "unix://" + path_; }
  FcgiSocket make() {
    return {config_, "app", deposits_, [this](LogLevel, const std::string& text) { log_.push_back(text); }};
  }
  fakes::TemporaryFolder folder_;
  std::string path_ = folder_ / "f.sock";
  config::FcgiSocket config_;
  fakes::FakeDeposits deposits_;
  std::vector<std::string> log_;
};

TEST_F(FcgiSocketTest, IsThereWhileSomebodyUsesIt) {
  FcgiSocket socket = make();
  ASSERT_TRUE(socket.acquire("app:a"));
  ASSERT_TRUE(socket.acquire("app:b"));
  EXPECT_TRUE(os::connect_unix(path_));
  EXPECT_EQ(deposits_.kept.count("fcgi:app"), 1U);
  socket.release("app:a");
  socket.release("app:a");
  EXPECT_TRUE(os::connect_unix(path_));
  socket.release("app:b");
  EXPECT_FALSE(os::connect_unix(path_));
  EXPECT_EQ(deposits_.kept.count("fcgi:app"), 0U);
  EXPECT_THAT(log_, ElementsAre("Creating socket unix://" + path_, "Closing socket unix://" + path_));
}

TEST_F(FcgiSocketTest, IsTriedWhenItsGroupIsAdded) {
  FcgiSocket socket = make();
  ASSERT_TRUE(socket.test());
  EXPECT_THAT(log_, ElementsAre("Creating socket unix://" + path_, "Closing socket unix://" + path_));
  config_.url = "unix://" + (folder_ / "no/f.sock");
  FcgiSocket bad = make();
  EXPECT_EQ(bad.test().error().text,
            "Could not create FastCGI socket " + config_.url + ": [Errno 2] No such file or directory");
}

TEST_F(FcgiSocketTest, OutlivesTheEngine) {
  {
    FcgiSocket socket = make();
    ASSERT_TRUE(socket.acquire("app:a"));
    deposits_.from_before["fcgi:app"] = std::move(deposits_.kept.at("fcgi:app"));
    deposits_.kept.clear();
  }
  const auto waiting = os::connect_unix(path_);
  ASSERT_TRUE(waiting) << "no engine, but the socket";
  log_.clear();
  FcgiSocket socket = make();
  socket.resume("app:a");
  const auto again = socket.acquire("app:b");
  ASSERT_TRUE(again);
  EXPECT_TRUE(os::accept_client(again->get()));
  EXPECT_THAT(log_, testing::IsEmpty());
}

TEST_F(FcgiSocketTest, ListensOnPorts) {
  config_.url = "tcp://127.0.0.1:0";
  FcgiSocket socket = make();
  EXPECT_TRUE(socket.acquire("app:a"));
}

}  // namespace
}  // namespace upkeep::engine
