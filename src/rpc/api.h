// All XML-RPC methods that are published, found by name: supervisor.* under the names the configuration gives it,
// upkeep.* and system.*. Names are looked up in tables; nothing is ever derived from what a client sends
// (CVE-2017-11610).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "os/loop.h"
#include "rpc/method.h"

namespace upkeep::rpc {

// Of one multicall. With more calls than that none is made; after so many bytes of results the further calls fail: a
// small request must not ask for more than memory holds.
inline constexpr std::size_t kMulticallCallsMax = 10'000;
inline constexpr std::size_t kMulticallBytesMax = 16 * 1024 * 1024;
// A multicall gives way to everybody else after this long.
inline constexpr Duration kMulticallSlice = std::chrono::milliseconds{10};

class Api {
 public:
  Api(os::Loop& loop, engine::Control& control);

  void publish(const std::vector<std::string>& namespaces);  // for supervisor.*; replaces the earlier ones

  // Answers now or later. Order of the checks: method known, number of arguments, shutdown gate, kinds of arguments.
  void call(const wire::XmlRpcCall& wanted, const Caller& caller, Answered answer);

 private:
  struct Entry {
    const Method* method;
    bool gated;  // refused while the daemon shuts down or restarts
  };
  class Multicall;

  const Method* find(const std::string& name) const;
  std::vector<Method> system_methods();
  wire::XmlRpcReply list_methods() const;
  wire::XmlRpcReply method_help(const std::string& name) const;
  wire::XmlRpcReply method_signature(const std::string& name) const;

  os::Loop& loop_;
  engine::Control& control_;
  std::vector<Method> system_;
  std::map<std::string, Entry> methods_;
};

}  // namespace upkeep::rpc
