// The engine's end of the keeper's socket, over a real one whose other end the test plays.
#include "engine/keeper_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "fakes/scripted_keeper.h"
#include "os/file.h"

namespace upkeep::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const ExitStatus kExitedWith3{ExitStatus::Kind::Exited, 3, false};

wire::Welcome welcome(std::uint32_t keeper_pid) {
  wire::Welcome message;
  message.keeper_pid = keeper_pid;
  return message;
}
wire::Slot slot_with_process(const std::string& note, std::uint64_t serial) {
  wire::Slot message;
  message.slot = "web:web";
  message.note = note;
  message.serial = serial;
  message.pid = 4711;
  message.has_pidfd = true;
  return message;
}
wire::Spawned spawned(bool has_pidfd) {
  wire::Spawned message;
  message.slot = "web:web";
  message.serial = 1;
  message.pid = 4711;
  message.has_pidfd = has_pidfd;
  return message;
}
wire::Exited exited(std::uint64_t serial) {
  wire::Exited message;
  message.slot = "web:web";
  message.serial = serial;
  message.status = kExitedWith3;
  return message;
}

os::FileId id_of(int fd) {
  struct stat status {};
  EXPECT_EQ(::fstat(fd, &status), 0);
  return os::file_id(status);
}
MATCHER_P(IsSameFileAs, fd, "") { return arg && id_of(arg.get()) == id_of(fd); }

class KeeperLinkTest : public testing::Test, public SlotEvents, public DaemonEvents {
 protected:
  // What the keeper says first; `before_synced` adds to it.
  void attach(const std::function<void()>& before_synced = [] {}) {
    keeper_.tell(welcome(kNotOurParent));
    before_synced();
    keeper_.tell(wire::Synced{});
    auto snapshot = link_.attach();
    ASSERT_TRUE(snapshot) << snapshot.error().text;
    snapshot_ = std::move(*snapshot);
    keeper_.hear_a<wire::Hello>();
    ASSERT_TRUE(link_.listen(loop_, *this, *this));
  }
  void turn() { loop_.turn(Duration{0}); }
  void start_process() {
    link_.spawn("web:web", 1, "a note", {}, "a plan", {});
    keeper_.hear_a<wire::Spawn>();
    keeper_.tell(spawned(true), {file_.get()});
    turn();
  }
  std::vector<wire::HandoverItem> handover() {
    return link_.handover([](const std::string&) { return KeeperLink::ChannelFds{}; });
  }

  void on_spawned(wire::Spawned fact, std::vector<LentChannel> channels) override {
    spawned_.push_back(std::move(fact));
    lent_ = std::move(channels);
  }
  void on_spawn_failed(const wire::SpawnFailed& fact) override { spawns_failed_.push_back(fact); }
  void on_exited(const wire::Exited& fact) override { exited_.push_back(fact); }
  void on_signal_failed(const wire::SignalFailed& fact) override { signals_failed_.push_back(fact); }
  void on_signalled(int number, std::uint64_t sequence) override { signalled_.emplace_back(number, sequence); }
  void on_orphan(const wire::Orphan& fact) override { orphans_.push_back(fact.pid); }
  void on_refused(const std::string& why) override { refusals_.push_back(why); }
  void on_keeper_lost() override { keeper_is_lost_ = true; }
  void on_upgrade_refused(wire::UpgradeReport report) override { upgrade_refused_ = std::move(report); }
  void on_leave() override { must_leave_ = true; }

  static constexpr std::uint32_t kNotOurParent = 0;  // so that its end is a keeper's end, not our dismissal

  fakes::ScriptedKeeper keeper_;
  os::Loop loop_;
  KeeperLink link_{keeper_.engine_end()};
  Snapshot snapshot_;
  Fd file_ = os::make_memfd("file", "", os::Sealing::Open).value();
  Fd other_ = os::make_memfd("other", "", os::Sealing::Open).value();
  std::vector<wire::Spawned> spawned_;
  std::vector<LentChannel> lent_;
  std::vector<wire::SpawnFailed> spawns_failed_;
  std::vector<wire::Exited> exited_;
  std::vector<wire::SignalFailed> signals_failed_;
  std::vector<std::pair<int, std::uint64_t>> signalled_;
  std::vector<int> orphans_;
  std::vector<std::string> refusals_;
  bool keeper_is_lost_ = false;
  std::optional<wire::UpgradeReport> upgrade_refused_;
  bool must_leave_ = false;
};

