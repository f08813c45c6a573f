#include "wire/json.h"

#include <nlohmann/json.hpp>

#include "base/overloaded.h"

namespace upkeep::wire {
namespace {

using Json = nlohmann::ordered_json;

Json convert(const JsonValue& value) {
  return std::visit(Overloaded{[](const JsonArray& items) {
                                 Json out = Json::array();
                                 for (const JsonValue& item : items) out.push_back(convert(item));
                                 return out;
                               },
                               [](const JsonObject& members) {
                                 Json out = Json::object();
                                 for (const auto& [name, member] : members) out[name] = convert(member);
                                 return out;
                               },
                               [](const auto& scalar) { return Json(scalar); }},
                    value.is);
}

}  // namespace

std::string write_json(const JsonValue& value) {
  return convert(value).dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string write_json_line(const JsonValue& value) {
  return convert(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace upkeep::wire
