// XML-RPC calls over HTTP, one connection a call: so an engine restart between two calls is never noticed, and one in
// the middle of a call is a closed connection.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ctl/connection.h"
#include "ctl/remote.h"

namespace upkeep::ctl {

// Whether repeating a call that may already have been performed does no harm.
bool only_reads(std::string_view method);

class Client {
 public:
  static constexpr int kReadsMax = 5;  // tries of a call that only reads when the connection is closed in the middle
  static constexpr Duration kReadTime =
      std::chrono::seconds{60};  // for the answer to such a call; others may take for ever
  static constexpr Duration kSilence = std::chrono::seconds{10};  // then `on_silence` is called, once a call

  // Called with the URL while a call that only reads has no answer yet.
  std::function<void(const std::string& url)> on_silence;

  Attempt<wire::XmlRpcValue> call(const Target& target, const std::string& method, wire::XmlRpcArray params,
                                  int cancel_fd = -1);

 private:
  Attempt<std::string> exchange(const Target& target, const std::string& body, bool reads, int cancel_fd);
};

}  // namespace upkeep::ctl
