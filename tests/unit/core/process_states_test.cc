// Walks every pair of phase and event and compares what happens with docs/process-states.md, so that the page cannot go
// stale and a pair that is ignored is visible in review. UPKEEP_UPDATE_DOCS=1 rewrites the page.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/process.h"
#include "unit/core/describe.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

constexpr const char* kIntroduction = R"(# The states of a process

Written by a unit test (tests/unit/core/process_states_test.cc) from `step()` in src/core/process.cc, which decides every
state that users see. To write it again: `UPKEEP_UPDATE_DOCS=1` in the environment of `core_tests`.

Phases are named by the state they show; where one state has several phases, the name says which. Actions are performed in
the order given. "log" stands for a line of the activity log; several events have none.

Where this differs from the original, and why:

- Failed starts are forgotten when a process is stopped. The original keeps its counter through STOPPED, so that a start
  after a stop in BACKOFF gets fewer tries and longer waits than any other.
- A restart happens in the same step as the exit, a death is seen when it happens, deadlines are kept to the millisecond.
  The original notices each of these at its next loop pass, up to a second later.
- Age counts from the moment the child exists, so that a slow fork does not count as having stayed up.
- SIGKILL is repeated once a second at most. The original repeats it once a loop pass when stopwaitsecs is 0.
- A start that the system has no processes, descriptors or memory for ("shortage") is tried again every 5 seconds and is no
  failed start. The original counts it, so that a process table that is full for a while ends in FATAL.
- A process that could not be signalled (UNKNOWN) is still watched: when it ends, it is EXITED.
)";

// The world around one event. Times are relative to the sample phases below.
struct Condition {
  std::string name;  // empty: the ordinary case
  Policy policy;
  Instant now;
  bool may_start = true;
};

struct Column {
  std::string name;
  Event event;
  std::vector<Condition> conditions;  // the ordinary case first
};

constexpr Instant kBefore{100500ms};  // any deadline of the samples
constexpr Instant kAfter{200s};       // all of them

std::vector<Phase> sample_phases() {
  const ProcessId child{1};
  const Instant start{100s};
  const ExitStatus failure{ExitStatus::Kind::Exited, 1, false};
  return {Stopped{},
          Starting{0, std::nullopt, start, start + 1s},
          Starting{0, child, start, start + 1s},
          Running{child, start},
          Stopping{std::nullopt, start + 10s},
          Stopping{child, start + 10s},
          Backoff{1, start + 2s},
          Exited{failure, std::nullopt},
          Exited{failure, start + 3s},
          Fatal{"why"},
          Unknown{child}};
}

std::vector<Column> columns() {
  const Policy stays{.restart = Restart::Never};
  const Policy restarts{.restart = Restart::Always};
  const Policy no_tries{.restart = Restart::Never, .start_retries = 0};
  const Policy at_once{.start_time = 0s};
  const Policy slow{.restart = Restart::Always, .start_interval = 1000s};
  const Policy expecting{.restart = Restart::Never, .exit_codes = {1}};
  const ExitStatus failure{ExitStatus::Kind::Exited, 1, false};
  return {
      {"StartAsked", StartAsked{}, {{"", stays, kBefore}, {"restart is due", stays, kAfter}}},
      {"StopAsked", StopAsked{}, {{"", stays, kBefore}}},
      {"GiveUpAsked", GiveUpAsked{}, {{"", stays, kBefore}}},
      {"Spawned", Spawned{ProcessId{1}}, {{"", stays, kBefore}, {"startsecs is 0", at_once, kBefore}}},
      {"SpawnFailed", SpawnFailed{"why"}, {{"", stays, kBefore}, {"no tries are left", no_tries, kBefore}}},
      {"SpawnFailed, shortage",
       SpawnFailed{"why", true},
       {{"", stays, kBefore}, {"no tries are left", no_tries, kBefore}}},
      {"Died",
       Died{failure},
       {{"", stays, kBefore},
        {"no tries are left", no_tries, kBefore},
        {"it stayed up", stays, kAfter},
        {"it stayed up, status expected", expecting, kAfter},
        {"it stayed up, restart wanted", restarts, kAfter},
        {"it stayed up, restart wanted, start_interval not over", slow, kAfter},
        {"it stayed up, restart wanted, nothing may start", restarts, kAfter, false}}},
      {"SignalFailed", SignalFailed{"why"}, {{"", stays, kBefore}}},
      {"TimePassed",
       TimePassed{},
       {{"", stays, kBefore},
        {"deadline reached", stays, kAfter},
        {"deadline reached, nothing may start", stays, kAfter, false}}},
  };
}

