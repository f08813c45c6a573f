// HTTP/1.x as bytes, for the control server and its clients: incremental parsers (feed) and builders. No sockets.
// Boost.Beast does the parsing, in http.cc alone. Contract: RFC 9112 with the limits below; header order and error
// bodies as Supervisor's Medusa server writes them.
#pragma once

#include <cstddef>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace upkeep::wire {

inline constexpr std::size_t kHttpHeadBytesMax = 64 * 1024;
inline constexpr std::size_t kHttpBodyBytesMax = 16 * 1024 * 1024;

struct HttpRequest {
  std::string method, target;  // target as sent, not decoded
  int version_minor = 1;
  std::vector<std::pair<std::string, std::string>> headers;  // names as sent
  std::string body;
  bool keep_alive = true;
  std::optional<std::string> header(std::string_view name) const;  // case-insensitive, first match
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> header(std::string_view name) const;
};

// Requests from a connection, one after the other. Bytes fed after a complete request are kept for the next one.
class HttpRequestParser {
 public:
  HttpRequestParser();
  HttpRequestParser(HttpRequestParser&&) noexcept;
  HttpRequestParser& operator=(HttpRequestParser&&) noexcept;
  ~HttpRequestParser();

  void feed(std::string_view bytes);
  std::optional<HttpRequest> next();  // the next complete request
  // Set once the input is unusable: the status to answer with (400, 411, 413, 414, 431) before closing.
  std::optional<int> failure() const;
  // True once a head with "Expect: 100-continue" is complete and its body is not; then false until the next request.
  bool wants_continue();
  std::size_t buffered() const;  // bytes held, for the limit on all bodies together
  // How far the next request is: for the deadlines of slow clients.
  enum class Progress { Nothing, Head, Body };
  Progress progress() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A response of the client's side: the head once, then body bytes as they arrive (chunked decoding included).
class HttpResponseParser {
 public:
  HttpResponseParser();
  HttpResponseParser(HttpResponseParser&&) noexcept;
  ~HttpResponseParser();

  void feed(std::string_view bytes);
  void feed_end();  // the server closed the connection
  const std::optional<HttpResponse>& head() const;
  std::string take_body();  // body bytes decoded since the last call
  bool done() const;
  bool failed() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Status line, "Server: Medusa/1.12", "Date: ...", then `headers` in order, then the blank line.
std::string http_response_head(int status, const std::vector<std::pair<std::string, std::string>>& headers,
                               std::string_view date, int version_minor = 1);
// The HTML body Supervisor sends with an error status.
std::string http_error_body(int status);
std::string_view http_reason(int status);
std::string http_date(std::time_t when);                      // RFC 1123, GMT
std::string http_chunk(std::string_view bytes);               // one chunk; "" gives the last one
std::optional<std::string> percent_decode(std::string_view);  // nullopt: malformed
std::optional<std::string> base64_decode(std::string_view);
std::string base64_encode(std::string_view);

}  // namespace upkeep::wire
