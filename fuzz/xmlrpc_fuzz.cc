// XML-RPC texts: whatever can be read can be written, and what was written and read once stays the same from then on.
// (The first time a carriage return becomes a line feed, as XML has it.)
#include <cstdint>
#include <string_view>

#include "wire/xmlrpc.h"

using namespace upkeep::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto call = parse_xmlrpc_call(text)) {
    const auto second = parse_xmlrpc_call(write_xmlrpc_call(*call));
    if (!second || second->params.size() != call->params.size()) __builtin_trap();
    const auto third = parse_xmlrpc_call(write_xmlrpc_call(*second));
    if (!third || write_xmlrpc_call(*third) != write_xmlrpc_call(*second)) __builtin_trap();
  }
  if (const auto reply = parse_xmlrpc_reply(text)) {
    const auto second = parse_xmlrpc_reply(write_xmlrpc_reply(*reply));
    if (!second) __builtin_trap();
    const auto third = parse_xmlrpc_reply(write_xmlrpc_reply(*second));
    if (!third || write_xmlrpc_reply(*third) != write_xmlrpc_reply(*second)) __builtin_trap();
  }
  return 0;
}
