#include "ctl/log_follower.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "unit/ctl/scripted_server.h"
#include "wire/http.h"

namespace upkeep::ctl {
namespace {

using wire::XmlRpcArray;
using wire::XmlRpcValue;

TEST(RepeatedBytes, AreTheLongestOverlap) {
  EXPECT_EQ(repeated_bytes("abcabc", "abcabcd"), 6u);
  EXPECT_EQ(repeated_bytes("xxabc", "bcd"), 2u);
  EXPECT_EQ(repeated_bytes("abc", "xyz"), 0u);
  EXPECT_EQ(repeated_bytes("", "xyz"), 0u);
}

// A daemon with one log, whose streams break off. Each of `visits` is one stream: what is appended while it lasts, and
// what after it was lost; then streams are refused.
class BreakingLog {
 public:
  struct Visit {
    std::string while_followed, while_lost;
  };
  BreakingLog(std::string text, std::vector<Visit> visits) : text_(std::move(text)), visits_(std::move(visits)) {}

  void handle(const std::string& request, int connection) {
    request.starts_with("GET") ? stream(connection) : answer(request, connection);
  }
  void rotate_when_lost(std::string new_text) { rotated_ = std::move(new_text); }
  std::string text() {
    const std::lock_guard lock{mutex_};
    return text_;
  }

 private:
  void stream(int connection) {
    std::unique_lock lock{mutex_};
    if (visit_ == visits_.size())
      return write_bytes(connection, wire::http_response_head(404, {{"Content-Length", "0"}}, ""));
    const Visit visit = visits_[visit_++];
    const int asked = size_questions_;
    write_bytes(connection, wire::http_response_head(200, {{"Transfer-Encoding", "chunked"}}, ""));
    write_bytes(connection, wire::http_chunk(text_.substr(text_.size() - std::min<std::size_t>(text_.size(), 1024))));
    asked_.wait_for(lock, std::chrono::seconds{20}, [&] { return size_questions_ > asked; });
    if (!visit.while_followed.empty()) write_bytes(connection, wire::http_chunk(visit.while_followed));
    text_ += visit.while_followed + visit.while_lost;
    if (!rotated_.empty()) text_ = std::exchange(rotated_, {});
  }

  void answer(const std::string& request, int connection) {
    const auto call = *wire::parse_xmlrpc_call(request.substr(request.find("\r\n\r\n") + 4));
    const std::lock_guard lock{mutex_};
    XmlRpcValue value;
    if (call.method == "supervisor.tailProcessStdoutLog") {
      ++size_questions_;
      asked_.notify_all();
      value = XmlRpcArray{"", static_cast<std::int64_t>(text_.size()), false};
    } else {
      const auto offset = static_cast<std::size_t>(std::get<std::int64_t>(call.params[1].is));
      value = text_.substr(offset, static_cast<std::size_t>(std::get<std::int64_t>(call.params[2].is)));
    }
    const std::string body = wire::write_xmlrpc_reply(value);
    write_bytes(connection,
                wire::http_response_head(200, {{"Content-Length", std::to_string(body.size())}}, "") + body);
  }

  std::mutex mutex_;
  std::condition_variable asked_;
  int size_questions_ = 0;
  std::string text_, rotated_;
  std::vector<Visit> visits_;
  std::size_t visit_ = 0;
};

struct Followed {
  std::string out, err;
};

std::string contents(const Fd& file) {
  std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  (void)::pread(file.get(), text.data(), text.size(), 0);
  return text;
}

Followed follow(BreakingLog& log) {
  ScriptedServer server{[&](const std::string& request, int connection) { log.handle(request, connection); }};
  const Fd out{::memfd_create("out", MFD_CLOEXEC)};
  const Fd err{::memfd_create("err", MFD_CLOEXEC)};
  Terminal terminal{-1, out.get(), err.get()};
  const Interrupt interrupt;
  Client client;
  LogFollower follower{client, {server.url(), {}, {}}, {"web", "stdout"}, terminal, interrupt};
  bool going_on = follower.start();
  while (going_on) {
    pollfd readable{follower.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&readable, 1, 20'000), 1);
    going_on = follower.pump();
  }
  return {contents(out), contents(err)};
}

std::string ticks(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "tick\n";
  return text;
}

TEST(LogFollower, ContinuesAtTheByteWhereItWasCutOff) {
  // All lines are equal: only offsets tell them apart.
  BreakingLog log{ticks(100), {{ticks(3), ticks(7)}, {ticks(2), ticks(5)}, {"", ""}}};
  const Followed followed = follow(log);
  EXPECT_EQ(followed.out, log.text());
  EXPECT_TRUE(followed.err.ends_with("/logtail/web/stdout Cannot read, status code 404\n"));
}

TEST(LogFollower, FetchesWhatANewStreamNoLongerHolds) {
  BreakingLog log{ticks(10), {{ticks(1), ticks(5000)}, {"", ""}}};
  const std::string out = follow(log).out;
  EXPECT_EQ(out, log.text());
}

TEST(LogFollower, StartsWithTheLast1024Bytes) {
  BreakingLog log{ticks(1000), {{"x\n", "y\n"}, {"", ""}}};
  const std::string out = follow(log).out;
  EXPECT_EQ(out, log.text().substr(5000 - 1024));
}

TEST(LogFollower, StartsOverInAFileThatWasRotated) {
  BreakingLog log{ticks(50), {{"last of the old\n", ""}, {"", ""}}};
  log.rotate_when_lost("first of the new\n");
  EXPECT_EQ(follow(log).out, ticks(50) + "last of the old\nfirst of the new\n");
}

TEST(LogFollower, SaysWhyItCannotStart) {
  const Fd err{::memfd_create("err", MFD_CLOEXEC)};
  Terminal terminal{-1, -1, err.get()};
  const Interrupt interrupt;
  Client client;
  LogFollower follower{client, {"unix:///nonexistent/s", {}, {}}, {"", ""}, terminal, interrupt};
  EXPECT_FALSE(follower.start());
  EXPECT_EQ(contents(err),
            "unix:///nonexistent/s/mainlogtail Cannot connect, error: <class 'FileNotFoundError'> "
            "([Errno 2] No such file or directory)\n");
}

}  // namespace
}  // namespace upkeep::ctl
