// XML-RPC values, calls and replies ↔ text, byte for byte as Python's xmlrpc.client and Supervisor write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace upkeep::wire {

struct XmlRpcValue;
using XmlRpcArray = std::vector<XmlRpcValue>;
using XmlRpcStruct = std::vector<std::pair<std::string, XmlRpcValue>>;  // in wire order

struct XmlRpcNil {};
struct XmlRpcWritten {  // a value that was written before: a large answer need not be written at once
  std::string xml;
};
struct XmlRpcValue {
  std::variant<XmlRpcNil, bool, std::int64_t, double, std::string, XmlRpcArray, XmlRpcStruct, XmlRpcWritten> is;
  XmlRpcValue() = default;
  XmlRpcValue(bool value) : is(value) {}                      // NOLINT
  XmlRpcValue(int value) : is(std::int64_t{value}) {}         // NOLINT
  XmlRpcValue(std::int64_t value) : is(value) {}              // NOLINT
  XmlRpcValue(const char* value) : is(std::string{value}) {}  // NOLINT
  XmlRpcValue(std::string value) : is(std::move(value)) {}    // NOLINT
  XmlRpcValue(XmlRpcArray value) : is(std::move(value)) {}    // NOLINT
  XmlRpcValue(XmlRpcStruct value) : is(std::move(value)) {}   // NOLINT
  XmlRpcValue(XmlRpcWritten value) : is(std::move(value)) {}  // NOLINT
  const XmlRpcValue* member(std::string_view name) const;     // of a struct; null when absent
};

struct XmlRpcCall {
  std::string method;
  XmlRpcArray params;
};
struct XmlRpcFault {
  int code = 0;
  std::string text;
};
using XmlRpcReply = std::variant<XmlRpcValue, XmlRpcFault>;

// Error text "unmarshallable" or "no method name". Any DOCTYPE is refused; nesting deeper than 64 is refused.
Result<XmlRpcCall> parse_xmlrpc_call(std::string_view body);
Result<XmlRpcReply> parse_xmlrpc_reply(std::string_view body);

// One element a line as Supervisor's server writes it; ends in LF. Integers are clamped to 32 bits; bytes that are not
// UTF-8 or not allowed in XML become U+FFFD (tab, LF and CR stay).
std::string write_xmlrpc_reply(const XmlRpcReply& reply);
XmlRpcWritten write_xmlrpc_value(const XmlRpcValue& value);  // as part of a reply
std::string write_xmlrpc_call(const XmlRpcCall& call);       // as xmlrpc.client.dumps writes it

}  // namespace upkeep::wire
