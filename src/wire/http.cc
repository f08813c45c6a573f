#include "wire/http.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>

#include "base/text.h"

namespace upkeep::wire {
namespace {

namespace beast = boost::beast;
using beast::http::error;
using boost::system::error_code;

using Headers = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string> find_header(const Headers& headers, std::string_view name) {
  const std::string wanted = lower(name);
  for (const auto& [key, value] : headers)
    if (lower(key) == wanted) return value;
  return std::nullopt;
}

// Collects what Beast's parser finds in a head; it is never given more.
template <bool is_request>
class HeadReader : public beast::http::basic_parser<is_request> {
 public:
  std::string method, target;
  int version_minor = 1;
  int status = 0;
  Headers headers;

 private:
  using View = beast::string_view;

  void on_request_impl(beast::http::verb, View name, View uri, int version, error_code&) override {
    method = std::string{name};
    target = std::string{uri};
    version_minor = version % 10;
  }
  void on_response_impl(int code, View, int version, error_code&) override {
    status = code;
    version_minor = version % 10;
  }
  void on_field_impl(beast::http::field, View name, View value, error_code&) override {
    headers.emplace_back(name, value);
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(View bytes, error_code&) override { return bytes.size(); }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View bytes, error_code&) override { return bytes.size(); }
  void on_finish_impl(error_code&) override {}
};

}  // namespace

std::optional<std::string> HttpRequest::header(std::string_view name) const { return find_header(headers, name); }
std::optional<std::string> HttpResponse::header(std::string_view name) const { return find_header(headers, name); }

// --- requests

// Beast sees a head only once it is complete, so its parser never has to be resumed, and the limit on the head is ours:
// Beast's own counts anew with every call.
struct HttpRequestParser::State {
  std::string bytes;                // not yet part of a returned request
  std::size_t scanned = 0;          // no end of a head begins before this offset
  std::optional<HttpRequest> open;  // head complete, body not
  std::size_t body_bytes = 0;       // of `open`
  bool expects_continue = false;    // `open` does, and nobody has asked yet
  std::optional<int> failure;

  void skip_empty_lines() {
    const std::size_t first = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (first == 0) return;
    bytes.erase(0, first);
    scanned = 0;
  }

  // Turns a complete head at the front of `bytes` into `open`.
  void read_head() {
    skip_empty_lines();
    const std::size_t end = bytes.find("\r\n\r\n", scanned);
    if (std::min(end, bytes.size()) > kHttpHeadBytesMax) {
      failure = bytes.find("\r\n") > kHttpHeadBytesMax ? 414 : 431;
    } else if (end == std::string::npos) {
      scanned = bytes.size() < 3 ? 0 : bytes.size() - 3;
    } else {
      parse_head(end + 4);
    }
  }

