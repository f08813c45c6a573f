// The web page's routes, of GET and POST (Supervisor web.py, http.py):
//
//   /  /index.html   the status page; with `action`, carries it out and leads back to the page with a message
//   /tail.html       the end of a process's stdout log
//   /ok.html         "OK", for health checks
//   anything else    GET and HEAD: the files of web_files.h
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "engine/control.h"
#include "rpc/answer.h"
#include "rpc/web_form.h"
#include "rpc/web_origin.h"

namespace upkeep::rpc {

inline constexpr std::int64_t kTailPageBytesMin = 1024;
inline constexpr std::int64_t kTailPageBytesMax = 4 << 20;  // what a browser still shows with ease

// Where the user is led after an action: absolute, from the Host header, as Supervisor has it; but relative when a
// proxy is in between, whose address only the browser knows, and when the header is missing or makes no sense.
std::string redirect_target(const wire::HttpRequest& request, const std::string& message);

class WebSite {
 public:
  explicit WebSite(engine::Control& control);

  // `path` is the decoded path of the request.
  void serve(const wire::HttpRequest& request, const std::string& path, Respond respond);

 private:
  void serve_status(const wire::HttpRequest& request, const Respond& respond);
  Answer tail(const Form& form) const;
  std::string log_end(const std::string& name, std::int64_t limit) const;  // or why there is none
  Answer file(const wire::HttpRequest& request, const std::string& path) const;

  engine::Control& control_;
  std::time_t modified_;  // of the program, which the files are part of
};

// 403 with the reason, as a page.
Reply refusal_reply(std::string_view reason);

}  // namespace upkeep::rpc
