#include "events/event.h"

#include <gtest/gtest.h>

#include "events/payload.h"

namespace upkeep::events {
namespace {

using core::EventType;
using core::State;

TEST(Frame, IsSupervisorsHeaderAndThePayload) {
  const Event event{EventType::ProcessStateExited, 21,
                    process_state_payload({"exitok", "exitok", 30290}, {State::Exited, State::Running, 0, true})};
  EXPECT_EQ(frame(event, {"supervisor", "listener", 10}),
            "ver:3.0 server:supervisor serial:21 pool:listener poolserial:10 eventname:PROCESS_STATE_EXITED len:75\n"
            "processname:exitok groupname:exitok from_state:RUNNING expected:1 pid:30290");
}

TEST(Frame, CountsCharactersNotBytes) {
  const Event event{EventType::RemoteCommunication, 0, remote_communication_payload("t", "grün€")};
  EXPECT_EQ(frame(event, {"s", "p", 0}),
            "ver:3.0 server:s serial:0 pool:p poolserial:0 eventname:REMOTE_COMMUNICATION len:12\ntype:t\ngrün€");
}

TEST(Payload, OfEachState) {
  const auto payload = [](State state, State from, int tries = 0, bool expected = true) {
    return process_state_payload({"p", "g", 7}, {state, from, tries, expected});
  };
  EXPECT_EQ(payload(State::Starting, State::Stopped), "processname:p groupname:g from_state:STOPPED tries:0");
  EXPECT_EQ(payload(State::Running, State::Starting), "processname:p groupname:g from_state:STARTING pid:7");
  EXPECT_EQ(payload(State::Backoff, State::Starting, 2), "processname:p groupname:g from_state:STARTING tries:2");
  EXPECT_EQ(payload(State::Stopping, State::Running), "processname:p groupname:g from_state:RUNNING pid:7");
  EXPECT_EQ(payload(State::Exited, State::Running, 0, false),
            "processname:p groupname:g from_state:RUNNING expected:0 pid:7");
  EXPECT_EQ(payload(State::Stopped, State::Stopping), "processname:p groupname:g from_state:STOPPING pid:7");
  EXPECT_EQ(payload(State::Fatal, State::Backoff), "processname:p groupname:g from_state:BACKOFF");
  EXPECT_EQ(payload(State::Unknown, State::Stopping), "processname:p groupname:g from_state:STOPPING");
}

TEST(Payload, OfTheOthers) {
  EXPECT_EQ(process_communication_payload({"p", "g", 7}, "a\nb"), "processname:p groupname:g pid:7\na\nb");
  EXPECT_EQ(process_log_payload({"p", "g", 7}, Stdio::Err, "x\n"),
            "processname:p groupname:g pid:7 channel:stderr\nx\n");
  EXPECT_EQ(process_log_payload({"p", "g", 7}, Stdio::Out, "ok\xff\n"),
            "processname:p groupname:g pid:7 channel:stdout\nUndecodable: b'ok\\xff\\n'");
  EXPECT_EQ(tick_payload(1'700'000'000), "when:1700000000");
  EXPECT_EQ(process_group_payload("lis"), "groupname:lis\n");
}

TEST(Payload, NamesTheTypeOfEachState) {
  EXPECT_EQ(type_of(State::Starting), EventType::ProcessStateStarting);
  EXPECT_EQ(type_of(State::Unknown), EventType::ProcessStateUnknown);
  EXPECT_EQ(type_of(State::Fatal), EventType::ProcessStateFatal);
}

}  // namespace
}  // namespace upkeep::events
