#include "rpc/web_origin.h"

#include <gtest/gtest.h>

namespace upkeep::rpc {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const SiteNames kOpen{true, {"web01.example.com", "web01"}};
const SiteNames kGuarded{false, {}};  // a unix socket, or with credentials

bool is_refused(Headers headers, const std::string& method = "GET") {
  return why_refused({method, "/?action=stopall", 1, std::move(headers), {}, true}).has_value();
}
bool is_hidden(Headers headers, const SiteNames& site = kOpen) {
  return why_hidden({"GET", "/", 1, std::move(headers), {}, true}, site).has_value();
}
Headers browser(Headers more) {
  more.emplace_back("User-Agent", "Mozilla/5.0");
  more.emplace_back("Accept-Language", "en");
  return more;
}

TEST(WebOrigin, ProgramsMayDoWhatTheyDid) {
  EXPECT_FALSE(is_refused({}));
  EXPECT_FALSE(is_refused({{"Host", "anything.example.org"}, {"User-Agent", "curl/8.0"}}));
  EXPECT_FALSE(is_refused({{"Host", "anything.example.org"}, {"User-Agent", "Mozilla/5.0 WindowsPowerShell/5.1"}}));
  EXPECT_FALSE(is_refused({{"Host", "web01"}, {"Referer", "http://web01/"}}));
  // Node's fetch
  EXPECT_FALSE(is_refused({{"Host", "a.example.org"}, {"Accept-Language", "*"}, {"Sec-Fetch-Mode", "cors"}}));
}

TEST(WebOrigin, BrowsersThatKnowSayIt) {
  for (const char* from : {"same-origin", "none"})
    EXPECT_FALSE(is_refused(browser({{"Host", "localhost:9001"}, {"Sec-Fetch-Site", from}}))) << from;
  for (const char* from : {"cross-site", "same-site", "anything"})
    EXPECT_TRUE(is_refused(browser({{"Host", "localhost:9001"}, {"Sec-Fetch-Site", from}}))) << from;
  // behind a proxy that ends TLS and does not pass the name on
  EXPECT_FALSE(is_refused(
      browser({{"Host", "127.0.0.1:9001"}, {"Origin", "https://s.example.org"}, {"Sec-Fetch-Site", "same-origin"}})));
}

TEST(WebOrigin, OriginAndRefererMustBeOurs) {
  for (const char* name : {"Origin", "Referer"}) {
    const auto refused = [&](const std::string& url, const std::string& host) {
      return is_refused(browser({{"Host", host}, {name, url}}));
    };
    EXPECT_FALSE(refused("http://10.0.0.1:9001", "10.0.0.1:9001"));
    EXPECT_FALSE(refused("http://web01", "web01"));
    EXPECT_FALSE(refused("http://WEB01:80", "web01"));
    EXPECT_FALSE(refused("https://web01", "Web01:443"));
    EXPECT_FALSE(refused("http://[::1]:9001", "[::1]:9001"));
    EXPECT_TRUE(refused("http://10.0.0.1:8080", "10.0.0.1:9001"));
    EXPECT_TRUE(refused("http://evil.example", "10.0.0.1:9001"));
    EXPECT_TRUE(refused("http://web01.evil.example", "web01"));
    EXPECT_TRUE(refused("http://web01@evil.example", "web01"));
    EXPECT_TRUE(refused("https://web01:80", "web01"));
    EXPECT_TRUE(refused("http://[::1]", "[::1]:9001"));
    EXPECT_TRUE(refused("null", "web01"));
    EXPECT_TRUE(refused("", "web01"));
  }
  EXPECT_FALSE(is_refused(browser({{"Host", "web01"}, {"Referer", "http://web01/tail.html?limit=1"}})));
  EXPECT_TRUE(is_refused(browser({{"Host", "web01"}, {"Referer", "http://evil.example/http://web01/"}})));
  EXPECT_TRUE(is_refused(browser({{"Referer", "http://web01/"}})));  // no Host
  // whoever says so, also without the rest of a browser
  EXPECT_TRUE(is_refused({{"Host", "web01"}, {"Origin", "http://evil.example"}}));
  // an extension of the browser is no web site
  EXPECT_FALSE(is_refused(browser({{"Host", "web01"}, {"Origin", "moz-extension://0123"}})));
  EXPECT_TRUE(is_refused(browser({{"Host", "web01"}, {"Origin", "http://x-extension"}})));
  // Origin counts more
  EXPECT_TRUE(is_refused({{"Host", "web01"}, {"Origin", "null"}, {"Referer", "http://web01/"}}));
}

TEST(WebOrigin, AProxyMayKnowTheNameBetter) {
  EXPECT_FALSE(is_refused(browser({{"Host", "127.0.0.1:9001"},
                                   {"X-Forwarded-Host", "s.example.org, inner"},
                                   {"Referer", "http://s.example.org/x/"}})));
  EXPECT_TRUE(is_refused(browser(
      {{"Host", "127.0.0.1:9001"}, {"X-Forwarded-Host", "s.example.org"}, {"Referer", "http://evil.example/"}})));
}

TEST(WebOrigin, ABrowserThatHidesItsOriginIsRefused) {
  EXPECT_TRUE(is_refused(browser({{"Host", "10.0.0.1:9001"}})));
  EXPECT_FALSE(is_refused(browser({{"Host", "10.0.0.1:9001"}}), "POST"));  // they always send Origin with it
}

TEST(WebOrigin, ForeignNamesMayBeRebound) {
  const auto hidden = [](const std::string& host, const SiteNames& site = kOpen) {
    return is_hidden(browser({{"Host", host}}), site);
  };
  for (const char* host :
       {"127.0.0.1:9001", "192.168.1.2", "[fe80::1]:9001", "localhost:9001", "web01.example.com:9001",
        "WEB01.Example.com", "web01", "nas", "nas.local", "x.internal", "app.localhost:80"})
    EXPECT_FALSE(hidden(host)) << host;
  for (const char* host :
       {"evil.example:9001", "web01.evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3.4.5"})
    EXPECT_TRUE(hidden(host)) << host;
  EXPECT_FALSE(hidden("alias.example.com", kGuarded));
}

TEST(WebOrigin, ProgramsAndHttpsReachItByAnyName) {
  EXPECT_FALSE(is_hidden({{"Host", "anything.example.org"}, {"User-Agent", "curl/8.0"}}));
  EXPECT_FALSE(is_hidden({{"Host", "a.example.org"}, {"Accept-Language", "*"}, {"Sec-Fetch-Mode", "cors"}}));
  EXPECT_FALSE(is_hidden(browser({{"Host", "ops.example.org"}, {"Sec-Fetch-Site", "none"}})));  // a proxy's https
  // What a page can set itself proves nothing.
  EXPECT_TRUE(is_hidden(browser({{"Host", "evil.example"}, {"X-Forwarded-Host", "web01"}})));
}

TEST(WebOrigin, GuessesOfTheBrowserAreRefused) {
  EXPECT_TRUE(is_refused({{"Sec-Purpose", "prefetch;prerender"}, {"Sec-Fetch-Site", "none"}}));
  EXPECT_TRUE(is_refused({{"Purpose", "prefetch"}}));
}

}  // namespace
}  // namespace upkeep::rpc
