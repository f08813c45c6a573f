#include "ctl/client.h"

#include <fmt/core.h>
#include <poll.h>

#include <utility>
#include <variant>

#include "wire/http.h"

namespace upkeep::ctl {
namespace {

constexpr int kPauseMilliseconds = 100;  // before the second try; the n-th waits n times as long

std::string request_for(const Target& target, const Address& address, const std::string& body) {
  std::string request = fmt::format(
      "POST /RPC2 HTTP/1.1\r\nHost: {}\r\nUser-Agent: upkeep/{}\r\nContent-Type: text/xml\r\nAccept: text/xml\r\n",
      address.host_header(), UPKEEP_VERSION);
  if (const auto login = authorization(target)) request += fmt::format("Authorization: {}\r\n", *login);
  return request + fmt::format("Content-Length: {}\r\n\r\n", body.size()) + body;
}

// The text after the status number of "HTTP/1.1 401 Unauthorized".
std::string reason_of(int status) { return std::string{wire::http_reason(status)}; }

}  // namespace

bool only_reads(std::string_view method) {
  const std::string_view verb = method.substr(method.find('.') + 1);
  return verb.starts_with("get") || verb.starts_with("read") || verb.starts_with("tail");
}

Attempt<std::string> Client::exchange(const Target& target, const std::string& body, bool reads, int cancel_fd) {
  const Address address = TRY(parse_url(target.url));
  Connection connection = TRY(Connection::open(address));
  const Instant started = monotonic_now();
  Patience patience{std::nullopt, cancel_fd};
  if (reads) patience.until = started + kSilence;
  TRY(connection.send(request_for(target, address, body), patience));
  wire::HttpResponseParser parser;
  std::string answer;
  while (!parser.done()) {
    auto bytes = connection.receive(patience);
    if (!bytes && bytes.error().type == "TimeoutError" && patience.until == started + kSilence) {
      if (on_silence) on_silence(target.url);
      patience.until = started + kReadTime;
      continue;
    }
    if (!bytes) return std::move(bytes).error();
    if (bytes->empty()) {
      parser.feed_end();
      if (!parser.done()) return Failure::closed();
    } else {
      parser.feed(*bytes);
    }
    if (parser.failed()) return Failure::other("http.client.BadStatusLine", "the answer is not HTTP");
    answer += parser.take_body();
  }
  if (parser.head()->status != 200)
    return Failure::http_status(parser.head()->status, reason_of(parser.head()->status));
  return answer;
}

Attempt<wire::XmlRpcValue> Client::call(const Target& target, const std::string& method, wire::XmlRpcArray params,
                                        int cancel_fd) {
  const std::string body = wire::write_xmlrpc_call({method, std::move(params)});
  const bool reads = only_reads(method);
  auto answer = exchange(target, body, reads, cancel_fd);
  for (int tries = 1; reads && tries < kReadsMax; ++tries) {
    if (answer || answer.error().kind != Failure::Kind::Closed) break;
    (void)::poll(nullptr, 0, kPauseMilliseconds * tries);  // only a pause: an engine restart takes about that long
    answer = exchange(target, body, reads, cancel_fd);
  }
  if (!answer) return std::move(answer).error();
  auto reply = wire::parse_xmlrpc_reply(*answer);
  if (!reply) return Failure::other("xml.parsers.expat.ExpatError", reply.error().text);
  if (const auto* fault = std::get_if<wire::XmlRpcFault>(&*reply)) return Failure::fault(fault->code, fault->text);
  return std::get<wire::XmlRpcValue>(std::move(*reply));
}

}  // namespace upkeep::ctl
