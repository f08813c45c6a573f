// JSON values → text (RFC 8259). nlohmann/json does the writing, in json.cc alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace upkeep::wire {

struct JsonValue;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<std::pair<std::string, JsonValue>>;  // in the order of writing

struct JsonValue {
  std::variant<std::nullptr_t, bool, std::int64_t, std::string, JsonArray, JsonObject> is;
  JsonValue(std::nullptr_t = nullptr) {}                    // NOLINT: values convert by themselves, here and below
  JsonValue(bool value) : is(value) {}                      // NOLINT
  JsonValue(int value) : is(std::int64_t{value}) {}         // NOLINT
  JsonValue(std::int64_t value) : is(value) {}              // NOLINT
  JsonValue(const char* value) : is(std::string{value}) {}  // NOLINT
  JsonValue(std::string value) : is(std::move(value)) {}    // NOLINT
  JsonValue(JsonArray value) : is(std::move(value)) {}      // NOLINT
  JsonValue(JsonObject value) : is(std::move(value)) {}     // NOLINT
  template <class T>
  JsonValue(const std::optional<T>& value) {  // NOLINT: nothing is null
    if (value) *this = JsonValue{*value};
  }
};

// Indented by two blanks, without LF at the end. Bytes that are not UTF-8 become U+FFFD.
std::string write_json(const JsonValue& value);
// The same on one line, without blanks.
std::string write_json_line(const JsonValue& value);

}  // namespace upkeep::wire
