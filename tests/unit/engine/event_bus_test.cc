#include "engine/event_bus.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "fakes/fake_control.h"
#include "fakes/temporary_folder.h"

namespace upkeep::engine {
namespace {

using core::EventType;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A listener process without a process: the pipe that is its stdin.
struct FakeListener {
  FakeListener(os::Loop& loop, Deposits& deposits, const std::string& name)
      : input{std::make_unique<InputQueue>(loop, deposits, "stdin:p:" + name)} {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
    reader = Fd{ends[0]};
    writer = Fd{ends[1]};
    input->open(writer.get());
  }
  std::string read() {
    std::array<char, 65536> buffer;
    const ssize_t got = ::read(reader.get(), buffer.data(), buffer.size());
    return got > 0 ? std::string{buffer.data(), static_cast<std::size_t>(got)} : std::string{};
  }
  Fd reader, writer;
  bool running = true;
  std::unique_ptr<InputQueue> input;
};

class EventBusTest : public testing::Test {
 protected:
  EventBusTest() {
    sinks_ = std::make_unique<logs::SinkRegistry>(nullptr, nullptr, [](const logs::SinkTrouble&) {});
    EXPECT_TRUE(log_.open(*sinks_, folder_ / "log", 0, 0));
    begin();
  }
  void begin() {
    bus_ = std::make_unique<EventBus>(
        loop_, log_, deposits_, [] { return "supervisor"; }, [this] { return wall_; });
  }
  void add_pool(std::vector<std::string> types, bool fresh = true, int buffer_size = 10) {
    std::vector<ListenerSeat> seats;
    for (FakeListener* listener : {&a_, &b_})
      seats.push_back({listener == &a_ ? "a" : "b", [listener] { return listener->running; }, listener->input.get()});
    bus_->add_pool("p", {std::move(types), buffer_size, std::string{config::kDefaultResultHandler}}, std::move(seats),
                   fresh);
  }
  void settle() {
    for (int i = 0; i < 3; ++i) loop_.turn(Duration{0});
  }
  // The engine dies; the next one finds journal and queues.
  void next_engine(std::vector<std::string> types, int buffer_size = 10) {
    bus_.reset();
    for (auto& [name, fd] : deposits_.kept) deposits_.from_before[name] = std::move(fd);
    deposits_.kept.clear();
    for (FakeListener* listener : {&a_, &b_}) {
      listener->input = std::make_unique<InputQueue>(loop_, deposits_, listener == &a_ ? "stdin:p:a" : "stdin:p:b");
      listener->input->open(listener->writer.get());
    }
    begin();
    add_pool(std::move(types), false, buffer_size);
  }
  static std::string frame(std::uint64_t serial, std::uint64_t pool_serial, const std::string& payload) {
    return "ver:3.0 server:supervisor serial:" + std::to_string(serial) +
           " pool:p poolserial:" + std::to_string(pool_serial) +
           " eventname:REMOTE_COMMUNICATION len:" + std::to_string(payload.size()) + "\n" + payload;
  }
  void publish(const std::string& payload) { bus_->publish(EventType::RemoteCommunication, payload); }