  void parse_head(std::size_t size) {
    HeadReader<true> reader;
    reader.header_limit(kHttpHeadBytesMax + 4);
    reader.body_limit(kHttpBodyBytesMax);
    error_code ec;
    reader.put({bytes.data(), size}, ec);
    if (ec == error::body_limit) {
      failure = 413;
    } else if (ec || !reader.is_header_done()) {
      failure = 400;
    } else if (find_header(reader.headers, "Transfer-Encoding") ||
               (reader.method == "POST" && !reader.content_length())) {
      failure = 411;
    } else {
      body_bytes = static_cast<std::size_t>(reader.content_length().value_or(0));
      open = HttpRequest{std::move(reader.method),
                         std::move(reader.target),
                         reader.version_minor,
                         std::move(reader.headers),
                         std::string{},
                         reader.keep_alive()};
      expects_continue = open->version_minor == 1 && lower(open->header("Expect").value_or("")) == "100-continue";
      bytes.erase(0, size);
      scanned = 0;
    }
    if (failure) bytes.clear();
  }
};

HttpRequestParser::HttpRequestParser() : state_(std::make_unique<State>()) {}
HttpRequestParser::HttpRequestParser(HttpRequestParser&&) noexcept = default;
HttpRequestParser& HttpRequestParser::operator=(HttpRequestParser&&) noexcept = default;
HttpRequestParser::~HttpRequestParser() = default;

void HttpRequestParser::feed(std::string_view bytes) {
  if (state_->failure) return;
  state_->bytes.append(bytes);
  if (!state_->open) state_->read_head();
}

std::optional<HttpRequest> HttpRequestParser::next() {
  State& state = *state_;
  if (!state.open && !state.failure) state.read_head();
  if (!state.open || state.bytes.size() < state.body_bytes) return std::nullopt;
  std::optional<HttpRequest> request = std::exchange(state.open, std::nullopt);
  if (state.bytes.size() == state.body_bytes) {
    request->body = std::exchange(state.bytes, {});
  } else {
    request->body = state.bytes.substr(0, state.body_bytes);
    state.bytes.erase(0, state.body_bytes);
  }
  state.expects_continue = false;
  return request;
}

std::optional<int> HttpRequestParser::failure() const { return state_->failure; }

bool HttpRequestParser::wants_continue() {
  const bool incomplete = state_->open && state_->bytes.size() < state_->body_bytes;
  return incomplete && std::exchange(state_->expects_continue, false);
}

std::size_t HttpRequestParser::buffered() const { return state_->bytes.size(); }

HttpRequestParser::Progress HttpRequestParser::progress() const {
  if (state_->open) return Progress::Body;
  return state_->bytes.empty() ? Progress::Nothing : Progress::Head;
}

// --- responses

// The chunks are read here: Beast's parser asserts when the last one of an empty body arrives in small pieces.
struct HttpResponseParser::State {
  enum class Expects { Head, Bytes, ChunkSize, ChunkBytes, ChunkEnd, Trailer, BytesToTheEnd, Nothing };

  Expects expects = Expects::Head;
  std::string pending;     // not yet understood
  std::uint64_t left = 0;  // Bytes, ChunkBytes: still to come
  std::optional<HttpResponse> head;
  std::string body;
  bool failed = false;

  bool fail() {
    failed = true;
    pending.clear();
    return false;
  }

  // Each of these takes one thing off `pending`; false: more bytes are needed, or there is no sense in more.
  bool advance() {
    switch (expects) {
      case Expects::Head: return read_head();
      case Expects::Bytes: return read_bytes(Expects::Nothing);
      case Expects::ChunkSize: return read_chunk_size();
      case Expects::ChunkBytes: return read_bytes(Expects::ChunkEnd);
      case Expects::ChunkEnd: {
        const auto line = take_line();
        expects = Expects::ChunkSize;
        return line && (line->empty() || fail());
      }
      case Expects::Trailer: {
        const auto line = take_line();
        if (line && line->empty()) expects = Expects::Nothing;
        return line.has_value();
      }
      case Expects::BytesToTheEnd: body += std::exchange(pending, {}); return false;
      case Expects::Nothing: return false;
    }
    return false;
  }

  bool read_head() {
    const std::size_t end = pending.find("\r\n\r\n");
    if (std::min(end, pending.size()) > kHttpHeadBytesMax) return fail();
    if (end == std::string::npos) {
      if (!std::string_view{"HTTP/"}.starts_with(pending.substr(0, 5))) fail();  // no use in waiting for more of it
      return false;
    }
    HeadReader<false> reader;
    error_code ec;
    reader.header_limit(kHttpHeadBytesMax + 4);
    reader.body_limit(boost::none);  // a followed log has no end
    reader.put({pending.data(), end + 4}, ec);
    if (ec || !reader.is_header_done()) return fail();
    head = HttpResponse{reader.status, std::move(reader.headers)};
    left = reader.content_length().value_or(0);
    expects = reader.is_done()          ? Expects::Nothing
              : reader.chunked()        ? Expects::ChunkSize
              : reader.content_length() ? Expects::Bytes
                                        : Expects::BytesToTheEnd;
    pending.erase(0, end + 4);
    return true;
  }