TEST_F(KeeperLinkTest, DepositsThatTheKeeperHadNoDescriptorsForAreSentAgain) {
  attach();
  link_.deposit("groups", file_);
  EXPECT_EQ(keeper_.hear_a<wire::Deposit>().name, "groups");
  keeper_.tell(wire::Refused{2, std::string{wire::kDescriptorsLost}});
  turn();
  EXPECT_EQ(refusals_.size(), 1u);
  ASSERT_TRUE(link_.next_deadline());
  link_.on_time(*link_.next_deadline());
  EXPECT_EQ(keeper_.hear_a<wire::Deposit>().name, "groups");
  EXPECT_FALSE(link_.next_deadline());
}

TEST_F(KeeperLinkTest, AStartThatADeadKeeperNeverAnsweredLeavesNoSlot) {
  attach();
  link_.spawn("web:!notify", 1, "", {}, "a plan", {});
  EXPECT_THAT(handover(), IsEmpty());
}

TEST_F(KeeperLinkTest, AnImageRidesOnTheUpgradeAndItsRefusalIsTold) {
  attach();
  ASSERT_TRUE(link_.upgrade({WallTime{} + std::chrono::seconds{5}, "/usr/bin/upkeep"}, file_));
  EXPECT_EQ(keeper_.hear_a<wire::Upgrade>().path, "/usr/bin/upkeep");
  keeper_.tell(wire::UpgradeRefused{{wire::UpgradeOutcome::Refused, {}, "/usr/bin/upkeep", "1", "2", "no"}});
  keeper_.tell(wire::Leave{});
  turn();
  ASSERT_TRUE(upgrade_refused_);
  EXPECT_EQ(upgrade_refused_->why, "no");
  EXPECT_TRUE(must_leave_);
}

// --- attaching

TEST_F(KeeperLinkTest, AttachTakesWhatTheKeeperKnows) {
  const Fd spool = os::make_memfd("spool", "held", os::Sealing::Open).value();
  attach([&] {
    keeper_.tell(wire::Deposited{"listen"}, {other_.get()});
    wire::Slot web = slot_with_process("a note", 7);
    web.channels = {{Stdio::In, false, 0, 0}, {Stdio::Out, true, 4, 9}};
    keeper_.tell(web, {file_.get(), other_.get(), file_.get(), spool.get()});
    wire::Slot ended;
    ended.slot = "web:ended";
    ended.owed = kExitedWith3;
    keeper_.tell(ended);
  });
  EXPECT_EQ(snapshot_.welcome.keeper_pid, kNotOurParent);
  ASSERT_THAT(snapshot_.slots, SizeIs(2));
  EXPECT_EQ(snapshot_.slots["web:ended"].slot.owed, kExitedWith3);
  const Snapshot::Entry& web = snapshot_.slots["web:web"];
  EXPECT_EQ(web.slot.note, "a note");
  EXPECT_EQ(web.slot.serial, 7u);
  ASSERT_THAT(web.channels, SizeIs(2));
  EXPECT_EQ(web.channels[0].which, Stdio::In);
  EXPECT_THAT(web.channels[0].pipe, IsSameFileAs(other_.get()));
  EXPECT_FALSE(web.channels[0].spool);
  EXPECT_EQ(web.channels[1].which, Stdio::Out);
  EXPECT_THAT(web.channels[1].pipe, IsSameFileAs(file_.get()));
  EXPECT_THAT(web.channels[1].spool, IsSameFileAs(spool.get()));
  EXPECT_EQ(web.channels[1].dropped, 9u);
  EXPECT_THAT(link_.take("listen"), IsSameFileAs(other_.get()));
}

TEST_F(KeeperLinkTest, AttachNeedsAKeeperThatAnswers) {
  keeper_.hang_up();
  const auto snapshot = link_.attach();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().text, "the keeper is gone");
}

TEST_F(KeeperLinkTest, AttachTellsWhyItWasRefused) {
  keeper_.tell(wire::Refused{1, "no version in common"});
  const auto snapshot = link_.attach();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().text, "the keeper refused: no version in common");
}

TEST_F(KeeperLinkTest, AttachNoticesAMissingDescriptor) {
  keeper_.tell(wire::Welcome{});
  keeper_.tell(wire::Deposited{"listen"});
  const auto snapshot = link_.attach();
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().text, "a message of the keeper lacks descriptors");
}

