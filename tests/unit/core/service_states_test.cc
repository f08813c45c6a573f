// Walks every pair of situation and event of a service and compares what happens with docs/service-states.md, so that
// the page cannot go stale and a pair that is ignored is visible in review. UPKEEP_UPDATE_DOCS=1 rewrites the page.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/service.h"
#include "unit/core/service_scenario.h"

namespace upkeep::core {
namespace {

using namespace std::chrono_literals;

constexpr const char* kIntroduction = R"(# The states of a service directory

Written by a unit test (tests/unit/core/service_states_test.cc) from `step()` in src/core/service.cc, which decides what
becomes of the letters that `svc` writes to supervise/control, and of each exit. To write it again:
`UPKEEP_UPDATE_DOCS=1` in the environment of `core_tests`.

How to read a cell: what is done at once, then what becomes of the wish and what will follow:

- "start X": the script ./X is started. "stop": the stop signal, TERM unless the directory says otherwise. Other signals
  have their names; all go to the process there is, whichever script that is.
- "want": the byte of the status record from now on, where it changes: up, down, or once.
- "then X": what is started when the process there is has ended well; "X is due": what is started when its time has come.
- "leave": supervision ends. "·": nothing happens.

Two starts of `run` are a second apart at least, so a restart is "due" where the last one lived for less than that.
)";

// A service that has come into a situation, its directory holding every script unless said otherwise.
struct Sample {
  std::string name;
  ServiceScenario service;
};

const ServiceScripts kRunOnly{};
const ServiceScripts kAll{.start = true, .stop = true, .finish = true};

std::vector<Sample> with_run_alone() {
  const auto make = [] { return std::move(ServiceScenario{kRunOnly}.at(100s).supervise()); };
  return {{"up", make().at(200s)},
          {"up, paused", make().at(200s).command('p')},
          {"up, once", make().at(200s).command('o')},
          {"up, stopping (`d`)", make().at(200s).command('d')},
          {"up, leaving (`x`)", make().at(200s).command('x')},
          {"restart is due", make().at(100500ms).ended(1)},
          {"down", make().at(200s).command('d').killed_by(15)},
          {"down after once", make().at(200s).command('o').ended(0)},
          {"fork failed", make().fork_failed()}};
}

std::vector<Sample> with_all_scripts() {
  const auto make = [] { return std::move(ServiceScenario{kAll, Dialect::Encore}.at(100s).supervise()); };
  const auto running = [&] { return std::move(make().ended(0).at(200s)); };
  return {{"`start` runs", make()},
          {"`start` runs, want down", make().command('d')},
          {"`run` runs", running()},
          {"`run` runs, want down", running().command('d')},
          {"`run` runs, once", running().command('o')},
          {"`finish` runs", running().ended(0)},
          {"`finish` runs, want down", running().command('d').ended(0)},
          {"`stop` runs", running().command('d').ended(0).ended(0)},
          {"down", running().command('d').ended(0).ended(0).ended(0)},
          {"down from the beginning", ServiceScenario{kAll, Dialect::Encore}.at(100s).supervise(true).at(200s)},
          {"failed", running().ended(100).ended(0)}};
}

std::vector<Sample> without_run() {
  const ServiceScripts no_run{.run = false, .start = true, .stop = true};
  const auto make = [&] { return std::move(ServiceScenario{no_run}.at(100s).supervise()); };
  return {{"`start` runs", make()}, {"started", make().ended(0)}, {"down", make().ended(0).command('d').ended(0)}};
}

std::vector<Sample> with_hooks() {
  ServiceScripts scripts;
  scripts.control = "tdhp";
  const auto make = [&] { return std::move(ServiceScenario{scripts}.at(100s).supervise().at(200s)); };
  return {{"up", make()},
          {"`control/h` runs", make().command('h')},
          {"`control/p` runs", make().command('p')},
          {"`control/t` runs for `t`", make().command('t')},
          {"`control/t` runs for `d`", make().command('d')},
          {"`control/d` runs", make().command('d').hook_ended(1)},
          {"down", make().command('d').hook_ended(1).hook_ended(1).killed_by(15)}};
}

std::string in_words(std::string actions) {
  const std::vector<std::pair<std::string, std::string>> words{
      {"kill 15", "TERM"}, {"kill 18", "CONT"}, {"kill 19", "STOP"}, {"kill 1", "HUP"}, {"kill 9", "KILL"}};
  for (const auto& [number, name] : words) {
    for (std::size_t at; (at = actions.find(number)) != std::string::npos;) actions.replace(at, number.size(), name);
  }
  return actions;
}

std::string want_of(const ServiceScenario& service) {
  switch (service.service().want) {
    case Want::Up: return "up";
    case Want::Down: return "down";
    case Want::Once: break;
  }
  return "once";
}

// What starts next when all that runs, ends well.
std::string successor_of(ServiceScenario service) {
  if (!service.has_process() || service.service().hook != 0) return {};
  return service.ended(0).said();
}

std::string cell(const ServiceScenario& before, const ServiceScenario& after) {
  std::vector<std::string> parts;
  const auto add = [&](std::string text) {
    if (!text.empty()) parts.push_back(std::move(text));
  };
  add(in_words(after.said()));
  if (want_of(after) != want_of(before)) add("want " + want_of(after));
  const Service &was = before.service(), &is = after.service();
  if (is.failed && !was.failed) add("failed");
  if (is.started && !was.started) add("started");
  if (after.has_process() && is.paused != was.paused) add(is.paused ? "paused" : "no longer paused");
  if (is.due && (is.due != was.due || is.due_at != was.due_at)) add(std::string{name_of(*is.due)} + " is due");
  if (!is.due && was.due && !after.has_process()) add(std::string{name_of(*was.due)} + " is not due any more");
  if (before.has_process() && after.has_process() && is.hook == 0 && was.hook == 0 && is.script == was.script &&
      is.run_at == was.run_at) {
    const std::string next = successor_of(after);
    if (next != successor_of(before)) add("then " + (next.empty() ? "nothing" : next));
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text.empty() ? "·" : text;
}

struct Column {
  std::string name;
  char letter;  // of a command; 0: the process ends with `code`; 1: the hook does; 2: time passes
  int code = 0;
};

constexpr char kExit = 0, kHookExit = 1, kTime = 2;

std::string outcome(const ServiceScenario& before, const Column& column) {
  ServiceScenario after = before;
  const bool is_hooked = before.service().hook != 0;
  switch (column.letter) {
    case kExit:
      if (!before.has_process()) return "";
      return cell(before, after.ended(column.code));
    case kHookExit:
      if (!is_hooked) return "";
      return cell(before, after.hook_ended(column.code));
    case kTime: return cell(before, after.at(900s).time_passed());
    default: break;
  }
  return is_hooked ? "waits" : cell(before, after.command(column.letter));
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

std::string table_of(const std::vector<Sample>& samples, const std::vector<Column>& columns) {
  std::vector<Row> rows{{"Situation"}};
  for (const Column& column : columns) rows.front().push_back(column.name);
  for (const Sample& sample : samples) {
    Row row{sample.name};
    for (const Column& column : columns) row.push_back(outcome(sample.service, column));
    rows.push_back(row);
  }
  return table(rows);
}

std::string page() {
  const std::vector<Column> wishes{{"`u`", 'u'}, {"`d`", 'd'}, {"`o`", 'o'}, {"`x`", 'x'}};
  const auto and_also = [](std::vector<Column> columns, const std::vector<Column>& more) {
    columns.insert(columns.end(), more.begin(), more.end());
    return columns;
  };
  std::string text = kIntroduction;
  text += "\n## A directory with `run` alone\n\nAs daemontools 0.76 has it, in both dialects.\n\n";
  text += table_of(with_run_alone(),
                   and_also(wishes, {{"`p`", 'p'}, {"`c`", 'c'}, {"`t`", 't'}, {"exit", kExit}, {"time", kTime}}));
  text +=
      "\n## With `start`, `stop` and `finish`\n\nIn encore's dialect; in the original's, 100 is an exit as any.\n\n";
  text += table_of(with_all_scripts(), and_also(wishes, {{"exit 0", kExit},
                                                         {"exit 1", kExit, 1},
                                                         {"exit 100", kExit, kPermanentFailure},
                                                         {"exit 125", kExit, kFinishedForGood}}));
  text += "\n## With `start` and `stop`, but no `run`\n\n";
  text += table_of(without_run(), and_also(wishes, {{"exit 0", kExit}, {"exit 1", kExit, 1}}));
  text +=
      "\n## With `control/t`, `control/d`, `control/h` and `control/p`\n\n"
      "\"hook C\": control/C is started. \"waits\": no further command is read until it has ended.\n\n";
  text += table_of(with_hooks(), {{"`d`", 'd'},
                                  {"`t`", 't'},
                                  {"`h`", 'h'},
                                  {"`p`", 'p'},
                                  {"hook exits 0", kHookExit},
                                  {"hook exits 1", kHookExit, 1},
                                  {"exit", kExit}});
  return text;
}

TEST(ServiceStates, AreDocumented) {
  const std::string path = std::string{UPKEEP_SOURCE_DIR} + "/docs/service-states.md";
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
