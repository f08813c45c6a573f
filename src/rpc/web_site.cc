#include "rpc/web_site.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "rpc/log_file.h"
#include "rpc/log_window.h"
#include "rpc/web_actions.h"
#include "rpc/web_files.h"
#include "rpc/web_page.h"
#include "rpc/web_text.h"

namespace upkeep::rpc {
namespace {

std::time_t program_modified() {
  struct stat program {};
  return ::stat("/proc/self/exe", &program) == 0 ? program.st_mtime : 0;
}

Headers never_reused(std::string cache_control) {
  return {{"Pragma", "no-cache"},
          {"Cache-Control", std::move(cache_control)},
          {"Expires", "Thu, 01 Jan 1970 00:00:00 GMT"}};
}

// The pages use nothing from elsewhere, run nothing, and are not shown inside foreign pages, where a click could be
// stolen. Following a link out of them tells nobody where they are, but following one among them does: why_refused.
const Headers kPagePolicy{{"Content-Security-Policy",
                           "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
                           "frame-ancestors 'self'"},
                          {"Referrer-Policy", "same-origin"},
                          {"X-Content-Type-Options", "nosniff"}};

void append(Headers& headers, const Headers& more) { headers.insert(headers.end(), more.begin(), more.end()); }

Reply page_reply(std::string page, int status = 200) {
  Headers headers{{"Content-Type", "text/html;charset=utf-8"}};
  append(headers, never_reused("no-cache"));
  append(headers, kPagePolicy);
  headers.emplace_back("Content-Length", std::to_string(page.size()));
  return {status, std::move(headers), std::move(page)};
}

// 301, as Supervisor: scripts look for it. Not to be stored, or a browser would never ask again.
Reply redirect(std::string location) {
  Reply reply = error_reply(301);
  reply.headers = {{"Location", std::move(location)}, {"Content-Type", "text/html"}};
  append(reply.headers, never_reused("no-cache, no-store"));
  reply.headers.emplace_back("Content-Length", std::to_string(reply.body.size()));
  return reply;
}

// A tail may begin in the middle of a character.
std::string_view without_torn_character(std::string_view bytes) {
  constexpr std::size_t kRestMax = 3;
  std::size_t rest = 0;
  while (rest < std::min(kRestMax, bytes.size()) && (static_cast<unsigned char>(bytes[rest]) & 0xc0) == 0x80) ++rest;
  return bytes.substr(rest);
}

bool is_forwarded(const wire::HttpRequest& request) {
  constexpr std::array kMarks{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"};
  return std::any_of(kMarks.begin(), kMarks.end(), [&](const char* name) { return request.header(name).has_value(); });
}

bool is_host(std::string_view text) {
  const auto belongs = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view{".-_:[]"}.find(static_cast<char>(c)) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), belongs);
}

}  // namespace

std::string redirect_target(const wire::HttpRequest& request, const std::string& message) {
  const std::string query = "?message=" + url_quote(message);
  const std::string header = request.header("Host").value_or("");
  std::string_view host = trim(header);
  if (is_forwarded(request) || !is_host(host)) return "./" + query;
  if (host.ends_with(":80")) host.remove_suffix(3);
  return fmt::format("http://{}/{}", host, query);
}

Reply refusal_reply(std::string_view reason) { return page_reply(refusal_page(reason), 403); }

WebSite::WebSite(engine::Control& control) : control_(control), modified_(program_modified()) {}

void WebSite::serve(const wire::HttpRequest& request, const std::string& path, Respond respond) {
  if (request.method == "GET" || request.method == "POST") {
    const std::string_view page = std::string_view{path}.substr(std::min(path.find_first_not_of('/'), path.size()));
    if (page.empty() || page == "index.html") return serve_status(request, respond);
    if (page == "tail.html") return respond(tail(read_form(request)));
    if (page == "ok.html") return respond(reply_with("OK", "text/plain"));
  }
  respond(request.method == "GET" || request.method == "HEAD" ? file(request, path) : error_reply(400));
}

void WebSite::serve_status(const wire::HttpRequest& request, const Respond& respond) {
  const Form form = read_form(request);
  const std::string action = field(form, "action");
  if (action.empty())
    return respond(page_reply(status_page({control_.daemon(), control_.processes(), field(form, "message")})));
  if (const auto reason = why_refused(request)) return respond(refusal_reply(*reason));
  // What of the request is needed later: the action may take its time.
  const auto lead_back = [head = wire::HttpRequest{{}, {}, 1, request.headers, {}, true},
                          respond](const std::string& message) { respond(redirect(redirect_target(head, message))); };
  if (!perform(action, field(form, "processname"), control_, lead_back)) respond(error_reply(500));
}

Answer WebSite::tail(const Form& form) const {
  TailView view{field(form, "processname"), {}, kTailPageBytesMin};
  const std::string wanted = field(form, "limit");
  const bool is_number = wanted.find_first_not_of("0123456789") == std::string::npos;
  if (const auto limit = is_number ? parse_number(wanted) : std::nullopt)
    view.limit = std::clamp<std::int64_t>(*limit, kTailPageBytesMin, kTailPageBytesMax);
  view.text = view.name.empty() ? "No process name found" : log_end(view.name, view.limit);
  return page_reply(tail_page(view));
}

std::string WebSite::log_end(const std::string& name, std::int64_t limit) const {
  const auto failure = [](const engine::Refused& refused) { return "ERROR: " + fault_text(refused); };
  const auto path = control_.logfile(name, Stdio::Out);
  if (!path && path.error().code != engine::Refusal::NoFile) return failure(path.error());
  if (!path || !path->starts_with('/')) return "No file for " + name;  // "syslog" is no file either
  const auto log = open_log(*path);
  if (!log && log.error().code == ENOENT) return "No file for " + name;
  const auto window = log ? read_window(log->status.st_size, -limit, 0) : std::nullopt;
  const auto bytes = window ? read_at(log->fd, window->begin, static_cast<std::size_t>(window->length))
                            : Result<std::string>{Error{"no log"}};
  if (!bytes) return failure({engine::Refusal::Failed, {}});
  return std::string{window->begin > 0 ? without_torn_character(*bytes) : *bytes};
}

Answer WebSite::file(const wire::HttpRequest& request, const std::string& path) const {
  const auto found = web_file(path);
  if (!found) return error_reply(404);
  Headers headers{{"Last-Modified", wire::http_date(modified_)},
                  {"Cache-Control", "no-cache"}};  // asks whether it changed
  // Equal, not "since": an older program may have replaced a newer one.
  if (request.header("If-Modified-Since") == wire::http_date(modified_)) return Reply{304, std::move(headers), {}};
  headers.emplace_back("Content-Length", std::to_string(found->bytes.size()));
  headers.emplace_back("Content-Type", found->content_type);
  return Reply{200, std::move(headers), std::string{found->bytes}};
}

}  // namespace upkeep::rpc
