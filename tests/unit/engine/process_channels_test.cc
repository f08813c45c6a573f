#include "engine/process_channels.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "unit/engine/daemon_fixture.h"

namespace upkeep::engine {
namespace {

using fakes::content;
using testing::ElementsAre;
using testing::IsEmpty;

class ProcessChannelsTest : public DaemonTest {
 protected:
  ProcessChannelsTest() {
    config_process_.name = "web";
    config_process_.group = "web";
    config_process_.out.target = {config::LogTarget::Kind::File, folder_ / "out"};
    config_process_.err.target = {config::LogTarget::Kind::File, folder_ / "err"};
    log_.set_threshold(LogLevel::Info);
  }

  // As after a start: the program's ends of the pipes are out_ and err_.
  void open() { open(channels_); }
  void open(ProcessChannels& channels) {
    ASSERT_TRUE(channels.open_sinks());
    std::vector<LentChannel> lent;
    for (auto* end : {&out_, &err_}) {
      Pipe pipe = Pipe::make().value();
      ASSERT_TRUE(set_nonblocking(pipe.read.get()));
      *end = std::move(pipe.write);
      lent.push_back({end == &out_ ? Stdio::Out : Stdio::Err, std::move(pipe.read), Fd{}, 0});
    }
    channels.open(4711, std::move(lent));
  }
  void say(const Fd& end, std::string_view text) {
    ASSERT_EQ(::write(end.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    for (int turn = 0; turn < 3; ++turn) loop_.turn(Duration{0});
  }

  // A listener that is ready, and what it has read.
  struct Listener {
    Listener(ProcessChannelsTest& test, std::vector<std::string> types)
        : test_(test), pipe_(Pipe::make().value()), input_(test.loop_, test.deposits_, "stdin:pool:l") {
      input_.open(pipe_.write.get());
      test.events_.add_pool("pool", {std::move(types), 10, std::string{config::kDefaultResultHandler}},
                            {{"l", [] { return true; }, &input_}}, true);
      test.events_.hear("pool", "l", "READY\n");
    }
    ~Listener() { test_.events_.remove_pool("pool"); }
    std::string hears() {
      test_.loop_.turn(Duration{0});
      std::array<char, 1000> buffer;
      (void)set_nonblocking(pipe_.read.get());
      const ssize_t got = ::read(pipe_.read.get(), buffer.data(), buffer.size());
      return {buffer.data(), static_cast<std::size_t>(std::max(got, ssize_t{0}))};
    }
    ProcessChannelsTest& test_;
    Pipe pipe_;
    InputQueue input_;
  };

  config::Process config_process_;
  Surroundings around_{keeper_, deposits_, events_, loop_, log_, sinks_, tee_, syslog_, setting_, mood_, {}, {}, {}};
  ProcessChannels channels_{config_process_, around_};
  Fd out_, err_;
};

TEST_F(ProcessChannelsTest, ClearingBeginsBothLogsAnewAndKeepsBackups) {
  fakes::put(folder_ / "out.1", "backup");
  open();
  say(out_, "old");
  say(err_, "old");
  EXPECT_TRUE(channels_.clear());
  EXPECT_EQ(content(folder_ / "out") + content(folder_ / "err"), "");
  say(out_, "new out");
  say(err_, "new err");
  EXPECT_EQ(content(folder_ / "out"), "new out");
  EXPECT_EQ(content(folder_ / "err"), "new err");
  EXPECT_EQ(content(folder_ / "out.1"), "backup");
}

TEST_F(ProcessChannelsTest, ClearingMindsWhatIsThere) {
  open();
  ASSERT_EQ(::unlink((folder_ / "out").c_str()), 0);
  EXPECT_TRUE(channels_.clear());  // a file that is gone is cleared
  say(out_, "anew");
  EXPECT_EQ(content(folder_ / "out"), "anew");
  channels_.finish();
  EXPECT_TRUE(channels_.clear());  // not running: nothing is done
  EXPECT_EQ(content(folder_ / "out"), "anew");
}

TEST_F(ProcessChannelsTest, EscapesAreStrippedIfThatIsSoWhenTheProcessStarts) {
  open();
  setting_.strip_ansi = true;
  say(out_, "\x1b[1mbold\x1b[0m ");
  channels_.finish();
  open();
  setting_.strip_ansi = false;
  say(out_, "\x1b[1mplain\x1b[0m");
  EXPECT_EQ(content(folder_ / "out"), "\x1b[1mbold\x1b[0m plain");
}

TEST_F(ProcessChannelsTest, MarkedTextsAreEvents) {
  Listener listener{*this, {"PROCESS_COMMUNICATION"}};
  config_process_.err.capture_max_bytes = 100;
  open();
  say(err_, "a<!--XSUPERVISOR:BEGIN-->b<!--XSUPERVISOR:END-->c");
  say(out_, "<!--XSUPERVISOR:BEGIN-->");  // not captured here
  EXPECT_EQ(listener.hears(),
            "ver:3.0 server:supervisor serial:0 pool:pool poolserial:0 eventname:PROCESS_COMMUNICATION_STDERR len:40\n"
            "processname:web groupname:web pid:4711\nb");
  EXPECT_EQ(content(folder_ / "err"), "ac");
  EXPECT_EQ(content(folder_ / "out"), "<!--XSUPERVISOR:BEGIN-->");
}

TEST_F(ProcessChannelsTest, OutputIsAnEventWhereThatIsAskedFor) {
  Listener listener{*this, {"PROCESS_LOG"}};
  config_process_.out.events_enabled = true;
  open();
  say(err_, "not this\n");
  say(out_, "but this\n");
  EXPECT_EQ(listener.hears(),
            "ver:3.0 server:supervisor serial:0 pool:pool poolserial:0 eventname:PROCESS_LOG_STDOUT len:63\n"
            "processname:web groupname:web pid:4711 channel:stdout\nbut this\n");
  EXPECT_EQ(content(folder_ / "out"), "but this\n");
}

TEST_F(ProcessChannelsTest, WhatAListenerSaysIsForItsPool) {
  log_.set_threshold(LogLevel::Debug);
  events_.add_pool("web", {{"EVENT"}, 10, ""}, {}, true);
  ProcessChannels listener{config_process_, around_, true};
  open(listener);
  say(out_, "READY\n");
  EXPECT_EQ(content(folder_ / "out"), "READY\n");
  EXPECT_THAT(log(), ElementsAre("DEBG 'web' stdout output:", "b'READY\\n'", "DEBG web: ACKNOWLEDGED -> READY"));
}

TEST_F(ProcessChannelsTest, WhatLooksLikeATokenIsNotLostAtTheEnd) {
  config_process_.out.capture_max_bytes = 100;
  open();
  say(out_, "the end <!--X");
  EXPECT_EQ(content(folder_ / "out"), "the end ");
  channels_.finish();
  EXPECT_EQ(content(folder_ / "out"), "the end <!--X");
}

TEST_F(ProcessChannelsTest, AtLevelDebugTheEndOfAStreamIsTold) {
  log_.set_threshold(LogLevel::Debug);
  open();
  say(out_, "hello\n");
  out_.reset();
  channels_.finish();
  const auto lines = log();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], "DEBG 'web' stdout output:");
  EXPECT_EQ(lines[1], "hello");
  EXPECT_THAT(lines[2], testing::MatchesRegex("DEBG fd [0-9]+ closed, stopped monitoring <POutputDispatcher for "
                                              "<Subprocess with name web> \\(stdout\\)>"));
}

TEST_F(ProcessChannelsTest, AWrongPathIsASpawnErrorInSupervisorsWords) {
  config_process_.err.target.path = folder_.path();
  EXPECT_EQ(channels_.open_sinks().error().text, "unknown error making dispatchers for 'web': EISDIR");
  config_process_.out.target.path = folder_ / "no/log";
  EXPECT_EQ(channels_.open_sinks().error().text, "unknown error making dispatchers for 'web': ENOENT");
  config_process_.out.target.path = "/dev/fd/9";
  EXPECT_EQ(channels_.open_sinks().error().text, "unknown error making dispatchers for 'web': ENOENT");
}

}  // namespace
}  // namespace upkeep::engine
