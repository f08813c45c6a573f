// Routes, headers and redirects, without a socket.
#include "rpc/web_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "fakes/fake_control.h"
#include "fakes/temporary_folder.h"

namespace upkeep::rpc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class WebSiteTest : public testing::Test {
 protected:
  WebSiteTest() {
    engine::ProcessInfo web;
    web.name = web.group = "web";
    control_.infos = {web};
    control_.logfiles[{"web", Stdio::Out}] = log_path_;
  }
  Reply ask(const std::string& method, const std::string& target, Headers headers = {}, const std::string& body = {}) {
    headers.emplace_back("Host", "localhost:9001");
    answer_.reset();
    WebSite{control_}.serve({method, target, 1, std::move(headers), body, true}, target.substr(0, target.find('?')),
                            [this](Answer answer) { answer_ = std::get<Reply>(std::move(answer)); });
    return answer_.value_or(Reply{0, {}, {}});
  }
  Reply get(const std::string& target, Headers headers = {}) { return ask("GET", target, std::move(headers)); }
  static std::string header(const Reply& reply, const std::string& name) {
    for (const auto& [key, value] : reply.headers)
      if (key == name) return value;
    return "none";
  }
  void write_log(const std::string& text) { std::ofstream{log_path_} << text; }

  fakes::TemporaryFolder folder_;
  std::string log_path_ = folder_ / "web.log";
  fakes::FakeControl control_;
  std::optional<Reply> answer_;
};

