#include "rpc/site.h"

#include <fmt/core.h>

#include "base/text.h"
#include "rpc/authorization.h"
#include "wire/xmlrpc.h"

namespace upkeep::rpc {
namespace {

constexpr std::size_t kQuotedBytesMax = 1000;  // of a bad request, in the log

// As Python's unquote: what is no escape stays as it is.
std::string decoded(const std::string& text) { return wire::percent_decode(text).value_or(text); }

// What a client sends must not look like lines of ours.
std::string as_one_line(const std::string& text) {
  const std::string shown = python_repr(text.substr(0, kQuotedBytesMax));
  return shown.size() == text.size() + 2 ? text : shown;
}

Answer follow(const std::string& path, Headers extra) {
  // Anything that is not an absolute path is not a file: "syslog", or no log at all.
  if (!path.starts_with('/')) return error_reply(404);
  auto log = LogFollower::open(path);
  if (!log) return error_reply(404);
  Headers headers{{"Last-Modified", wire::http_date(log->modified())}, {"Content-Type", "text/plain;charset=utf-8"}};
  headers.insert(headers.end(), extra.begin(), extra.end());
  return Stream{std::move(headers), std::move(*log)};
}

}  // namespace

Site::Site(os::Loop& loop, engine::Control& control, Log log)
    : control_(control), log_(std::move(log)), api_(loop, control), web_(control) {}

void Site::serve(const wire::HttpRequest& request, const Caller& caller,
                 const std::optional<config::Credentials>& credentials, const SiteNames& names, Respond respond) {
  if (credentials) {
    switch (judge_authorization(request.header("Authorization"), *credentials)) {
      case Verdict::Welcome: break;
      case Verdict::Unauthorized: return respond(unauthorized_reply());
      case Verdict::Malformed: return respond(error_reply(400));
    }
  }
  if (const auto reason = why_hidden(request, names)) return respond(refusal_reply(*reason));
  const std::string path = decoded(request.target.substr(0, request.target.find('?')));
  if (path.starts_with("/RPC2")) {
    if (request.method != "POST") return respond(error_reply(400));
    if (const auto reason = why_refused(request)) return respond(refusal_reply(*reason));
    return call(request, caller, std::move(respond));
  }
  if (path.starts_with("/logtail")) return respond(request.method == "GET" ? process_log(path) : error_reply(400));
  if (path.starts_with("/mainlogtail")) return respond(request.method == "GET" ? main_log() : error_reply(400));
  web_.serve(request, path, std::move(respond));
}

void Site::call(const wire::HttpRequest& request, const Caller& caller, Respond respond) {
  const auto wanted = wire::parse_xmlrpc_call(request.body);
  if (!wanted) {
    const std::string start = request.body.substr(0, kQuotedBytesMax);
    log_(LogLevel::Error, fmt::format("XML-RPC request data {}{} is invalid: {}", python_repr(start),
                                      start.size() < request.body.size() ? "..." : "", wanted.error().text));
    return respond(error_reply(400));
  }
  const std::string method = as_one_line(wanted->method);
  log_(LogLevel::Trace, fmt::format("XML-RPC method called: {}()", method));
  api_.call(*wanted, caller, [log = log_, method, respond = std::move(respond)](const wire::XmlRpcReply& reply) {
    const auto* fault = std::get_if<wire::XmlRpcFault>(&reply);
    log(LogLevel::Trace, fault ? fmt::format("XML-RPC method {}() returned fault: [{}] {}", method, fault->code,
                                             as_one_line(fault->text))
                               : fmt::format("XML-RPC method {}() returned successfully", method));
    respond(reply_with(wire::write_xmlrpc_reply(reply), "text/xml"));
  });
}

Answer Site::process_log(const std::string& path) const {
  std::vector<std::string> parts;  // "logtail", name, channel
  for (std::string& part : split(decoded(path), '/'))
    if (!part.empty()) parts.push_back(std::move(part));
  if (parts.size() < 2) return error_reply(404);
  const std::string channel = parts.size() > 2 ? parts[2] : "stdout";
  if (channel != "stdout" && channel != "stderr") return error_reply(404);
  const auto file = control_.logfile(parts[1], channel == "stdout" ? Stdio::Out : Stdio::Err);
  if (!file) return error_reply(404);
  return follow(*file, {{"X-Accel-Buffering", "no"}});
}

Answer Site::main_log() const { return follow(control_.daemon().logfile, {}); }

}  // namespace upkeep::rpc