  fakes::TemporaryFolder folder_;
  Instant now_{};
  os::Loop loop_{[this] { return now_; }};
  fakes::FakeDeposits deposits_;
  std::unique_ptr<logs::SinkRegistry> sinks_;
  logs::ActivityLog log_{LogLevel::Debug};
  WallTime wall_{seconds{1'000'003}};
  FakeListener a_{loop_, deposits_, "a"}, b_{loop_, deposits_, "b"};
  std::unique_ptr<EventBus> bus_;
};

TEST_F(EventBusTest, OffersEventsToTheFirstThatIsReadyAndRunning) {
  add_pool({"REMOTE_COMMUNICATION"});
  publish("one");
  publish("two");
  settle();
  EXPECT_EQ(a_.read(), "");
  bus_->hear("p", "b", "READY\n");
  bus_->hear("p", "a", "READY\n");
  a_.running = false;
  settle();
  EXPECT_EQ(b_.read(), frame(0, 0, "one"));
  a_.running = true;
  bus_->offer();
  settle();
  EXPECT_EQ(a_.read(), frame(1, 1, "two"));
}

TEST_F(EventBusTest, NumbersOnlyWhatSomebodyWants) {
  add_pool({"REMOTE_COMMUNICATION", "EVENT"});
  EXPECT_TRUE(bus_->wants(EventType::Tick5));
  publish("one");
  bus_->remove_pool("p");
  EXPECT_FALSE(bus_->wants(EventType::RemoteCommunication));
  publish("nobody");
  add_pool({"PROCESS_STATE", "REMOTE_COMMUNICATION"});
  publish("two");
  bus_->hear("p", "a", "READY\n");
  settle();
  EXPECT_EQ(a_.read(), frame(1, 0, "two"));
}

TEST_F(EventBusTest, PausesAfterARejection) {
  add_pool({"REMOTE_COMMUNICATION"});
  publish("one");
  bus_->hear("p", "a", "READY\n");
  settle();
  EXPECT_EQ(a_.read(), frame(0, 0, "one"));
  bus_->hear("p", "a", "RESULT 4\nFAILREADY\n");
  settle();
  EXPECT_EQ(a_.read(), "");
  now_ += kRejectionPause;
  settle();
  EXPECT_EQ(a_.read(), frame(0, 0, "one"));
}

TEST_F(EventBusTest, GivesAnEventOfADeadListenerToAnother) {
  add_pool({"REMOTE_COMMUNICATION"});
  publish("one");
  bus_->hear("p", "a", "READY\n");
  bus_->hear("p", "b", "READY\n");
  settle();
  EXPECT_EQ(a_.read(), frame(0, 0, "one"));
  a_.input->close();
  bus_->gone("p", "a");
  settle();
  EXPECT_EQ(b_.read(), frame(0, 0, "one"));
}

TEST_F(EventBusTest, SkipsAListenerThatReadsNoMore) {
  ::signal(SIGPIPE, SIG_IGN);
  add_pool({"REMOTE_COMMUNICATION"});
  bus_->hear("p", "a", "READY\n");
  bus_->hear("p", "b", "READY\n");
  a_.reader.reset();
  publish("one");
  settle();
  EXPECT_EQ(b_.read(), frame(0, 0, "one"));
}

TEST_F(EventBusTest, SurvivesItsEngineAtEveryStep) {
  const std::vector<std::string> types = {"REMOTE_COMMUNICATION"};
  add_pool(types);
  publish("one");
  publish("two");
  next_engine(types);  // events wait
  bus_->resume();
  bus_->hear("p", "a", "READY\n");
  next_engine(types);  // ready, the pipe not emptied
  bus_->hear("p", "a", "READY\n");
  bus_->resume();
  settle();
  EXPECT_EQ(a_.read(), frame(0, 0, "one"));
  next_engine(types);  // sent
  bus_->resume();
  settle();
  EXPECT_EQ(a_.read(), "") << "not again";
  bus_->hear("p", "a", "RESULT 2\nOK");
  bus_->hear("p", "a", "READY\n");
  next_engine(types);  // answered
  bus_->resume();
  settle();
  EXPECT_EQ(a_.read(), frame(1, 1, "two"));
  publish("three");
  next_engine(types);
  b_.input->close();
  a_.input->close();  // both have died while no engine was there
  bus_->resume();
  for (FakeListener* listener : {&a_, &b_}) listener->input->open(listener->writer.get());
  bus_->hear("p", "b", "READY\n");
  settle();
  EXPECT_EQ(b_.read(), frame(1, 1, "two"));
  bus_->hear("p", "b", "RESULT 2\nOKREADY\n");
  settle();
  EXPECT_EQ(b_.read(), frame(2, 2, "three"));
}

TEST_F(EventBusTest, KeepsItsJournalShort) {
  add_pool({"REMOTE_COMMUNICATION"}, true, 2);
  for (int i = 0; i < 300; ++i) publish(std::string(10'000, 'x'));
  struct stat status {};
  ASSERT_EQ(::fstat(deposits_.kept.at("events:p").get(), &status), 0);
  EXPECT_LT(static_cast<std::size_t>(status.st_size), kJournalBytesMax + 100'000);
  next_engine({"REMOTE_COMMUNICATION"}, 2);
  bus_->hear("p", "a", "READY\n");
  bus_->resume();
  settle();
  EXPECT_THAT(a_.read().substr(0, 80), HasSubstr("serial:298 pool:p poolserial:298"));
}

TEST_F(EventBusTest, TicksOnlyForThoseWhoListen) {
  EXPECT_EQ(bus_->next_deadline(), std::nullopt);
  add_pool({"TICK_5"});
  EXPECT_EQ(bus_->next_deadline(), now_ + seconds{2});
  bus_->hear("p", "a", "READY\n");
  settle();
  EXPECT_EQ(a_.read(), "") << "none at the start";
  wall_ += seconds{2};
  now_ += seconds{2};
  settle();
  EXPECT_EQ(a_.read(), "ver:3.0 server:supervisor serial:0 pool:p poolserial:0 eventname:TICK_5 len:12\nwhen:1000005");
  wall_ += seconds{32};  // several periods at once: one event
  now_ += seconds{32};
  bus_->hear("p", "a", "RESULT 2\nOKREADY\n");
  settle();
  EXPECT_THAT(a_.read(), HasSubstr("when:1000035"));
  EXPECT_EQ(bus_->next_deadline(), now_ + seconds{3});
  bus_->remove_pool("p");
  EXPECT_EQ(bus_->next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace upkeep::engine
