#include "wire/json.h"

#include <gtest/gtest.h>

namespace upkeep::wire {
namespace {

TEST(Json, WritesMembersInTheirOrder) {
  const JsonValue value = JsonObject{{"b", 1}, {"a", JsonArray{true, nullptr, "x"}}, {"empty", JsonObject{}}};
  EXPECT_EQ(write_json(value), "{\n  \"b\": 1,\n  \"a\": [\n    true,\n    null,\n    \"x\"\n  ],\n  \"empty\": {}\n}");
}

TEST(Json, EscapesWhatMustBe) { EXPECT_EQ(write_json("a\"b\\c\n\x01\u00e9"), "\"a\\\"b\\\\c\\n\\u0001\u00e9\""); }

TEST(Json, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(write_json("a\xff"
                       "b"),
            "\"a\ufffd"
            "b\"");
}

TEST(Json, FitsOnALine) { EXPECT_EQ(write_json_line(JsonObject{{"a", JsonArray{1, "x\n"}}}), R"({"a":[1,"x\n"]})"); }

TEST(Json, NothingIsNull) {
  EXPECT_EQ(write_json(std::optional<std::string>{}), "null");
  EXPECT_EQ(write_json(std::optional<std::int64_t>{7}), "7");
}

}  // namespace
}  // namespace upkeep::wire
