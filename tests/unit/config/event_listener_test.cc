#include <gmock/gmock.h>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

using testing::ElementsAre;
using ListenerTest = LoadTest;

const std::string kHead = "[supervisord]\n[eventlistener:e]\ncommand=x\n";

TEST_F(ListenerTest, Pool) {
  const Config config =
      good(kHead +
           "events=tick_60, PROCESS_STATE,TICK_60\nnumprocs=2\nprocess_name=%(group_name)s%(process_num)"
           "d\nbuffer_size=50\nstderr_logfile=NONE\n");
  ASSERT_EQ(config.groups.size(), 1u);
  const Group& pool = config.groups[0];
  EXPECT_EQ(pool.kind, Group::Kind::EventListener);
  EXPECT_EQ(pool.name, "e");
  EXPECT_FALSE(pool.socket);
  EXPECT_EQ(pool.events,
            (EventSubscription{{"PROCESS_STATE", "TICK_60"}, 50, "supervisor.dispatchers:default_handler"}));
  ASSERT_EQ(pool.processes.size(), 2u);
  EXPECT_EQ(pool.processes[1].name, "e1");
  EXPECT_EQ(pool.processes[1].group, "e");
  EXPECT_EQ(pool.processes[1].err.target.kind, LogTarget::Kind::None);
}

TEST_F(ListenerTest, PrioritiesOfPoolAndProcessesHaveTheirOwnDefaults) {
  const Group pool = good(kHead + "events=EVENT\n").groups.at(0);
  EXPECT_EQ(pool.priority, -1);
  EXPECT_EQ(pool.processes.at(0).priority, 999);
  const Group set = good(kHead + "events=EVENT\npriority=7\n").groups.at(0);
  EXPECT_EQ(set.priority, 7);
  EXPECT_EQ(set.processes.at(0).priority, 7);
}

TEST_F(ListenerTest, Errors) {
  const std::string redirected =
      "[eventlistener:e] section sets redirect_stderr=true but this is not allowed because it will interfere with the "
      "eventlistener protocol";
  expect_error(kHead, "[eventlistener:e] section requires an \"events\" line", "/etc/a.conf:2");
  expect_error(kHead + "events=\n", "[eventlistener:e] section requires an \"events\" line", "/etc/a.conf:4");
  expect_error(kHead + "events=TICK_5,tick_6\n", "Unknown event type TICK_6 in [eventlistener:e] events",
               "/etc/a.conf:4");
  expect_error(kHead + "events=TICK_5,\n", "Unknown event type  in [eventlistener:e] events", "/etc/a.conf:4");
  expect_error(kHead + "buffer_size=0\n", "[eventlistener:e] section sets invalid buffer_size (0)", "/etc/a.conf:4");
  expect_error(kHead + "events=EVENT\nredirect_stderr=true\n", redirected, "/etc/a.conf:5");
  expect_error(kHead + "events=%(program_name)s\n",
               "Format string '%(program_name)s' for 'eventlistener:e.events' contains names ('program_name') which "
               "cannot be expanded. Available names: ENV_HOME, ENV_PATH, here",
               "/etc/a.conf:4");
  expect_error("[supervisord]\n[eventlistener:a b]\ncommand=x\nevents=EVENT\n",
               "Invalid name: 'a b' because of character: ' ' in section 'eventlistener:a b' (file: '/etc/a.conf')",
               "/etc/a.conf:2");
}

TEST_F(ListenerTest, ForeignResultHandler) {
  const Config config = good(kHead + "events=EVENT\nresult_handler=my:handler\n");
  EXPECT_THAT(config.notices,
              ElementsAre(Notice{LogLevel::Warn,
                                 "/etc/a.conf:5: my:handler cannot be resolved within [eventlistener:e]: only "
                                 "supervisor.dispatchers:default_handler is built in. Whatever these listeners answer "
                                 "will count as processed"}));
  EXPECT_EQ(config.groups.at(0).events->result_handler, "my:handler") << "as written: a change of it is a change";
}

}  // namespace
}  // namespace upkeep::config
