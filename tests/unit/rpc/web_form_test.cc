#include "rpc/web_form.h"

#include <gtest/gtest.h>

namespace upkeep::rpc {
namespace {

Form get(const std::string& target) { return read_form({"GET", target, 1, {}, "a=body", true}); }
Form post(const std::string& target, const std::string& body) { return read_form({"POST", target, 1, {}, body, true}); }

TEST(WebForm, ReadsTheQuery) {
  EXPECT_EQ(get("/"), Form{});
  EXPECT_EQ(get("/?"), Form{});
  EXPECT_EQ(get("/?a=1&b=2#c=3"), (Form{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(get("/?a=1&a=2"), (Form{{"a", "1"}}));
  EXPECT_EQ(get("/?a=&b&=&&c=x=y"), (Form{{"c", "x=y"}}));
  EXPECT_EQ(get("/?a=1;b=2"), (Form{{"a", "1;b=2"}}));
}

TEST(WebForm, DecodesNamesAndValues) {
  EXPECT_EQ(get("/?a%3d=g%3Ap+x%2b"), (Form{{"a=", "g:p x+"}}));
  EXPECT_EQ(get("/?a=100%&b=%4&c=%zz"), (Form{{"a", "100%"}, {"b", "%4"}, {"c", "%zz"}}));
  EXPECT_EQ(get("/?a=%ff"), (Form{{"a", "\xef\xbf\xbd"}}));
}

TEST(WebForm, TheBodyWins) {
  EXPECT_EQ(post("/?a=1&b=2", "b=3&b=4&c=5"), (Form{{"a", "1"}, {"b", "4"}, {"c", "5"}}));
  EXPECT_EQ(post("/?a=1", "a="), (Form{{"a", "1"}}));
}

TEST(WebForm, MissingFieldsAreEmpty) {
  EXPECT_EQ(field(get("/?a=1"), "a"), "1");
  EXPECT_EQ(field(get("/?a=1"), "b"), "");
}

}  // namespace
}  // namespace upkeep::rpc
