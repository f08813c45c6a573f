#include "ctl/status_json.h"

#include <gtest/gtest.h>

namespace upkeep::ctl {
namespace {

TEST(StatusJson, TellsAllThereIsOfAProcess) {
  ProcessInfo web{"sites", "web", "RUNNING", "pid 7, uptime 0:00:05", 20, 7};
  web.start = 1000;
  web.stop = 990;
  web.now = 1005;
  web.exit_status = -1;
  web.out_log = "/var/log/web";
  EXPECT_EQ(status_document({"unix:///s", std::nullopt, {web}, {}}), R"({
  "version": 1,
  "server": "unix:///s",
  "error": null,
  "processes": [
    {
      "name": "sites:web",
      "group": "sites",
      "process": "web",
      "state": "RUNNING",
      "state_code": 20,
      "description": "pid 7, uptime 0:00:05",
      "pid": 7,
      "uptime_s": 5,
      "started_at": 1000,
      "stopped_at": 990,
      "exit_status": -1,
      "spawn_error": null,
      "stdout_logfile": "/var/log/web",
      "stderr_logfile": null
    }
  ],
  "unknown": [],
  "alarm": null
})");
}

TEST(StatusJson, HasNullWhereThereIsNothing) {
  const std::string text = status_document({"u", std::nullopt, {{"a", "a", "STOPPED", "Not started", 0, 0}}, {}});
  for (const char* name : {"pid", "uptime_s", "started_at", "stopped_at", "exit_status", "stdout_logfile"})
    EXPECT_NE(text.find("\"" + std::string{name} + "\": null"), std::string::npos) << name << "\n" << text;
}

TEST(StatusJson, KeepsAnExitStatusOfZero) {
  ProcessInfo done{"a", "a", "EXITED", "", 100, 0};
  done.stop = 5;
  EXPECT_NE(status_document({"u", std::nullopt, {done}, {}}).find("\"exit_status\": 0"), std::string::npos);
}

TEST(StatusJson, TellsTheDaemonsAlarm) {
  StatusReport report{"u", std::nullopt, {}, {}};
  report.alarm = "engines kept failing";
  EXPECT_NE(status_document(report).find("\"alarm\": \"engines kept failing\""), std::string::npos);
}

TEST(StatusJson, UptimeIsNeverNegative) {  // the clock went back
  ProcessInfo web{"a", "a", "RUNNING", "", 20, 7};
  web.start = 10;
  web.now = 5;
  EXPECT_NE(status_document({"u", std::nullopt, {web}, {}}).find("\"uptime_s\": 0"), std::string::npos);
}

}  // namespace
}  // namespace upkeep::ctl
