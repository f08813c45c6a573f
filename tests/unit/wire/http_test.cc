#include "wire/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace upkeep::wire {
namespace {

constexpr const char* kDate = "Sat, 21 Nov 2026 02:38:04 GMT";

std::optional<HttpRequest> parse_one(std::string_view bytes) {
  HttpRequestParser parser;
  parser.feed(bytes);
  return parser.next();
}

std::optional<int> failure_of(std::string_view bytes) {
  HttpRequestParser parser;
  parser.feed(bytes);
  EXPECT_FALSE(parser.next());
  return parser.failure();
}

TEST(HttpRequestParser, ReadsACall) {
  const auto request = parse_one(
      "POST /RPC2?x=1 HTTP/1.1\r\nHost: localhost\r\nCONTENT-TYPE: text/xml\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->target, "/RPC2?x=1");
  EXPECT_EQ(request->version_minor, 1);
  EXPECT_EQ(request->body, "hello");
  EXPECT_EQ(request->header("content-type"), "text/xml");
  EXPECT_EQ(request->headers[1].first, "CONTENT-TYPE");
  EXPECT_EQ(request->header("Authorization"), std::nullopt);
  EXPECT_TRUE(request->keep_alive);
}

TEST(HttpRequestParser, ReadsByteByByte) {
  HttpRequestParser parser;
  const std::string bytes = "POST /RPC2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n";
  std::vector<HttpRequest> requests;
  for (const char c : bytes) {
    parser.feed({&c, 1});
    while (auto request = parser.next()) requests.push_back(std::move(*request));
  }
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].body, "abc");
  EXPECT_EQ(requests[1].method, "GET");
  EXPECT_EQ(requests[1].version_minor, 0);
  EXPECT_FALSE(requests[1].keep_alive);
  EXPECT_EQ(parser.failure(), std::nullopt);
  EXPECT_EQ(parser.buffered(), 0U);
}

TEST(HttpRequestParser, KeepsPipelinedRequestsInOrder) {
  HttpRequestParser parser;
  parser.feed("GET /1 HTTP/1.1\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\n\r\n");
  for (const char* target : {"/1", "/2", "/3"}) {
    const auto request = parser.next();
    ASSERT_TRUE(request) << target;
    EXPECT_EQ(request->target, target);
  }
  EXPECT_FALSE(parser.next());
}

// What the stock `supervisorctl tail -f` sends: an empty Host and one CRLF too many.
TEST(HttpRequestParser, SkipsTheStrayEmptyLineOfSupervisorctl) {
  HttpRequestParser parser;
  parser.feed(
      "GET /logtail/cat/stdout HTTP/1.1\r\nHost: \r\nAccept-Encoding: chunked\r\nAccept: */*\r\n"
      "User-agent: Supervisor HTTP Client\r\nAuthorization: Basic am9lOnMzY3JldA==\r\n\r\n\r\n");
  const auto first = parser.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->header("Host"), "");
  EXPECT_EQ(first->header("Authorization"), "Basic am9lOnMzY3JldA==");
  EXPECT_FALSE(parser.next());
  EXPECT_EQ(parser.failure(), std::nullopt);
  parser.feed("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(parser.next());
}

