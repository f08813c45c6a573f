// What every server serves: authentication first, then the route of a request by its path.
//
//   /RPC2...         POST  XML-RPC
//   /logtail...      GET   a process's log as it grows: /logtail/NAME, /logtail/NAME/stdout, /logtail/NAME/stderr
//   /mainlogtail...  GET   the activity log as it grows
//   anything else    the web page (web_site.h)
// Other methods are 400. The first two are matched by prefix and on the decoded path, as in Supervisor (http.py).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/log_level.h"
#include "engine/front_end.h"
#include "rpc/answer.h"
#include "rpc/api.h"
#include "rpc/web_site.h"

namespace upkeep::rpc {

using Log = std::function<void(LogLevel, std::string)>;  // a line for the activity log

class Site {
 public:
  Site(os::Loop& loop, engine::Control& control, Log log);

  Api& api() { return api_; }
  // `names`: of the server that the request came to.
  void serve(const wire::HttpRequest& request, const Caller& caller,
             const std::optional<config::Credentials>& credentials, const SiteNames& names, Respond respond);

 private:
  void call(const wire::HttpRequest& request, const Caller& caller, Respond respond);
  Answer process_log(const std::string& path) const;
  Answer main_log() const;

  engine::Control& control_;
  Log log_;
  Api api_;
  WebSite web_;
};

}  // namespace upkeep::rpc
