#include "rpc/answer.h"

namespace upkeep::rpc {

Reply reply_with(std::string body, std::string content_type) {
  Headers headers{{"Content-Type", std::move(content_type)}, {"Content-Length", std::to_string(body.size())}};
  return {200, std::move(headers), std::move(body)};
}

Reply error_reply(int status) {
  std::string body = wire::http_error_body(status);
  Headers headers{{"Content-Length", std::to_string(body.size())}, {"Content-Type", "text/html"}};
  return {status, std::move(headers), std::move(body)};
}

Reply unauthorized_reply() {
  Reply reply = error_reply(401);
  const Headers first{{"Connection", "close"}, {"WWW-Authenticate", "Basic realm=\"default\""}};
  reply.headers.insert(reply.headers.begin(), first.begin(), first.end());
  reply.closes = true;
  return reply;
}

}  // namespace upkeep::rpc