// --- starts

TEST_F(KeeperLinkTest, ASpawnCarriesNoteWillAndPlan) {
  attach();
  std::vector<Fd> passed;
  passed.push_back(file_.duplicate().value());
  link_.spawn("web:web", 3, "a note", {SIGINT, true, 500, true}, "a plan", std::move(passed));
  std::vector<Fd> fds;
  const auto spawn = keeper_.hear_a<wire::Spawn>(&fds);
  EXPECT_EQ(spawn.slot, "web:web");
  EXPECT_EQ(spawn.serial, 3u);
  EXPECT_EQ(spawn.note, "a note");
  EXPECT_EQ(spawn.will.signal, SIGINT);
  EXPECT_TRUE(spawn.will.to_group);
  EXPECT_EQ(spawn.will.grace_ms, 500u);
  EXPECT_TRUE(spawn.will.kill_group);
  EXPECT_EQ(spawn.plan, "a plan");
  EXPECT_THAT(fds, ElementsAre(IsSameFileAs(file_.get())));
}

TEST_F(KeeperLinkTest, ALargePlanRidesInAFileBehindTheOtherDescriptors) {
  attach();
  const std::string plan(wire::kInlinePlanBytesMax + 1, 'p');
  std::vector<Fd> passed;
  passed.push_back(file_.duplicate().value());
  link_.spawn("web:web", 1, "", {}, plan, std::move(passed));
  std::vector<Fd> fds;
  EXPECT_EQ(keeper_.hear_a<wire::Spawn>(&fds).plan, "");
  ASSERT_THAT(fds, SizeIs(2));
  EXPECT_THAT(fds[0], IsSameFileAs(file_.get()));
  EXPECT_EQ(os::read_all(fds[1].get()).value(), plan);
}

TEST_F(KeeperLinkTest, ASpawnedProcessBringsItsChannels) {
  attach();
  link_.spawn("web:web", 1, "", {}, "a plan", {});
  wire::Spawned fact = spawned(true);
  fact.channels = {{Stdio::Out, false, 0, 0}, {Stdio::Err, false, 0, 0}};
  keeper_.tell(fact, {file_.get(), other_.get(), file_.get()});
  turn();
  ASSERT_THAT(spawned_, SizeIs(1));
  EXPECT_EQ(spawned_[0].pid, 4711);
  ASSERT_THAT(lent_, SizeIs(2));
  EXPECT_EQ(lent_[0].which, Stdio::Out);
  EXPECT_THAT(lent_[0].pipe, IsSameFileAs(other_.get()));
  EXPECT_EQ(lent_[1].which, Stdio::Err);
  EXPECT_THAT(lent_[1].pipe, IsSameFileAs(file_.get()));
}

TEST_F(KeeperLinkTest, ARefusedSpawnIsAFailedStart) {
  attach();
  link_.spawn("web:one", 1, "", {}, "a plan", {});
  link_.spawn("web:two", 5, "", {}, "a plan", {});
  std::uint64_t sequence = 0;
  keeper_.hear_a<wire::Spawn>();
  keeper_.hear_a<wire::Spawn>(nullptr, &sequence);
  keeper_.tell(wire::Refused{sequence, "the slot is taken"});
  turn();
  EXPECT_THAT(refusals_, ElementsAre("the slot is taken"));
  ASSERT_THAT(spawns_failed_, SizeIs(1));
  EXPECT_EQ(spawns_failed_[0].slot, "web:two");
  EXPECT_EQ(spawns_failed_[0].serial, 5u);
  EXPECT_EQ(spawns_failed_[0].error, EINVAL);
}

TEST_F(KeeperLinkTest, ASpawnTooLongForTheSocketIsAFailedStart) {
  attach();
  link_.spawn("web:web", 1, std::string(8 << 20, 'n'), {}, "a plan", {});
  EXPECT_THAT(spawns_failed_, IsEmpty()) << "never while the request is being made";
  turn();
  ASSERT_THAT(spawns_failed_, SizeIs(1));
  EXPECT_EQ(spawns_failed_[0].slot, "web:web");
  EXPECT_THAT(refusals_, SizeIs(1));
}