  bool read_bytes(Expects next) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, pending.size()));
    body.append(pending, 0, count);
    pending.erase(0, count);
    left -= count;
    if (left > 0) return false;
    expects = next;
    return true;
  }

  bool read_chunk_size() {
    const auto line = take_line();
    if (!line) return false;
    const auto [end, error] = std::from_chars(line->data(), line->data() + line->size(), left, 16);
    const bool extended = end != line->data() + line->size() && *end != ';' && *end != ' ';
    if (error != std::errc{} || extended) return fail();
    expects = left > 0 ? Expects::ChunkBytes : Expects::Trailer;
    return true;
  }

  std::optional<std::string> take_line() {
    const std::size_t end = pending.find("\r\n");
    if (std::min(end, pending.size()) > kHttpHeadBytesMax) fail();
    if (failed || end == std::string::npos) return std::nullopt;
    std::string line = pending.substr(0, end);
    pending.erase(0, end + 2);
    return line;
  }
};

HttpResponseParser::HttpResponseParser() : state_(std::make_unique<State>()) {}
HttpResponseParser::HttpResponseParser(HttpResponseParser&&) noexcept = default;
HttpResponseParser::~HttpResponseParser() = default;

void HttpResponseParser::feed(std::string_view bytes) {
  if (state_->failed || done()) return;
  state_->pending.append(bytes);
  while (state_->advance()) {
  }
}

void HttpResponseParser::feed_end() {
  if (state_->expects == State::Expects::BytesToTheEnd) state_->expects = State::Expects::Nothing;
  if (!done()) state_->fail();
}

const std::optional<HttpResponse>& HttpResponseParser::head() const { return state_->head; }
std::string HttpResponseParser::take_body() { return std::exchange(state_->body, {}); }
bool HttpResponseParser::done() const { return state_->expects == State::Expects::Nothing; }
bool HttpResponseParser::failed() const { return state_->failed; }

// --- writing

std::string_view http_reason(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 301: return "Moved Permanently";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 408: return "Request Timeout";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "Unknown";
  }
}

std::string http_response_head(int status, const Headers& headers, std::string_view date, int version_minor) {
  std::string head = fmt::format("HTTP/1.{} {} {}\r\nServer: Medusa/1.12\r\nDate: {}\r\n", version_minor, status,
                                 http_reason(status), date);
  for (const auto& [name, value] : headers) head += fmt::format("{}: {}\r\n", name, value);
  return head + "\r\n";
}

std::string http_error_body(int status) {
  return fmt::format(
      "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n"
      "<p>Error code {}.\r\n<p>Message: {}.\r\n</body>\r\n",
      status, http_reason(status));
}

std::string http_date(std::time_t when) {
  // Not strftime: HTTP wants English whatever the locale.
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  if (!::gmtime_r(&when, &utc)) return http_date(0);  // a year that does not fit an int
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays.at(static_cast<std::size_t>(utc.tm_wday)),
                     utc.tm_mday, kMonths.at(static_cast<std::size_t>(utc.tm_mon)), 1900 + utc.tm_year, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

std::string http_chunk(std::string_view bytes) { return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes); }

// --- codecs

std::optional<std::string> percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3 || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(digit(text[i + 1]) << 4 | digit(text[i + 2]));
    i += 2;
  }
  return out;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::string> base64_decode(std::string_view text) {
  constexpr auto kValues = [] {
    std::array<signed char, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kBase64.size(); ++i)
      values[static_cast<unsigned char>(kBase64[i])] = static_cast<signed char>(i);
    return values;
  }();
  std::string out;
  std::uint32_t bits = 0;
  std::size_t digits = 0, padding = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;  // long texts come wrapped
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = kValues[static_cast<unsigned char>(c)];
    if (value < 0 || padding > 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (++digits % 4 != 1) out += static_cast<char>(bits >> (6 - 2 * ((digits - 1) % 4)) & 0xff);
  }
  if ((digits + padding) % 4 != 0 || padding > 2) return std::nullopt;
  return out;
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) bits = bits << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) out += j <= count ? kBase64[bits >> (18 - 6 * j) & 0x3f] : '=';
  }
  return out;
}

}  // namespace upkeep::wire
