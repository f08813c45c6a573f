// One XML-RPC method: a row of a table. What it takes is declared there, so a method's function meets only arguments of
// the right number and kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/control.h"
#include "rpc/caller.h"
#include "wire/xmlrpc.h"

namespace upkeep::rpc {

// What a parameter may be. Text takes strings only, Signal also integers (as their decimal text), Integer whatever
// Python's int() takes, Truth anything (as Python's bool()), Array arrays only.
enum class Kind { Text, Signal, Integer, Truth, Array };
std::string_view wire_name(Kind kind);  // as system.methodSignature says it: "string", "int", "boolean", "array"

using Argument = std::variant<std::string, std::int64_t, bool, wire::XmlRpcArray>;
using Answered = std::function<void(wire::XmlRpcReply)>;

struct Call {
  engine::Control& control;
  std::vector<Argument> arguments;  // as declared; a missing optional one is `true`
  Answered answer;                  // once, now or later
  Caller caller{};

  const std::string& text(std::size_t i) const { return std::get<std::string>(arguments.at(i)); }
  std::int64_t integer(std::size_t i) const { return std::get<std::int64_t>(arguments.at(i)); }
  bool truth(std::size_t i) const { return std::get<bool>(arguments.at(i)); }
  const wire::XmlRpcArray& array(std::size_t i) const { return std::get<wire::XmlRpcArray>(arguments.at(i)); }
  engine::Done done() const;  // turns the engine's answer into ours
};

struct Method {
  std::string_view name;  // without its namespace
  std::string_view result;
  std::vector<Kind> parameters;
  std::size_t optional = 0;  // so many of the last parameters, all Truth, may be missing: they are true then
  std::string_view help;  // with lines "@param TYPE NAME text" and "@return TYPE NAME text", which some clients parse
  std::function<void(const Call&)> call;
  bool even_in_shutdown = false;  // answers also while the daemon shuts down or restarts
};

wire::XmlRpcFault fault(engine::Refusal code, std::optional<std::string> detail = {});
wire::XmlRpcFault fault(const engine::Refused& refused);
wire::XmlRpcReply reply_from(const engine::Answer& answer);  // true; or rows; or a fault

// The arguments as `method` declares them; nullopt: wrong in number or kind.
bool takes_count(const Method& method, std::size_t count);
std::optional<std::vector<Argument>> convert_arguments(const Method& method, const wire::XmlRpcArray& params);

}  // namespace upkeep::rpc