struct Outcome {
  std::string next;     // "·": ignored; "stays": only the actions happen
  std::string actions;  // "" for none
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const Phase& phase, const Event& event, const Condition& condition) {
  const Step taken = step(phase, condition.policy, event, condition.now, condition.may_start);
  if (taken.next == phase) return {taken.actions.empty() ? "·" : "stays", describe(taken.actions)};
  const std::string next = describe(taken.next);
  // The same words for a phase whose values changed: a child was learned, a deadline moved.
  return {next == describe(phase) ? next + " (again)" : next, describe(taken.actions)};
}

using Row = std::vector<std::string>;

std::size_t width_of(const std::string& text) {  // in characters: "·" has two bytes
  return static_cast<std::size_t>(std::ranges::count_if(text, [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      text += "| " + row[i] + std::string(widths[i] - width_of(row[i]) + 1, ' ');
    text += "|\n";
    if (&row != &rows.front()) continue;
    for (const std::size_t width : widths) text += "|" + std::string(width + 2, '-');
    text += "|\n";
  }
  return text;
}

std::string overview() {
  std::vector<Row> rows{{"Phase"}};
  for (const Column& column : columns()) rows.front().push_back(column.name);
  for (const Phase& phase : sample_phases()) {
    Row row{describe(phase)};
    for (const Column& column : columns()) {
      Row seen;
      for (const Condition& condition : column.conditions) {
        const Outcome outcome = outcome_of(phase, column.event, condition);
        if (outcome.next != "·" && std::ranges::find(seen, outcome.next) == seen.end()) seen.push_back(outcome.next);
      }
      std::string cell;
      for (const std::string& next : seen) cell += (cell.empty() ? "" : " / ") + next;
      row.push_back(cell.empty() ? "·" : cell);
    }
    rows.push_back(row);
  }
  return table(rows);
}

// One row for each condition that matters: not where it changes nothing in the ordinary case or in the condition
// before, which it narrows.
std::string details_of(const Phase& phase) {
  std::vector<Row> rows{{"Event", "If", "Next", "Actions"}};
  for (const Column& column : columns()) {
    const Outcome ordinary = outcome_of(phase, column.event, column.conditions.front());
    if (ordinary.next != "·") rows.push_back({column.name, "", ordinary.next, ordinary.actions});
    for (std::size_t i = 1; i < column.conditions.size(); ++i) {
      const Condition& wider = column.conditions[i - 1];
      const Condition& condition = column.conditions[i];
      const Outcome outcome = outcome_of(phase, column.event, condition);
      const bool narrows = condition.name.starts_with(wider.name);
      if (outcome == ordinary || (narrows && outcome == outcome_of(phase, column.event, wider))) continue;
      rows.push_back({column.name, condition.name, outcome.next, outcome.actions});
    }
  }
  return table(rows);
}

std::string page() {
  std::string text = kIntroduction;
  text +=
      "\n## All pairs\n\n\"·\": ignored. \"stays\": the phase stays, something is logged. Several answers: see "
      "below.\n\n";
  text += overview();
  for (const Phase& phase : sample_phases()) text += "\n## " + describe(phase) + "\n\n" + details_of(phase);
  return text;
}

TEST(ProcessStates, AreDocumented) {
  const std::string path = std::string{UPKEEP_SOURCE_DIR} + "/docs/process-states.md";
  if (std::getenv("UPKEEP_UPDATE_DOCS")) {
    std::ofstream{path} << page();
    return;
  }
  std::ostringstream written;
  written << std::ifstream{path}.rdbuf();
  EXPECT_EQ(written.str(), page())
      << "the machine changed: run core_tests with UPKEEP_UPDATE_DOCS=1 and review the page";
}

}  // namespace
}  // namespace upkeep::core
