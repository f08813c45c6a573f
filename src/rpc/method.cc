#include "rpc/method.h"

#include <cmath>
#include <optional>

#include "base/overloaded.h"
#include "base/text.h"

namespace upkeep::rpc {
namespace {

using wire::XmlRpcArray;
using wire::XmlRpcNil;
using wire::XmlRpcStruct;
using wire::XmlRpcValue;

bool to_truth(const XmlRpcValue& value) {
  return std::visit(
      Overloaded{[](XmlRpcNil) { return false; }, [](bool b) { return b; }, [](std::int64_t n) { return n != 0; },
                 [](double d) { return d != 0; }, [](const wire::XmlRpcWritten&) { return true; },
                 [](const auto& many) { return !many.empty(); }},
      value.is);
}

std::optional<std::int64_t> to_integer(const XmlRpcValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value.is)) return *number;
  if (const auto* truth = std::get_if<bool>(&value.is)) return *truth ? 1 : 0;
  if (const auto* real = std::get_if<double>(&value.is)) {
    if (!(std::abs(*real) < 9e18)) return std::nullopt;
    return static_cast<std::int64_t>(*real);
  }
  if (const auto* text = std::get_if<std::string>(&value.is)) {
    if (const auto number = parse_number(trim(*text))) return *number;
  }
  return std::nullopt;
}

std::optional<Argument> convert(Kind kind, const XmlRpcValue& value) {
  const auto* text = std::get_if<std::string>(&value.is);
  switch (kind) {
    case Kind::Text: return text ? std::optional<Argument>{*text} : std::nullopt;
    case Kind::Signal:
      if (const auto* number = std::get_if<std::int64_t>(&value.is)) return std::to_string(*number);
      return text ? std::optional<Argument>{*text} : std::nullopt;
    case Kind::Integer: {
      const auto number = to_integer(value);
      return number ? std::optional<Argument>{*number} : std::nullopt;
    }
    case Kind::Truth: return to_truth(value);
    case Kind::Array: {
      const auto* items = std::get_if<XmlRpcArray>(&value.is);
      return items ? std::optional<Argument>{*items} : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view wire_name(Kind kind) {
  switch (kind) {
    case Kind::Text:
    case Kind::Signal: return "string";
    case Kind::Integer: return "int";
    case Kind::Truth: return "boolean";
    case Kind::Array: return "array";
  }
  return "";
}

wire::XmlRpcFault fault(engine::Refusal code, std::optional<std::string> detail) {
  return fault(engine::Refused{code, std::move(detail)});
}

wire::XmlRpcFault fault(const engine::Refused& refused) { return {static_cast<int>(refused.code), refused.text()}; }

wire::XmlRpcReply reply_from(const engine::Answer& answer) {
  if (const auto* refused = std::get_if<engine::Refused>(&answer)) return fault(*refused);
  const auto* rows = std::get_if<std::vector<engine::Row>>(&answer);
  if (!rows) return XmlRpcValue{true};
  XmlRpcArray items;
  for (const engine::Row& row : *rows) {
    items.push_back(XmlRpcStruct{
        {"name", row.name}, {"group", row.group}, {"status", row.status}, {"description", row.description}});
  }
  return XmlRpcValue{std::move(items)};
}

engine::Done Call::done() const {
  return [answer = answer](const engine::Answer& outcome) { answer(reply_from(outcome)); };
}

bool takes_count(const Method& method, std::size_t count) {
  return count <= method.parameters.size() && count + method.optional >= method.parameters.size();
}

std::optional<std::vector<Argument>> convert_arguments(const Method& method, const XmlRpcArray& params) {
  std::vector<Argument> arguments;
  for (std::size_t i = 0; i < method.parameters.size(); ++i) {
    auto argument = i < params.size() ? convert(method.parameters[i], params[i]) : std::optional<Argument>{true};
    if (!argument) return std::nullopt;
    arguments.push_back(std::move(*argument));
  }
  return arguments;
}

}  // namespace upkeep::rpc
