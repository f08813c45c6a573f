// A supervisor with a group of service directories: real directories and fifos, a fake keeper, a clock that stands
// still. The engine can die before any of its messages to the keeper, and the next one goes on with what is left.
// Included by engine's tests only.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/program_directories.h"
#include "engine/service_group.h"
#include "engine/supervisor.h"
#include "services/service_files.h"
#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {

struct EngineDied {};  // thrown by a test through the engine: nothing after it happens

// How many messages an engine still sends before it dies.
class Mortality {
 public:
  void live_for(std::optional<std::size_t> messages) {
    left_ = messages;
    sent_ = 0;
    is_dead_ = false;
  }
  std::size_t sent() const { return sent_; }
  // One message more; false: a dead engine's, which nobody hears.
  bool passes() {
    if (is_dead_) return false;
    if (left_ && sent_ == *left_) {
      is_dead_ = true;
      throw EngineDied{};
    }
    ++sent_;
    return true;
  }

 private:
  std::optional<std::size_t> left_;
  std::size_t sent_ = 0;
  bool is_dead_ = false;
};

class MortalKeeper : public KeeperPort {
 public:
  MortalKeeper(Mortality& mortality, fakes::FakeKeeper& keeper) : mortality_(mortality), keeper_(keeper) {}
  std::map<std::string, std::vector<Fd>> passed;  // to the last child of each slot

  void spawn(const std::string& slot, std::uint64_t serial, std::string note, const wire::LastWill& will,
             std::string plan, std::vector<Fd> fds) override {
    if (!mortality_.passes()) return;
    keeper_.spawn(slot, serial, std::move(note), will, std::move(plan), {});
    passed[slot] = std::move(fds);
  }
  void signal(const std::string& slot, std::uint64_t serial, int number, bool to_group,
              std::optional<std::string> note) override {
    if (mortality_.passes()) keeper_.signal(slot, serial, number, to_group, std::move(note));
  }
  void note(const std::string& slot, std::string note) override {
    if (mortality_.passes()) keeper_.note(slot, std::move(note));
  }
  void release(const std::string& slot, std::string note) override {
    if (mortality_.passes()) keeper_.release(slot, std::move(note));
  }

 private:
  Mortality& mortality_;
  fakes::FakeKeeper& keeper_;
};

class MortalDeposits : public Deposits {
 public:
  explicit MortalDeposits(Mortality& mortality) : mortality_(mortality) {}
  std::map<std::string, Fd> kept;

  void deposit(const std::string& name, const Fd& fd) override {
    if (mortality_.passes()) kept[name] = fd.duplicate().value();
  }
  void discard(const std::string& name) override {
    if (mortality_.passes()) kept.erase(name);
  }
  Fd take(const std::string& name) override {
    const auto found = kept.find(name);
    return found == kept.end() ? Fd{} : found->second.duplicate().value();
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, fd] : kept) names.push_back(name);
    return names;
  }

 private:
  Mortality& mortality_;
};

class ServicesTest : public testing::Test {
 public:
  ServicesTest() {
    std::filesystem::create_directory(scan());
    config::Group group{config::Group::Kind::Services, "svc", 999, {}};
    group.services.emplace();
    group.services->directory = scan();
    group.services->process.group = "svc";
    group.services->process.out.target.kind = group.services->process.err.target.kind = config::LogTarget::Kind::None;
    groups_.push_back(std::move(group));
  }
  ~ServicesTest() override { EXPECT_THAT(keeper_.refusals, testing::IsEmpty()) << "the engine asked what it must not"; }

  config::ServiceSource& source() { return *groups_.front().services; }
  std::string scan() const { return folder_ / "scan"; }
  std::string path(const std::string& service) const { return scan() + "/" + service; }

