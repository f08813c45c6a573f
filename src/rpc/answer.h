// What a route answers: a whole reply, or a log to follow. How it travels is the connection's business.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "rpc/caller.h"
#include "rpc/log_follower.h"
#include "wire/http.h"

namespace upkeep::rpc {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 200;
  Headers headers;  // after Server and Date, in this order; Content-Length included
  std::string body;
  bool closes = false;  // the connection ends whatever the client wishes
};

struct Stream {  // 200, and then the log until either side has enough
  Headers headers;
  LogFollower log;
};

using Answer = std::variant<Reply, Stream>;
using Respond = std::function<void(Answer)>;  // once, now or later; harmless when the client has gone
using Serve = std::function<void(const wire::HttpRequest&, const Caller&, Respond)>;

Reply reply_with(std::string body, std::string content_type);
Reply error_reply(int status);  // with Supervisor's body for it
Reply unauthorized_reply();     // 401, and the connection really ends

}  // namespace upkeep::rpc