TEST(HttpRequestParser, KnowsWhichConnectionsPersist) {
  EXPECT_FALSE(parse_one("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n")->keep_alive);
  EXPECT_FALSE(parse_one("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  EXPECT_TRUE(parse_one("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")->keep_alive);
}

TEST(HttpRequestParser, NeedsALengthForPosts) {
  EXPECT_EQ(failure_of("POST /RPC2 HTTP/1.1\r\n\r\n"), 411);
  EXPECT_EQ(failure_of("POST /RPC2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
  EXPECT_EQ(failure_of("POST /RPC2 HTTP/1.1\r\nContent-Length: x\r\n\r\n"), 400);
  EXPECT_EQ(failure_of("POST /RPC2 HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(parse_one("POST /RPC2 HTTP/1.1\r\nContent-Length: 0\r\n\r\n")->body, "");
}

TEST(HttpRequestParser, RefusesWhatIsNotHttp) {
  EXPECT_EQ(failure_of("HELLO\r\n\r\n"), 400);
  EXPECT_EQ(failure_of("GET /\r\n\r\n"), 400);
  EXPECT_EQ(failure_of("GET / HTTP/2.0\r\n\r\n"), 400);
  EXPECT_EQ(failure_of("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400);
  EXPECT_EQ(failure_of("GET / HTTP/1.1\n\n"), std::nullopt) << "bare line feeds never complete a head";
}

TEST(HttpRequestParser, LimitsHeadAndBody) {
  EXPECT_EQ(failure_of("GET /" + std::string(kHttpHeadBytesMax, 'x')), 414);
  EXPECT_EQ(failure_of("GET / HTTP/1.1\r\nX: " + std::string(kHttpHeadBytesMax, 'x')), 431);
  EXPECT_EQ(failure_of("POST / HTTP/1.1\r\nContent-Length: 16777217\r\n\r\n"), 413);
  EXPECT_TRUE(parse_one("GET / HTTP/1.1\r\nX: " + std::string(kHttpHeadBytesMax - 100, 'x') + "\r\n\r\n"));
}

TEST(HttpRequestParser, CountsAndForgetsBytes) {
  HttpRequestParser parser;
  parser.feed("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + std::string(60, 'x'));
  EXPECT_FALSE(parser.next());
  EXPECT_EQ(parser.buffered(), 60U);
  parser.feed(std::string(40, 'x'));
  EXPECT_TRUE(parser.next());
  EXPECT_EQ(parser.buffered(), 0U);
}

TEST(HttpRequestParser, AsksOnceForTheRestOfAnExpectedBody) {
  HttpRequestParser parser;
  EXPECT_FALSE(parser.wants_continue());
  parser.feed("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_FALSE(parser.next());
  EXPECT_TRUE(parser.wants_continue());
  EXPECT_FALSE(parser.wants_continue());
  parser.feed("ab");
  EXPECT_TRUE(parser.next());
  EXPECT_FALSE(parser.wants_continue());
}

TEST(HttpResponseParser, ReadsALengthByteByByte) {
  HttpResponseParser parser;
  const std::string bytes = "HTTP/1.1 200 OK\r\nServer: Medusa/1.12\r\nContent-Length: 5\r\n\r\nhello";
  std::string body;
  for (const char c : bytes) {
    EXPECT_FALSE(parser.done());
    parser.feed({&c, 1});
    body += parser.take_body();
  }
  ASSERT_TRUE(parser.head());
  EXPECT_EQ(parser.head()->status, 200);
  EXPECT_EQ(parser.head()->header("server"), "Medusa/1.12");
  EXPECT_EQ(body, "hello");
  EXPECT_TRUE(parser.done());
}

TEST(HttpResponseParser, DecodesChunksAsTheyCome) {
  HttpResponseParser parser;
  parser.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\none\ntwo\n\r\n5\r\nth");
  EXPECT_EQ(parser.take_body(), "one\ntwo\nth");
  parser.feed("ree\r\n");
  EXPECT_EQ(parser.take_body(), "ree");
  EXPECT_FALSE(parser.done());
  parser.feed("0\r\n\r\n");
  EXPECT_TRUE(parser.done());
  EXPECT_FALSE(parser.failed());
}

// Found by the fuzzer: Beast's own reader of chunks asserts on this.
TEST(HttpResponseParser, ReadsAnEmptyChunkedBodyByteByByte) {
  HttpResponseParser parser;
  for (const char c : std::string_view{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n"}) {
    EXPECT_FALSE(parser.done());
    parser.feed({&c, 1});
  }
  EXPECT_TRUE(parser.done());
  EXPECT_FALSE(parser.failed());
}

TEST(HttpResponseParser, RefusesBrokenChunks) {
  for (const char* chunks : {"x\r\n", "\r\n", "-1\r\n", "11111111111111111\r\n", "1\r\nab\r\n", "1x\r\n"}) {
    HttpResponseParser parser;
    parser.feed(std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"} + chunks);
    EXPECT_TRUE(parser.failed()) << chunks;
  }
}

TEST(HttpResponseParser, EndsWithTheConnectionWhenNoLengthIsKnown) {
  HttpResponseParser parser;
  parser.feed("HTTP/1.0 200 OK\r\n\r\nabc");
  EXPECT_FALSE(parser.done());
  parser.feed_end();
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(parser.take_body(), "abc");
}

TEST(HttpResponseParser, FailsOnAnEarlyEndAndOnNonsense) {
  HttpResponseParser cut, nonsense, silent;
  cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
  cut.feed_end();
  EXPECT_TRUE(cut.failed());
  nonsense.feed("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_TRUE(nonsense.failed());
  silent.feed_end();
  EXPECT_TRUE(silent.failed());
}

TEST(Http, WritesHeadsAsMedusaDoes) {
  EXPECT_EQ(http_response_head(200, {{"Content-Type", "text/xml"}, {"Content-Length", "279"}}, kDate),
            "HTTP/1.1 200 OK\r\nServer: Medusa/1.12\r\nDate: Sat, 21 Nov 2026 02:38:04 GMT\r\n"
            "Content-Type: text/xml\r\nContent-Length: 279\r\n\r\n");
  EXPECT_EQ(http_response_head(404, {}, kDate, 0).substr(0, 24), "HTTP/1.0 404 Not Found\r\n");
}

TEST(Http, WritesErrorBodiesAsMedusaDoes) {
  EXPECT_EQ(http_error_body(401),
            "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n"
            "<p>Error code 401.\r\n<p>Message: Unauthorized.\r\n</body>\r\n");
  EXPECT_EQ(http_error_body(401).size(), 137U);
  EXPECT_EQ(http_error_body(301).size(), 142U);
}

TEST(Http, WritesDatesInGmt) {
  EXPECT_EQ(http_date(1795228684), "Sat, 21 Nov 2026 02:38:04 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Http, WritesChunks) {
  EXPECT_EQ(http_chunk("one\ntwo\n"), "8\r\none\ntwo\n\r\n");
  EXPECT_EQ(http_chunk(std::string(0x186a1, 'x')).substr(0, 7), "186a1\r\n");
  EXPECT_EQ(http_chunk(""), "0\r\n\r\n");
}

TEST(Http, DecodesPercents) {
  EXPECT_EQ(percent_decode("/logtail/a%3Ab%2f%C3%A9+"), "/logtail/a:b/\xc3\xa9+");
  EXPECT_EQ(percent_decode("%"), std::nullopt);
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%g0"), std::nullopt);
}

TEST(Base64, MatchesRfc4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(base64_encode(plain), encoded);
    EXPECT_EQ(base64_decode(encoded), plain);
  }
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(base64_decode(base64_encode(all)), all);
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "Zg==Zg==", "Zm9v!", "Zm9v=m9v"})
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  EXPECT_EQ(base64_decode("Zm9v\nYmFy\n"), "foobar");
}

}  // namespace
}  // namespace upkeep::wire