TEST_F(WebSiteTest, StatusPage) {
  for (const char* target : {"/", "/index.html", "//", "/?action=", "/?processname=web"}) {
    const Reply reply = get(target);
    EXPECT_EQ(reply.status, 200) << target;
    EXPECT_THAT(reply.body, HasSubstr("tail.html?processname=web\"")) << target;
  }
  const Reply reply = ask("POST", "/", {}, "message=hello");
  EXPECT_THAT(reply.body, HasSubstr("<div class=\"status_msg\">hello</div>"));
  EXPECT_EQ(header(reply, "Content-Type"), "text/html;charset=utf-8");
  EXPECT_EQ(header(reply, "Pragma"), "no-cache");
  EXPECT_EQ(header(reply, "Cache-Control"), "no-cache");
  EXPECT_EQ(header(reply, "Expires"), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(header(reply, "Content-Length"), std::to_string(reply.body.size()));
  EXPECT_THAT(header(reply, "Content-Security-Policy"), HasSubstr("frame-ancestors 'self'"));
}

TEST_F(WebSiteTest, AnActionLeadsBackWithAMessage) {
  const Reply reply = get("/index.html?processname=web&action=start");
  EXPECT_EQ(reply.status, 301);
  EXPECT_EQ(header(reply, "Location"), "http://localhost:9001/?message=Process%20web%20started");
  EXPECT_THAT(header(reply, "Cache-Control"), HasSubstr("no-store"));
  EXPECT_EQ(header(reply, "Content-Length"), std::to_string(reply.body.size()));
  EXPECT_EQ(ask("POST", "/", {}, "processname=web&action=stop").status, 301);
  EXPECT_THAT(control_.asked, ElementsAre("start web wait", "stop web wait"));
  EXPECT_EQ(get("/?action=bogus").status, 500);
  EXPECT_EQ(get("/?action=start").status, 500);
}

TEST_F(WebSiteTest, AnActionMayTakeItsTime) {
  control_.holds = true;
  EXPECT_EQ(get("/?processname=web&action=start").status, 0);
  control_.release(0, std::monostate{});
  ASSERT_TRUE(answer_.has_value());
  EXPECT_EQ(header(*answer_, "Location"), "http://localhost:9001/?message=Process%20web%20started");
}

TEST_F(WebSiteTest, ForeignSitesCannotAct) {
  const Reply reply = get("/?action=stopall", {{"Sec-Fetch-Site", "cross-site"}});
  EXPECT_EQ(reply.status, 403);
  EXPECT_THAT(reply.body, HasSubstr("Another web site"));
  EXPECT_THAT(control_.asked, IsEmpty());
  EXPECT_EQ(get("/", {{"Sec-Fetch-Site", "cross-site"}}).status, 200);  // a link to the page is fine
}

TEST_F(WebSiteTest, OtherMethods) {
  EXPECT_EQ(ask("HEAD", "/").status, 404);  // as Supervisor: it is no file
  EXPECT_EQ(ask("PUT", "/").status, 400);
  EXPECT_EQ(ask("POST", "/images/icon.png").status, 400);
  EXPECT_EQ(ask("HEAD", "/?action=stopall").status, 404);
  EXPECT_THAT(control_.asked, IsEmpty());
}

TEST_F(WebSiteTest, OkPage) {
  const Reply reply = get("/ok.html");
  EXPECT_EQ(reply.body, "OK");
  EXPECT_EQ(header(reply, "Content-Type"), "text/plain");
  EXPECT_EQ(get("/ok.html/").status, 404);
}

TEST_F(WebSiteTest, TailOfALog) {
  EXPECT_THAT(get("/tail.html?processname=web").body, HasSubstr("<pre>No file for web</pre>"));
  write_log(std::string(3000, 'a') + std::string(1000, 'b') + "<end>");
  const std::string head(19, 'a');
  for (const char* limit : {"", "&limit=x", "&limit=5", "&limit=-7", "&limit=%2B2005"})
    EXPECT_THAT(get(std::string{"/tail.html?processname=web"} + limit).body,
                HasSubstr("<pre>" + head + std::string(1000, 'b') + "&lt;end&gt;</pre>"))
        << limit;
  EXPECT_THAT(get("/tail.html?processname=web&limit=2005").body, HasSubstr("<pre>" + std::string(1000, 'a') + "b"));
  EXPECT_THAT(get("/tail.html?processname=web&limit=999999999").body, HasSubstr("limit=4194304\""));
  EXPECT_THAT(get("/tail.html?processname=nope").body,
              HasSubstr("<pre>ERROR: unexpected rpc fault [10] BAD_NAME: nope</pre>"));
  EXPECT_THAT(get("/tail.html").body, HasSubstr("<pre>No process name found</pre>"));
}

TEST_F(WebSiteTest, ATailMayBeginInsideACharacter) {
  write_log("x\xe2\x82\xac" + std::string(1022, 'b'));  // the last 1024 bytes begin with the last two of the euro sign
  EXPECT_THAT(get("/tail.html?processname=web").body, HasSubstr("<pre>" + std::string(1022, 'b')));
}

TEST_F(WebSiteTest, WhatIsNoLogFile) {
  control_.logfiles[{"web", Stdio::Out}] = "syslog";
  EXPECT_THAT(get("/tail.html?processname=web").body, HasSubstr("<pre>No file for web</pre>"));
  control_.logfiles[{"web", Stdio::Out}] = "/dev/null";
  EXPECT_THAT(get("/tail.html?processname=web").body, HasSubstr("<pre>ERROR: unexpected rpc fault [30] FAILED</pre>"));
}

TEST_F(WebSiteTest, Files) {
  const std::vector<std::pair<std::string, std::string>> files{{"/stylesheets/supervisor.css", "text/css"},
                                                               {"/images/icon.svg", "image/svg+xml"},
                                                               {"/images/icon.png", "image/png"},
                                                               {"/favicon.ico", "image/png"}};
  for (const auto& [path, type] : files) {
    const Reply reply = get(path);
    EXPECT_EQ(reply.status, 200) << path;
    EXPECT_EQ(header(reply, "Content-Type"), type);
    EXPECT_EQ(header(reply, "Content-Length"), std::to_string(reply.body.size()));
    EXPECT_GT(reply.body.size(), 200u);
    EXPECT_EQ(ask("HEAD", path).status, 200);
  }
  EXPECT_THAT(get("/images/icon.png").body, StartsWith("\x89PNG\r\n\x1a\n"));
  for (const char* path : {"/nope", "/stylesheets", "/images/../images/icon.png", "/status.html"})
    EXPECT_EQ(get(path).status, 404) << path;
}

TEST_F(WebSiteTest, FilesAreSentAgainOnlyWhenTheyChanged) {
  const std::string modified = header(get("/images/icon.png"), "Last-Modified");
  EXPECT_THAT(modified, HasSubstr("GMT"));
  const Reply same = get("/images/icon.png", {{"If-Modified-Since", modified}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(header(same, "Last-Modified"), modified);
  EXPECT_EQ(get("/images/icon.png", {{"If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"}}).status, 200);
}

TEST(RedirectTarget, IsWhereTheClientCameFrom) {
  const auto target = [](Headers headers) {
    return redirect_target({"GET", "/", 1, std::move(headers), {}, true}, "a/b c\r\nX: <\xc3\xbc>");
  };
  const std::string query = "?message=a/b%20c%0D%0AX%3A%20%3C%C3%BC%3E";
  EXPECT_EQ(target({{"Host", "localhost:9001"}}), "http://localhost:9001/" + query);
  EXPECT_EQ(target({{"Host", " web01:80 "}}), "http://web01/" + query);
  EXPECT_EQ(target({{"Host", "[::1]:9001"}}), "http://[::1]:9001/" + query);
  for (const char* odd : {"", "a b", "a\r\nX: y", "a/b", "a\"b", "\xff"})
    EXPECT_EQ(target({{"Host", odd}}), "./" + query);
  EXPECT_EQ(target({}), "./" + query);
  EXPECT_EQ(target({{"Host", "web01"}, {"X-Forwarded-Proto", "https"}}), "./" + query);
}

}  // namespace
}  // namespace upkeep::rpc