TEST_F(KeeperLinkTest, AnyOtherRefusalIsOnlyTold) {
  attach();
  link_.spawn("web:web", 1, "", {}, "a plan", {});
  link_.note("web:web", "a note");
  keeper_.hear_a<wire::Spawn>();
  std::uint64_t sequence = 0;
  keeper_.hear_a<wire::Note>(nullptr, &sequence);
  keeper_.tell(wire::Refused{sequence, "the note is too long"});
  turn();
  EXPECT_THAT(refusals_, ElementsAre("the note is too long"));
  EXPECT_THAT(spawns_failed_, IsEmpty());
}

TEST_F(KeeperLinkTest, ASpawnThatWasAnsweredCannotFailAnyMore) {
  attach();
  link_.spawn("web:web", 1, "", {}, "a plan", {});
  std::uint64_t sequence = 0;
  keeper_.hear_a<wire::Spawn>(nullptr, &sequence);
  keeper_.tell(spawned(false));
  keeper_.tell(wire::Refused{sequence, "odd"});
  turn();
  EXPECT_THAT(spawned_, SizeIs(1));
  EXPECT_THAT(spawns_failed_, IsEmpty());
}

// --- other facts

TEST_F(KeeperLinkTest, FactsReachWhoeverTheyConcern) {
  attach();
  keeper_.tell(wire::SpawnFailed{"web:web", 1, wire::SpawnStage::Fork, EAGAIN});
  keeper_.tell(exited(2));
  keeper_.tell(wire::SignalFailed{"web:web", 3, SIGTERM, EPERM});
  const std::uint64_t sequence = keeper_.tell(wire::Signalled{SIGHUP});
  keeper_.tell(wire::Orphan{99, kExitedWith3});
  turn();
  ASSERT_THAT(spawns_failed_, SizeIs(1));
  EXPECT_EQ(spawns_failed_[0].error, EAGAIN);
  ASSERT_THAT(exited_, SizeIs(1));
  EXPECT_EQ(exited_[0].status, kExitedWith3);
  ASSERT_THAT(signals_failed_, SizeIs(1));
  EXPECT_EQ(signals_failed_[0].error, EPERM);
  EXPECT_THAT(signalled_, ElementsAre(std::pair{SIGHUP, sequence}));
  EXPECT_THAT(orphans_, ElementsAre(99));

  link_.acknowledge(sequence);
  EXPECT_EQ(keeper_.hear_a<wire::Ack>().sequence, sequence);
}

TEST_F(KeeperLinkTest, RequestsArriveInOrderThoughTheSocketIsFull) {
  attach();
  constexpr int kNotes = 2000;
  for (int i = 0; i < kNotes; ++i) link_.note("web:web", std::to_string(i) + std::string(1000, '.'));
  std::vector<int> numbers;
  for (bool arrived = true; arrived;) {
    arrived = false;
    while (auto heard = keeper_.hear()) {
      arrived = true;
      numbers.push_back(std::stoi(std::get<wire::Note>(heard->message).note));
    }
    turn();  // its room is used
  }
  ASSERT_THAT(numbers, SizeIs(kNotes));
  for (int i = 0; i < kNotes; ++i) EXPECT_EQ(numbers[static_cast<std::size_t>(i)], i);
}

TEST_F(KeeperLinkTest, TellsThatTheKeeperIsLostOnce) {
  attach();
  keeper_.tell(wire::Orphan{99, kExitedWith3});
  keeper_.hang_up();
  turn();
  EXPECT_THAT(orphans_, ElementsAre(99)) << "its last words count";
  EXPECT_TRUE(keeper_is_lost_);
  keeper_is_lost_ = false;
  turn();
  EXPECT_FALSE(keeper_is_lost_);
}

// --- deposits

TEST_F(KeeperLinkTest, ADepositIsADuplicate) {
  attach();
  Fd mine = file_.duplicate().value();
  link_.deposit("listen", mine);
  mine.reset();
  std::vector<Fd> fds;
  EXPECT_EQ(keeper_.hear_a<wire::Deposit>(&fds).name, "listen");
  EXPECT_THAT(fds, ElementsAre(IsSameFileAs(file_.get())));
  EXPECT_THAT(link_.take("listen"), IsSameFileAs(file_.get()));
  EXPECT_THAT(link_.take("listen"), IsSameFileAs(file_.get())) << "taking leaves it there";
  EXPECT_FALSE(link_.take("another"));
}

