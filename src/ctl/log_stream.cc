#include "ctl/log_stream.h"

#include <fmt/core.h>

namespace upkeep::ctl {

std::string log_path(const LogName& log) {
  return log.process.empty() ? "/mainlogtail" : fmt::format("/logtail/{}/{}", log.process, log.channel);
}

Attempt<LogStream> LogStream::open(const Target& target, const LogName& log, int cancel_fd) {
  const Address address = TRY(parse_url(target.url));
  Connection connection = TRY(Connection::open(address));
  std::string request = fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\nUser-Agent: upkeep/{}\r\n",
                                    log_path(log), address.host_header(), UPKEEP_VERSION);
  if (const auto login = authorization(target)) request += fmt::format("Authorization: {}\r\n", *login);
  TRY(connection.send(request + "\r\n", {monotonic_now() + Connection::kConnectTime, cancel_fd}));
  return LogStream{std::move(connection)};
}

std::string LogStream::read() {
  std::string text;
  while (is_open()) {
    const auto bytes = connection_.receive_now();
    if (bytes && !*bytes) break;
    if (!bytes || (*bytes)->empty()) {
      parser_.feed_end();
      ended_ = true;
    } else {
      parser_.feed(**bytes);
      ended_ = parser_.done() || parser_.failed();
    }
    text += parser_.take_body();
  }
  return refusal() ? "" : text;
}

std::optional<int> LogStream::refusal() const {
  const auto& head = parser_.head();
  if (!head || head->status == 200) return std::nullopt;
  return head->status;
}

}  // namespace upkeep::ctl