  // `files` are relative to the service directory; those named as scripts are executable. With a slash at its end: a
  // directory.
  void make(const std::string& service, const std::vector<std::string>& files = {"run"}) {
    for (const std::string& file : files) {
      const std::filesystem::path whole = path(service) + "/" + file;
      std::filesystem::create_directories(whole.parent_path());
      if (file.ends_with('/')) continue;
      fakes::put(whole, "");
      std::filesystem::permissions(whole, std::filesystem::perms{0755});
    }
  }
  void write(const std::string& service, const std::string& file, const std::string& text) {
    fakes::put(path(service) + "/" + file, text);
  }
  void make_pair(const std::string& service) { make(service, {"run", "log/run"}); }

  // --- engines
  void start() {
    create(std::nullopt);
    engine_->supervisor.autostart();
    pass();
  }
  // The engine is gone, with everything it had. The next one goes on.
  void kill_engine() {
    engine_.reset();
    recover();
  }
  void recover(std::optional<std::size_t> lives = std::nullopt) {
    Snapshot snapshot = keeper_.snapshot();
    snapshot.welcome.engine_starts = 1;  // the keeper is the same
    create(lives);
    strays_ = engine_->supervisor.resume(snapshot, mood_);
    if (mood_ != core::Mood::Running) stop();
    pass();
  }
  void create(std::optional<std::size_t> lives) {
    engine_.reset();
    mortality_.live_for(lives);
    engine_ = std::make_unique<Engine>(*this);
    for (const config::Group& group : groups_) engine_->supervisor.add(borrowed(group), false);
    keeper_.attach(engine_->supervisor);
  }
  // Whether the engine dies before its message number `after` of those that `life` makes it send.
  template <class Life>
  bool dies(std::size_t after, const Life& life) {
    mortality_.live_for(after);
    try {
      life();
    } catch (const EngineDied&) {
      return true;
    }
    return false;
  }
  ServiceGroup& group() { return *engine_->supervisor.find_group("svc")->services; }
  void stop() {
    mood_ = core::Mood::ShuttingDown;
    engine_->supervisor.begin_stop();
    (void)engine_->supervisor.advance_stop();
  }

  // Everything that happens within this time, when no more happens.
  void pass(Duration time = Duration{0}) {
    now_ += time;
    for (int turn = 0; turn < 6; ++turn) {
      engine_->loop.turn(Duration{0});
      keeper_.deliver();
    }
  }
  // What inotify tells of is looked at after a moment.
  void notice() {
    pass();
    pass(std::chrono::seconds{1});
  }

