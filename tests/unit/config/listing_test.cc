#include "config/listing.h"

#include <gtest/gtest.h>

#include "config/ini.h"

namespace upkeep::config {
namespace {

using Kind = ListedLine::Kind;

TEST(Listing, EveryPartOfALineHasItsPlace) {
  const Listing listing = list_lines("\n[program:a] ; x\n Key = value ; y\n  more\n# z\nnothing\n", "f");
  ASSERT_EQ(listing.lines.size(), 6U);
  EXPECT_EQ(listing.line(1)->kind, Kind::Blank);
  EXPECT_EQ(listing.line(2)->kind, Kind::Header);
  EXPECT_EQ(listing.line(2)->section, "program:a");
  const ListedLine& key = *listing.line(3);
  EXPECT_EQ(key.kind, Kind::Key);
  EXPECT_EQ(key.key, "key");
  EXPECT_EQ(key.value_at, 7U);
  EXPECT_EQ(key.end, 12U);
  EXPECT_EQ(key.comment_at, 13U);
  EXPECT_EQ(listing.line(4)->kind, Kind::Continuation);
  EXPECT_EQ(listing.line(4)->key, "key");
  EXPECT_EQ(listing.line(5)->kind, Kind::Blank);
  EXPECT_EQ(listing.line(6)->kind, Kind::Other);
  EXPECT_EQ(listing.line(0), nullptr);
  EXPECT_EQ(listing.line(7), nullptr);
}

// The reader of ini.h and the listing must agree on what is a key, and where.
TEST(Listing, AgreesWithTheReader) {
  for (const std::string text : {
           "[a]\nx=1\n  y=2\nz:3\n[b]\n x=1\n\ty=2\n  z=3\n",
           "[a]\r\nx=1\r\n  y\r\n[DEFAULT]\rz=1\r",
           "\xef\xbb\xbf[a]\nx = a#b # c ; d\n;y=1\n   [b]\n[b]]\ny=\n\n  1\n",
           "[a]\nX=1\n    y=2\n [b]\n  x=3\n   y=4\n x=5\n",
           "[a] junk\nx==1\ny=:1\n[]\n=\xc3\xa4=1\n",
       }) {
    Ini ini;
    (void)ini.parse(text, "f");  // also what precedes an error is compared
    const Listing listing = list_lines(text, "f");
    const auto compare = [&](const Section& section) {
      for (const auto& [key, value] : section.values) {
        const ListedLine* line = listing.line(value.origin.line);
        ASSERT_NE(line, nullptr) << text;
        EXPECT_EQ(line->kind, Kind::Key) << text << value.origin.line;
        EXPECT_EQ(line->key, key);
        EXPECT_EQ(line->section, section.name);
        const std::string first = line->text.substr(line->value_at, line->end - line->value_at);
        EXPECT_TRUE(value.text.starts_with(first)) << text << value.origin.line;
      }
    };
    for (const Section& section : ini.sections()) compare(section);
    compare(ini.defaults());
  }
}

TEST(Listing, BytesThatAreNoTextKeepTheirPlace) {
  EXPECT_EQ(list_lines("[a]\nx=\xff\xc3\xa4\n", "f").line(2)->text, "x=?\xc3\xa4");
  const Listing many = list_lines("[a]\nx=" + std::string(1000, '\xff') + "\n", "f");
  EXPECT_EQ(many.line(2)->text, "x=" + std::string(1000, '?'));
}

}  // namespace
}  // namespace upkeep::config
