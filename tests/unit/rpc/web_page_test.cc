#include "rpc/web_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace upkeep::rpc {
namespace {

using core::State;
using testing::HasSubstr;
using testing::Not;

engine::ProcessInfo process(const std::string& group, const std::string& name, State state) {
  engine::ProcessInfo info;
  info.group = group;
  info.name = name;
  info.state = state;
  info.description = "about " + name;
  return info;
}

StatusView view_of(std::vector<engine::ProcessInfo> processes, std::string message = {}) {
  return {{4711, "supervisor", "", false}, std::move(processes), std::move(message)};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(StatusPage, HasTheRowsThatProgramsLookFor) {
  const std::string page =
      status_page(view_of({process("cat", "cat", State::Running), process("m", "m_0", State::Fatal)}));
  EXPECT_THAT(page, HasSubstr("<title>Supervisor Status</title>"));
  EXPECT_THAT(page,
              HasSubstr("<tr class=\"\">\n        <td class=\"status\"><span class=\"statusrunning\">running</span>"
                        "</td>\n        <td><span>about cat</span></td>\n        <td><a href=\"tail.html?"
                        "processname=cat\" target=\"_blank\">cat</a></td>\n        <td class=\"action\"><ul>"));
  EXPECT_THAT(page,
              HasSubstr("<tr class=\"shade\">\n        <td class=\"status\"><span class=\"statuserror\">fatal</span>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"tail.html?processname=m%3Am_0\" target=\"_blank\">m:m_0</a>"));
  EXPECT_THAT(page, HasSubstr("<a href=\"index.html?processname=m%3Am_0&amp;action=start\" name=\"Start\""));
  EXPECT_THAT(page, HasSubstr("<a href=\"logtail/m%3Am_0/stderr\" name=\"Tail -f Stderr\" target=\"_blank\""));
  EXPECT_THAT(page, HasSubstr("Processes: 1 of 2 running, 1 in trouble"));
}

TEST(StatusPage, EachStateHasItsActions) {
  struct Expected {
    State state;
    std::string word, style;
    std::vector<std::string> actions;
  };
  for (const auto& [state, word, style, actions] : std::vector<Expected>{
           {State::Running, "running", "statusrunning", {"restart", "stop"}},
           {State::Stopped, "stopped", "statusnominal", {"start"}},
           {State::Exited, "exited", "statusnominal", {"start"}},
           {State::Fatal, "fatal", "statuserror", {"start"}},
           {State::Backoff, "backoff", "statuserror", {}},
           {State::Starting, "starting", "statusnominal", {}},
           {State::Stopping, "stopping", "statusnominal", {}},
           {State::Unknown, "unknown", "statusnominal", {}},
       }) {
    const std::string page = status_page(view_of({process("p", "p", state)}));
    EXPECT_THAT(page, HasSubstr("<span class=\"" + style + "\">" + word + "</span>"));
    for (const std::string verb : {"start", "stop", "restart"})
      EXPECT_EQ(count(page, "processname=p&amp;action=" + verb + "\""),
                std::count(actions.begin(), actions.end(), verb))
          << word << " " << verb;
    EXPECT_EQ(count(page, "processname=p&amp;action=clearlog\""), 1u);
    EXPECT_EQ(count(page, "<a class=\"hidden\" href=\"#\" name=\"#\">Action</a>"), 2 - actions.size()) << word;
    EXPECT_EQ(count(page, "<li><a "), 5u) << word;
  }
}

TEST(StatusPage, AMessageIsShownAndEscaped) {
  EXPECT_THAT(status_page(view_of({}, "<script>")), HasSubstr("<div class=\"status_msg\">&lt;script&gt;</div>"));
  EXPECT_THAT(status_page(view_of({}, "Process a started")), HasSubstr("class=\"message\" role=\"status\""));
  for (const char* text :
       {"ERROR: Process a: spawn error", "unexpected rpc fault [70] NOT_RUNNING: a", "No such process named a"})
    EXPECT_THAT(status_page(view_of({}, text)), HasSubstr("class=\"message failure\" role=\"status\"")) << text;
  EXPECT_THAT(status_page(view_of({})), HasSubstr("<div class=\"hidden\">#</div>"));
  EXPECT_THAT(status_page(view_of({})), Not(HasSubstr("status_msg")));
}

TEST(StatusPage, NamesAndDescriptionsAreEscaped) {
  auto odd = process("<g>", "\"p\" &", State::Stopped);
  odd.description = "<i>\xff";
  const std::string page = status_page(view_of({odd}));
  EXPECT_THAT(page, HasSubstr(">&lt;g&gt;:&quot;p&quot; &amp;</a>"));
  EXPECT_THAT(page, HasSubstr("processname=%3Cg%3E%3A%22p%22%20%26&amp;action=start\""));
  EXPECT_THAT(page, HasSubstr("<span>&lt;i&gt;\xef\xbf\xbd</span>"));
}

TEST(StatusPage, SaysWhatIsSpecial) {
  EXPECT_THAT(status_page(view_of({})), HasSubstr("No programs to manage"));
  EXPECT_THAT(status_page(view_of({})), Not(HasSubstr("<table")));
  StatusView ending = view_of({});
  EXPECT_THAT(status_page(ending), Not(HasSubstr("is shutting down")));
  ending.daemon.shutting_down = true;
  EXPECT_THAT(status_page(ending), HasSubstr("is shutting down"));
}

TEST(TailPage, ShowsTheLog) {
  const std::string page = tail_page({"g:p", "a<b>&\xff\n", 2048});
  EXPECT_THAT(page, HasSubstr("<title>Supervisor tail of process g:p</title>"));
  EXPECT_THAT(page, HasSubstr("<pre>a&lt;b&gt;&amp;\xef\xbf\xbd\n</pre>"));
  EXPECT_THAT(page, HasSubstr("<a class=\"button\" href=\"tail.html?processname=g%3Ap&amp;limit=2048\">Refresh</a>"));
  EXPECT_THAT(page, HasSubstr("<label for=\"limit\">"));
}

TEST(TailPage, WithoutAName) {
  const std::string page = tail_page({"", "No process name found", 1024});
  EXPECT_THAT(page, HasSubstr("<title>Supervisor tail of process None</title>"));
  EXPECT_THAT(page, HasSubstr("<pre>No process name found</pre>"));
  EXPECT_THAT(page, Not(HasSubstr("<form")));
}

TEST(RefusalPage, GivesTheReason) {
  EXPECT_THAT(refusal_page("Because <x>."), HasSubstr("Nothing has been changed. Because &lt;x&gt;."));
}

}  // namespace
}  // namespace upkeep::rpc
