// HTTP requests and responses, fed in pieces: the first byte of the input is the size of a piece.
#include <cstdint>
#include <string_view>

#include "wire/http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] + 1U;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  upkeep::wire::HttpRequestParser requests;
  upkeep::wire::HttpResponseParser response;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    requests.feed(bytes.substr(at, piece));
    while (const auto request = requests.next()) {
      if (request->body.size() > upkeep::wire::kHttpBodyBytesMax || request->method.empty()) __builtin_trap();
      (void)upkeep::wire::percent_decode(request->target);
    }
    (void)requests.wants_continue();
    if (requests.failure() && requests.buffered() != 0) __builtin_trap();
    response.feed(bytes.substr(at, piece));
    (void)response.take_body();
  }
  response.feed_end();
  if (response.done() == response.failed()) __builtin_trap();
  if (const auto decoded = upkeep::wire::base64_decode(bytes)) {
    if (upkeep::wire::base64_decode(upkeep::wire::base64_encode(*decoded)) != decoded) __builtin_trap();
  }
  return 0;
}