  // --- from outside
  std::string slot(const std::string& service) const {
    struct stat status {};
    const bool is_logger = service.ends_with("/log");
    const std::string directory = is_logger ? service.substr(0, service.size() - 4) : service;
    EXPECT_EQ(::stat(path(directory).c_str(), &status), 0) << directory;
    return fmt::format("svc:{}-{}{}", status.st_dev, status.st_ino, is_logger ? "/log" : "");
  }
  bool is_supervised(const std::string& service) const {
    return static_cast<bool>(Fd{::open((path(service) + "/supervise/ok").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)});
  }
  void put_in_fifo(const std::string& service, const std::string& letters) const {
    const Fd fifo{::open((path(service) + "/supervise/control").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
    ASSERT_TRUE(fifo) << service;
    ASSERT_EQ(::write(fifo.get(), letters.data(), letters.size()), static_cast<ssize_t>(letters.size()));
  }
  void svc(const std::string& service, const std::string& letters) {
    put_in_fifo(service, letters);
    pass();
  }
  wire::StatusRecord record(const std::string& service) const {
    const auto status = wire::decode_status(fakes::content(path(service) + "/supervise/status"));
    EXPECT_TRUE(status) << service;
    return status ? status->service : wire::StatusRecord{};
  }
  // "up u", "up d", "down u", "down", "paused u"...
  std::string svstat(const std::string& service) const {
    const wire::StatusRecord known = record(service);
    const std::string want = known.want == 0 ? "" : fmt::format(" {}", known.want);
    return (known.pid == 0 ? "down" : known.paused ? "paused" : "up") + want;
  }
  SupervisedProcess* find(const std::string& name) { return engine_->supervisor.find("svc", name); }
  std::string state(const std::string& name) {
    const SupervisedProcess* process = find(name);
    return process ? std::string{core::name_of(process->state())} : "none";
  }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const SupervisedProcess* process : engine_->supervisor.all()) names.push_back(process->config().name);
    std::ranges::sort(names);
    return names;
  }
  bool runs(const std::string& service) const { return keeper_.is_alive(slot(service)); }
  int pid(const std::string& service) const { return keeper_.pid(slot(service)); }
  void end_child(const std::string& slot_name, const ExitStatus& status) {
    mortal_keeper_.passed.erase(slot_name);
    keeper_.die(slot_name, status);
  }
  void ends(const std::string& service, int code) {
    end_child(slot(service), {ExitStatus::Kind::Exited, code, false});
    pass();
  }
  void is_killed(const std::string& service, int number = SIGTERM) {
    end_child(slot(service), {ExitStatus::Kind::Signalled, number, false});
    pass();
  }
  std::vector<int> signals(const std::string& service) {
    std::vector<int> numbers;
    for (const auto& signal : keeper_.signals)
      if (signal.slot == slot(service)) numbers.push_back(signal.number);
    return numbers;
  }
  std::string file_of(const std::string& slot_name) { return keeper_.plans.at(slot_name).file; }
  std::vector<std::string> errands() const {  // those that run: "!control"
    std::vector<std::string> found;
    for (const auto& [name, entry] : keeper_.table.slots())
      if (Errands::is_errand(name) && entry.process) found.push_back(name);
    return found;
  }
  std::vector<std::string> deposits() const { return deposits_.names(); }
  std::vector<std::string> slots_known() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : keeper_.table.slots()) names.push_back(name);
    return names;
  }
  std::string log() { return std::exchange(log_sink_->bytes, {}); }

  struct Engine {
    explicit Engine(ServicesTest& test)
        : loop{[&test] { return test.now_; }},
          events{loop, log, test.deposits_, [] { return "supervisor"; }},
          supervisor{Surroundings{test.mortal_keeper_,
                                  test.deposits_,
                                  events,
                                  loop,
                                  log,
                                  sinks,
                                  tee,
                                  syslog,
                                  test.setting_,
                                  test.mood_,
                                  {},
                                  {},
                                  {},
                                  [this, &test] {
                                    if (test.mood_ != core::Mood::Running)
                                      loop.defer([this] { (void)supervisor.advance_stop(); });
                                  }}} {
      log.set_echo(test.log_sink_);
    }
    os::Loop loop;
    logs::ActivityLog log{LogLevel::Info};
    logs::SinkRegistry sinks{std::make_shared<MemorySink>(), std::make_shared<MemorySink>(), {}};
    logs::TeePipe tee = std::move(logs::TeePipe::make().value());
    logs::Syslog syslog;
    EventBus events;
    Supervisor supervisor;
  };

  Instant now_{std::chrono::seconds{1000}};
  fakes::TemporaryFolder folder_;
  Mortality mortality_;
  fakes::FakeKeeper keeper_{[this] { return now_; }};
  MortalKeeper mortal_keeper_{mortality_, keeper_};
  MortalDeposits deposits_{mortality_};
  std::shared_ptr<MemorySink> log_sink_ = std::make_shared<MemorySink>();
  SpawnSetting setting_;
  core::Mood mood_ = core::Mood::Running;
  std::list<config::Group> groups_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> strays_;
};

// Lets the engine die before its Nth message, for every N until it lives through `life`. Each time in a world of its
// own: `prepare` begins it, and `check` sees what the next engine makes of it.
class Story : public ServicesTest {
  void TestBody() override {}
};

template <class Prepare, class Life, class Check>
void for_every_death(const Prepare& prepare, const Life& life, const Check& check) {
  for (std::size_t after = 0;; ++after) {
    SCOPED_TRACE(fmt::format("the engine dies after {} messages", after));
    Story story;
    prepare(story);
    (void)story.log();
    const bool died = story.dies(after, [&] { life(story); });
    story.recover();
    check(story);
    EXPECT_TRUE(died || after > 0) << "nothing was said";
    if (!died || testing::Test::HasFailure()) return;
  }
}

}  // namespace upkeep::engine