TEST_F(KeeperLinkTest, ADepositThatWaitsSurvivesItsDiscard) {
  attach();
  for (int i = 0; i < 2000; ++i) link_.note("web:web", std::string(1000, '.'));  // fills the socket
  link_.deposit("listen", file_);
  link_.discard("listen");
  std::vector<std::string> last;
  for (bool arrived = true; arrived;) {
    arrived = false;
    while (auto heard = keeper_.hear()) {
      arrived = true;
      if (std::holds_alternative<wire::Deposit>(heard->message)) {
        last.push_back("deposit");
        EXPECT_THAT(heard->fds, ElementsAre(IsSameFileAs(file_.get())));
      }
      if (std::holds_alternative<wire::Discard>(heard->message)) last.push_back("discard");
    }
    turn();
  }
  EXPECT_THAT(last, ElementsAre("deposit", "discard"));
  EXPECT_FALSE(link_.take("listen"));
}

// --- what the next keeper is handed

TEST_F(KeeperLinkTest, HandsOverDepositsAndProcesses) {
  attach();
  link_.deposit("listen", other_);
  keeper_.hear_a<wire::Deposit>();
  start_process();
  const auto items = link_.handover([&](const std::string& slot) {
    EXPECT_EQ(slot, "web:web");
    return KeeperLink::ChannelFds{{{Stdio::Out, true, 5, 0}, {other_.get(), file_.get()}}};
  });
  ASSERT_THAT(items, SizeIs(2));
  EXPECT_EQ(std::get<wire::Deposited>(items[0].message).name, "listen");
  ASSERT_THAT(items[0].fds, SizeIs(1));
  EXPECT_EQ(id_of(items[0].fds[0]), id_of(other_.get()));
  const auto& slot = std::get<wire::Slot>(items[1].message);
  EXPECT_EQ(slot.slot, "web:web");
  EXPECT_EQ(slot.note, "a note");
  EXPECT_EQ(slot.serial, 1u);
  EXPECT_EQ(slot.pid, 4711);
  EXPECT_TRUE(slot.has_pidfd);
  ASSERT_THAT(slot.channels, SizeIs(1));
  EXPECT_EQ(slot.channels[0].spooled, 5u);
  ASSERT_THAT(items[1].fds, SizeIs(3));  // pidfd, channel, spool
  EXPECT_EQ(id_of(items[1].fds[0]), id_of(file_.get()));
  EXPECT_EQ(items[1].fds[1], other_.get());
  EXPECT_EQ(items[1].fds[2], file_.get());
  EXPECT_TRUE(wire::decode_handover(wire::encode_handover(items))) << "as many descriptors as the messages say";
}

TEST_F(KeeperLinkTest, HandsOverWhatAnEarlierEngineStarted) {
  attach([&] { keeper_.tell(slot_with_process("old", 7), {file_.get()}); });
  link_.note("web:web", "newer");
  link_.signal("web:web", 7, SIGHUP, false, std::nullopt);
  EXPECT_EQ(std::get<wire::Slot>(handover().at(0).message).note, "newer");
  link_.signal("web:web", 7, SIGTERM, false, "new");
  const auto items = handover();
  ASSERT_THAT(items, SizeIs(1));
  const auto& slot = std::get<wire::Slot>(items[0].message);
  EXPECT_EQ(slot.note, "new");
  EXPECT_EQ(slot.serial, 7u);
  EXPECT_EQ(slot.pid, 4711);
  ASSERT_THAT(items[0].fds, SizeIs(1));
  EXPECT_EQ(id_of(items[0].fds[0]), id_of(file_.get()));
}

TEST_F(KeeperLinkTest, HandsOverAnExitUntilItIsReleased) {
  attach();
  start_process();
  keeper_.tell(exited(1));
  turn();
  auto items = handover();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(std::get<wire::Slot>(items[0].message).pid, 0);
  EXPECT_EQ(std::get<wire::Slot>(items[0].message).owed, kExitedWith3);
  EXPECT_THAT(items[0].fds, IsEmpty());

  link_.release("web:web", "it exited");
  EXPECT_EQ(keeper_.hear_a<wire::Release>().note, "it exited");
  items = handover();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(std::get<wire::Slot>(items[0].message).owed, std::nullopt);
  EXPECT_EQ(std::get<wire::Slot>(items[0].message).note, "it exited");

  link_.note("web:web", "");
  EXPECT_THAT(handover(), IsEmpty()) << "nothing is left of it";
}

}  // namespace
}  // namespace upkeep::engine
