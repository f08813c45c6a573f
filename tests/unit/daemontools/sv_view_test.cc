#include "daemontools/sv_view.h"

#include <gtest/gtest.h>

#include "wire/status_record.h"

namespace upkeep::daemontools {
namespace {

constexpr std::uint64_t kNow = 4611686020222222222u;
const Tai64n kAsked{kNow, 500};

wire::StatusRecord record(std::uint32_t pid, char want, std::optional<wire::ServiceState> state = {}) {
  wire::StatusRecord made;
  made.since = {kNow - 7, 0};
  made.pid = pid;
  made.want = want;
  if (state) made.state = static_cast<std::uint8_t>(*state);
  return made;
}

SvView view(const wire::StatusRecord& of) { return sv_views(wire::encode(of))->service; }

// As runsv writes it.
SvView runit(std::uint32_t pid, char want, char kind, bool got_term = false) {
  std::string bytes = wire::encode(record(pid, want));
  bytes.push_back(got_term ? 1 : 0);
  bytes.push_back(kind);
  return sv_views(bytes)->service;
}

std::string line(const SvView& of, bool normally_up = true) { return sv_line(of, "web", normally_up, kNow); }

using wire::ServiceState;

TEST(SvLine, OfRunsv) {
  EXPECT_EQ(line(runit(3, 'u', 1)), "run: web: (pid 3) 7s");
  EXPECT_EQ(line(runit(3, 'd', 1, true), false), "run: web: (pid 3) 7s, normally down, want down, got TERM");
  EXPECT_EQ(line(runit(3, 'u', 2)), "finish: web: (pid 3) 7s");
  EXPECT_EQ(line(runit(0, 'd', 0)), "down: web: 7s, normally up");
  EXPECT_EQ(line(runit(0, 'u', 0), false), "down: web: 7s, want up");
}

TEST(SvLine, OfSupervise) {
  EXPECT_EQ(line(view(record(3, 'u'))), "run: web: (pid 3) 7s");
  EXPECT_EQ(line(view(record(0, 'd')), false), "down: web: 7s");
  auto paused = record(3, 'd');
  paused.paused = true;
  EXPECT_EQ(line(view(paused)), "run: web: (pid 3) 7s, paused, want down");
}

TEST(SvLine, OfEncoresSupervise) {
  EXPECT_EQ(line(view(record(3, 'u', ServiceState::Running))), "run: web: (pid 3) 7s") << "no TERM was sent";
  EXPECT_EQ(line(view(record(3, 'd', ServiceState::Stopped))), "finish: web: (pid 3) 7s, want down")
      << "its stop script";
  EXPECT_EQ(line(view(record(0, 0, ServiceState::Started))), "run: web: 7s") << "a start script and no run";
  EXPECT_EQ(line(view(record(0, 'd', ServiceState::Failed)), false), "down: web: 7s");
}

TEST(SvViews, OfALogScript) {
  const auto views = sv_views(
      wire::encode(wire::Status{record(3, 'u', ServiceState::Running), record(4, 'u', ServiceState::Running)}));
  ASSERT_TRUE(views && views->log);
  EXPECT_EQ(views->log->pid, 4u);
  EXPECT_FALSE(sv_views(std::string(17, 'x')));
}

TEST(SvLetters, SpareRunsvASecondTerm) {
  EXPECT_EQ(letters_for(runit(3, 'u', 1), "x"), "x");
  EXPECT_EQ(letters_for(view(record(3, 'u')), "x"), "dx");
  EXPECT_EQ(letters_for(view(record(3, 'u')), "tcu"), "tcu");
}

TEST(SvLetters, AreUnderWayOnlyWithATermSent) {
  EXPECT_TRUE(is_under_way(view(record(3, 'd')), "d"));
  EXPECT_TRUE(is_under_way(runit(3, 'd', 1, true), "d"));
  EXPECT_FALSE(is_under_way(runit(3, 'd', 1), "d")) << "runsv's once";
  EXPECT_FALSE(is_under_way(view(record(0, 'd')), "d")) << "an `u` may be queued";
  EXPECT_FALSE(is_under_way(view(record(3, 'u')), "u"));
}

TEST(SvOutcome, OfUpAndDown) {
  EXPECT_EQ(outcome(view(record(3, 'u')), 'u', kAsked), Outcome::NeedsCheck);
  EXPECT_EQ(outcome(view(record(0, 'u')), 'u', kAsked), Outcome::Pending);
  EXPECT_EQ(outcome(runit(3, 'u', 2), 'u', kAsked), Outcome::Pending) << "finish is not up";
  EXPECT_EQ(outcome(view(record(3, 'u', ServiceState::Starting)), 'u', kAsked), Outcome::Pending);
  EXPECT_EQ(outcome(view(record(3, 'd')), 'd', kAsked), Outcome::Pending);
  EXPECT_EQ(outcome(view(record(0, 'd')), 'd', kAsked), Outcome::Reached);
  EXPECT_EQ(outcome(view(record(0, 'u')), 'd', kAsked), Outcome::Pending)
      << "between two runs, the command still queued";
}

TEST(SvOutcome, OfARestartIsAYoungerProcess) {
  auto young = record(3, 'u');
  EXPECT_EQ(outcome(view(young), 't', kAsked), Outcome::Pending);
  young.since = {kNow, 499};
  EXPECT_EQ(outcome(view(young), 't', kAsked), Outcome::Pending);
  young.since = {kNow, 500};
  EXPECT_EQ(outcome(view(young), 't', kAsked), Outcome::NeedsCheck);
  young.pid = 0;
  EXPECT_EQ(outcome(view(young), 't', kAsked), Outcome::Pending) << "it is on its way up";
  EXPECT_EQ(outcome(view(record(0, 'd')), 'k', kAsked), Outcome::Reached);
  EXPECT_EQ(outcome(view(record(0, 0)), 'k', kAsked), Outcome::Reached);
}

TEST(SvOutcome, OfOncePauseAndCont) {
  EXPECT_EQ(outcome(view(record(3, 0)), 'o', kAsked), Outcome::Reached);
  EXPECT_EQ(outcome(view(record(3, 'u')), 'o', kAsked), Outcome::Pending);
  EXPECT_EQ(outcome(runit(3, 'd', 1), 'o', kAsked), Outcome::Reached);
  EXPECT_EQ(outcome(view(record(0, 0)), 'o', kAsked), Outcome::Pending);
  auto paused = record(3, 'u');
  EXPECT_EQ(outcome(view(paused), 'p', kAsked), Outcome::Pending);
  EXPECT_EQ(outcome(view(paused), 'c', kAsked), Outcome::Reached);
  paused.paused = true;
  EXPECT_EQ(outcome(view(paused), 'p', kAsked), Outcome::Reached);
  EXPECT_EQ(outcome(view(paused), 'c', kAsked), Outcome::Pending);
}

TEST(SvOutcome, OfSignalsAndExit) {
  EXPECT_EQ(outcome(view(record(3, 'u')), 'h', kAsked), Outcome::Reached);
  EXPECT_EQ(outcome(view(record(3, 'u')), 'x', kAsked), Outcome::Pending);
  EXPECT_EQ(outcome_of_check(view(record(3, 'u'))), Outcome::NeedsCheck);
  EXPECT_EQ(outcome_of_check(view(record(0, 'd'))), Outcome::Reached);
}

}  // namespace
}  // namespace upkeep::daemontools
