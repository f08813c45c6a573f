#include "config/expand.h"

#include <gtest/gtest.h>

namespace upkeep::config {
namespace {

const Names kNames = {{"here", "/etc"}, {"name", "web"}, {"num", 11}, {"a(b)", "nested"}, {"wide", "äö€"}};

std::string expanded(std::string_view format) {
  const auto result = expand(format, kNames, "s.k");
  return result ? *result : "error: " + result.error().text;
}

std::string bad(std::string_view format) {
  const auto result = expand(format, kNames, "s.k");
  if (result) return "no error";
  const std::string_view text = result.error().text;
  const std::string_view mark = "is badly formatted: ";
  return std::string{text.substr(text.find(mark) + mark.size())};
}

TEST(Expand, Texts) {
  EXPECT_EQ(expanded("plain"), "plain");
  EXPECT_EQ(expanded("%(here)s/%(name)s%%"), "/etc/web%");
  EXPECT_EQ(expanded("%(a(b))s"), "nested");
  EXPECT_EQ(expanded("[%(name)5s][%(name)-5s][%(name).2s]"), "[  web][web  ][we]");
  EXPECT_EQ(expanded("[%(wide)5s][%(wide).2s]"), "[  äö€][äö]") << "characters, not bytes";
  EXPECT_EQ(expanded("%(name)r %(num)s %(num)r"), "'web' 11 11");
}

TEST(Expand, Numbers) {
  EXPECT_EQ(expanded("%(num)d %(num)i %(num)u %(num)ld"), "11 11 11 11");
  EXPECT_EQ(expanded("[%(num)05d][%(num)+d][%(num) d][%(num)-5d][%(num)5d]"), "[00011][+11][ 11][11   ][   11]");
  EXPECT_EQ(expanded("[%(num).4d][%(num)06.4d][%(num)+05d]"), "[0011][000011][+0011]");
  EXPECT_EQ(expanded("%(num)x %(num)X %(num)o %(num)#x %(num)#o"), "b B 13 0xb 0o13");
  EXPECT_EQ(expanded("%(num)f %(num).1e %(num)g"), "11.000000 1.1e+01 11");
  EXPECT_EQ(expanded("[%(num)c]"), "[\v]");
  EXPECT_EQ(expand("%(n)05d %(n)x", {{"n", -10}}, "").value(), "-0010 -a");
}

TEST(Expand, MissingNames) {
  EXPECT_EQ(expanded("%(nope)s"),
            "error: Format string '%(nope)s' for 's.k' contains names ('nope') which cannot be expanded. Available "
            "names: a(b), here, name, num, wide");
}

TEST(Expand, BadFormats) {
  EXPECT_EQ(expand("100%", kNames, "s.k").error().text,
            "Format string '100%' for 's.k' is badly formatted: incomplete format");
  EXPECT_EQ(bad("%(name)"), "incomplete format");
  EXPECT_EQ(bad("%(name"), "incomplete format key");
  EXPECT_EQ(bad("äx %(name)Y"), "unsupported format character 'Y' (0x59) at index 10");
  EXPECT_EQ(bad("%(name)€"), "unsupported format character '?' (0x20ac) at index 7");
  EXPECT_EQ(bad("%5%"), "unsupported format character '%' (0x25) at index 2");
  EXPECT_EQ(bad("%(name)d"), "%d format: a real number is required, not str");
  EXPECT_EQ(bad("%(name)x"), "%x format: an integer is required, not str");
  EXPECT_EQ(bad("%(name)f"), "must be real number, not str");
  EXPECT_EQ(bad("%(name)c"), "%c requires int or char");
  EXPECT_EQ(bad("%d"), "%d format: a real number is required, not dict");
  EXPECT_EQ(bad("%(name)s %d"), "not enough arguments for format string");
  EXPECT_EQ(bad("%s"), "not enough arguments for format string");
  EXPECT_EQ(bad("%*d"), "* wants int");
  EXPECT_EQ(bad("%(num)99999999999d"), "width too big");
  EXPECT_EQ(bad("%(num).99999999999d"), "precision too big");
}

}  // namespace
}  // namespace upkeep::config
