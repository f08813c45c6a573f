#include "daemontools/options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace upkeep::daemontools {
namespace {

struct Parsed {
  std::string letters;  // "o=20 x"
  std::vector<std::string> rest;
  std::string problem;
};

Parsed parse(std::vector<std::string> words, std::string_view known) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  Options options{static_cast<int>(words.size()), argv.data(), known};
  Parsed parsed;
  while (const auto letter = options.next()) {
    if (!parsed.letters.empty()) parsed.letters += ' ';
    parsed.letters += *letter;
    if (options.argument()) parsed.letters += std::string{"="} + options.argument();
  }
  parsed.problem = options.problem();
  for (char** word = options.rest(); *word; ++word) parsed.rest.emplace_back(*word);
  return parsed;
}

using Words = std::vector<std::string>;

TEST(Options, ComeInClustersAndOneByOne) {
  const Parsed parsed = parse({"svc", "-dx", "-u", "web"}, "udx");
  EXPECT_EQ(parsed.letters, "d x u");
  EXPECT_EQ(parsed.rest, Words{"web"});
  EXPECT_EQ(parsed.problem, "");
}

TEST(Options, TakeArgumentsGluedOrApart) {
  EXPECT_EQ(parse({"softlimit", "-o20", "-c", "0", "-xf=", "run"}, "o:c:xf:").letters, "o=20 c=0 x f==");
  EXPECT_EQ(parse({"softlimit", "-o", "", "run"}, "o:").letters, "o=");
  EXPECT_EQ(parse({"softlimit", "-o", "-c", "run"}, "o:c:").letters, "o=-c");
}

TEST(Options, EndAtTheFirstOtherWord) {
  EXPECT_EQ(parse({"svc", "-d", "a", "-u"}, "ud").rest, (Words{"a", "-u"}));
  EXPECT_EQ(parse({"svc", "-d", "-", "-u"}, "ud").rest, (Words{"-", "-u"}));
  EXPECT_EQ(parse({"svc", "-d", "", "-u"}, "ud").rest, (Words{"", "-u"}));
}

TEST(Options, EndAtTwoDashesWhateverFollowsThem) {
  EXPECT_EQ(parse({"svc", "--", "-u"}, "u").rest, Words{"-u"});
  EXPECT_EQ(parse({"svc", "-u", "--help", "-u"}, "u").rest, Words{"-u"});
  EXPECT_EQ(parse({"svc", "--help"}, "u").problem, "");
  EXPECT_EQ(parse({"svc", "-u-", "a"}, "u").problem, "svc: illegal option -- -") << "within a cluster it is a letter";
}

TEST(Options, TellWhatIsWrongWithTheNameTheyWereCalledBy) {
  EXPECT_EQ(parse({"/usr/bin/svc", "-dz", "-u"}, "ud").problem, "svc: illegal option -- z");
  EXPECT_EQ(parse({"svc", "-dz", "-u"}, "ud").letters, "d") << "nothing after it";
  EXPECT_EQ(parse({"x/softlimit", "-c"}, "c:").problem, "softlimit: option requires an argument -- c");
  EXPECT_EQ(parse({"s", "-:"}, "c:").problem, "s: illegal option -- :");
}

TEST(Options, MayBeAbsentAltogether) {
  EXPECT_TRUE(parse({"svc"}, "u").rest.empty());
  EXPECT_TRUE(parse({}, "u").rest.empty());
}

}  // namespace
}  // namespace upkeep::daemontools
