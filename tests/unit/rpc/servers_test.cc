// The servers from outside: a real loop, a real unix socket, raw bytes.
#include "rpc/servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <regex>

#include "fakes/fake_control.h"
#include "fakes/temporary_folder.h"
#include "os/socket.h"
#include "wire/xmlrpc.h"

namespace upkeep::rpc {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr Duration kPatience = seconds{20};  // for what must happen

std::string without_date(const std::string& text) {
  return std::regex_replace(text, std::regex("\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT"), "DATE");
}

std::string post(const std::string& body, const std::string& headers = "") {
  return "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}
std::string call(const std::string& method, wire::XmlRpcArray params = {}, const std::string& headers = "") {
  return post(wire::write_xmlrpc_call({method, std::move(params)}), headers);
}
std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

class Client {
 public:
  Client(os::Loop& loop, const std::string& path) : Client(loop, os::connect_unix(path)) {}
  Client(os::Loop& loop, Result<Fd> socket) : loop_(loop) {
    if (!socket || !set_nonblocking(socket->get())) std::abort();
    socket_ = std::move(*socket);
  }
  // As much as the socket takes, the rest while the loop turns; replies are read meanwhile.
  void send(std::string_view bytes) {
    const Instant until = monotonic_now() + kPatience;
    while (!bytes.empty() && monotonic_now() < until) {
      const ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
      if (count < 0 && errno != EAGAIN) return;  // the server has had enough
      loop_.turn(milliseconds{count < 0 ? 1 : 0});
      if (count < 0) read();
    }
  }
  bool read_until(const std::function<bool()>& enough) {
    const Instant until = monotonic_now() + kPatience;
    while (!enough() && monotonic_now() < until) {
      loop_.turn(milliseconds{1});
      read();
    }
    return enough();
  }
  bool read_until(const std::string& text) {
    return read_until([&] { return received.find(text) != std::string::npos; });
  }
  bool read_to_end() {
    return read_until([&] { return ended; });
  }
  void read() {
    char bytes[65536];
    ssize_t count = 0;
    while ((count = ::recv(socket_.get(), bytes, sizeof bytes, 0)) > 0)
      received.append(bytes, static_cast<std::size_t>(count));
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) ended = true;
  }
  // The body of the next reply with a Content-Length, taken off `received`; the head stays in `head`.
  std::string reply() {
    std::size_t end = 0, length = 0;
    const bool complete = read_until([&] {
      end = received.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      const std::size_t at = received.find("Content-Length: ");
      if (at > end) return false;
      length = std::stoul(received.substr(at + 16));
      return received.size() >= end + 4 + length;
    });
    if (!complete) {
      ADD_FAILURE() << "no reply: " << received;
      return {};
    }
    head = received.substr(0, end + 4);
    const std::string body = received.substr(end + 4, length);
    received.erase(0, end + 4 + length);
    return body;
  }
  bool was_read() const {  // all that was sent
    int unread = 0;
    return ::ioctl(socket_.get(), SIOCOUTQ, &unread) == 0 && unread == 0;
  }
  void shut_down_writing() { ::shutdown(socket_.get(), SHUT_WR); }
  void close() { socket_.reset(); }

  std::string received, head;
  bool ended = false;

 private:
  os::Loop& loop_;
  Fd socket_;
};

class ServersTest : public testing::Test {
 protected:
  ServersTest() {
    config_.rpc_interfaces = {{"supervisor", "supervisor.rpcinterface:make_main_rpcinterface"}};
    config_.unix_servers.push_back({"unix_http_server", path_, 0700, {}, {}, {}});
    engine::ProcessInfo web;
    web.name = web.group = "web";
    control_.infos = {web};
    control_.logfiles[{"web", Stdio::Out}] = log_path_;
  }
  ~ServersTest() override {
    if (servers_) servers_->close(deposits_);
  }
  Result<void> open(const Limits& limits = {}) {
    servers_ = std::make_unique<Servers>(
        loop_, control_,
        [this](LogLevel level, const std::string& text) {
          (level == LogLevel::Trace ? traced_ : log_).emplace_back(level, text);
        },
        limits);
    return servers_->open(config_, deposits_);
  }
  void require_password() { config_.unix_servers[0].credentials = config::Credentials{"joe", "s3cret"}; }
  Client connect() { return Client{loop_, path_}; }
  bool turn_until(const std::function<bool()>& enough) {
    const Instant until = monotonic_now() + kPatience;
    while (!enough() && monotonic_now() < until) loop_.turn(milliseconds{1});
    return enough();
  }

  fakes::TemporaryFolder folder_;
  std::string path_ = folder_ / "s.sock";
  std::string log_path_ = folder_ / "web.log";
  fakes::FakeControl control_;
  fakes::FakeDeposits deposits_;
  os::Loop loop_;
  config::Config config_;
  std::unique_ptr<Servers> servers_;
  std::vector<std::pair<LogLevel, std::string>> log_, traced_;
};

// --- opening and closing

TEST_F(ServersTest, DepositsAndAnnouncesNewSockets) {
  config_.unix_servers.push_back(
      {"unix_http_server:x", folder_ / "x.sock", 0700, {}, {}, config::Credentials{"a", "b"}});
  ASSERT_TRUE(open());
  EXPECT_EQ(deposits_.kept.count("listen:unix_http_server"), 1U);
  EXPECT_EQ(deposits_.kept.count("listen:unix_http_server:x"), 1U);
  EXPECT_THAT(log_, ElementsAre(std::pair{LogLevel::Info, "RPC interface 'supervisor' initialized"},
                                std::pair{LogLevel::Critical,
                                          "Server 'unix_http_server' running without any HTTP authentication checking"},
                                std::pair{LogLevel::Info, "RPC interface 'supervisor' initialized"}));
}

TEST_F(ServersTest, ServesTcpPortsAsWell) {
  config_.inet_servers.push_back({"inet_http_server", "127.0.0.1", 0, config::Credentials{"a", "b"}});
  ASSERT_TRUE(open());
  EXPECT_THAT(log_, ElementsAre(std::pair{LogLevel::Info, "RPC interface 'supervisor' initialized"},
                                std::pair{LogLevel::Info, "RPC interface 'supervisor' initialized"},
                                std::pair{LogLevel::Critical,
                                          "Server 'unix_http_server' running without any HTTP "
                                          "authentication checking"}))
      << "inet servers come first";
  sockaddr_in address{};
  socklen_t size = sizeof address;
  const Fd& listener = deposits_.kept.at("listen:inet_http_server");
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  Client stranger{loop_, os::connect_tcp("127.0.0.1", ntohs(address.sin_port))};
  stranger.send(call("supervisor.getPID"));
  EXPECT_THAT(stranger.reply(), HasSubstr("Error code 401."));
  Client client{loop_, os::connect_tcp("127.0.0.1", ntohs(address.sin_port))};
  client.send(call("supervisor.getPID", {}, "Authorization: Basic YTpi\r\n"));
  EXPECT_THAT(client.reply(), HasSubstr("4711"));
  servers_->close(deposits_);
  EXPECT_THAT(deposits_.kept, IsEmpty());
  EXPECT_FALSE(os::connect_tcp("127.0.0.1", ntohs(address.sin_port)));
}

TEST_F(ServersTest, CleansUpWhenItCloses) {
  ASSERT_TRUE(open());
  Client client = connect();
  client.send(call("supervisor.getPID"));
  client.reply();
  servers_->close(deposits_);
  EXPECT_THAT(folder_.names(), IsEmpty());
  EXPECT_THAT(deposits_.kept, IsEmpty());
  EXPECT_TRUE(client.read_to_end());
  ASSERT_TRUE(servers_->open(config_, deposits_)) << "as after a restart";
  Client again = connect();
  again.send(call("supervisor.getPID"));
  EXPECT_THAT(again.reply(), HasSubstr("4711"));
}

TEST_F(ServersTest, LeavesAnotherServersSocketWhenItCloses) {
  ASSERT_TRUE(open());
  std::filesystem::remove(path_);
  const auto other = os::listen_unix({path_, 0700, {}, {}}, [](const std::string&) {});
  ASSERT_TRUE(other);
  servers_->close(deposits_);
  EXPECT_THAT(folder_.names(), ElementsAre("s.sock"));
}

TEST_F(ServersTest, TakesItsSocketsBackInSilence) {
  ASSERT_TRUE(open());
  const auto file = os::socket_at(path_);
  // What a killed engine leaves behind: the deposit, the file, and a client that has connected meanwhile.
  Client waiting = connect();
  waiting.send(call("supervisor.getPID"));
  deposits_.from_before["listen:unix_http_server"] = std::move(deposits_.kept.at("listen:unix_http_server"));
  servers_.reset();
  log_.clear();
  Client late = connect();
  ASSERT_TRUE(open());
  late.send(call("supervisor.getPID"));
  EXPECT_THAT(late.reply(), HasSubstr("4711"));
  EXPECT_EQ(os::socket_at(path_), file);
  EXPECT_THAT(log_, IsEmpty());
}

// --- the file of a unix socket

TEST_F(ServersTest, MakesARemovedSocketAnewAndServesWhoWaited) {
  ASSERT_TRUE(open());
  Client waiting = connect();
  std::filesystem::remove(path_);
  ASSERT_TRUE(turn_until([&] { return os::socket_at(path_).has_value(); }));
  waiting.send(call("supervisor.getPID"));
  EXPECT_THAT(waiting.reply(), HasSubstr("4711"));
  Client late = connect();
  late.send(call("supervisor.getPID"));
  EXPECT_THAT(late.reply(), HasSubstr("4711"));
  EXPECT_EQ(log_.back(), (std::pair{LogLevel::Warn, "the socket " + path_ + " had been removed and was made anew"}));
  servers_->close(deposits_);
  EXPECT_THAT(folder_.names(), IsEmpty()) << "the new one is known to be ours";
}

TEST_F(ServersTest, DepositsTheNewSocket) {
  ASSERT_TRUE(open());
  std::filesystem::remove(path_);
  ASSERT_TRUE(turn_until([&] { return os::socket_at(path_).has_value(); }));
  const auto file = os::socket_at(path_);
  deposits_.from_before["listen:unix_http_server"] = std::move(deposits_.kept.at("listen:unix_http_server"));
  servers_.reset();
  log_.clear();
  ASSERT_TRUE(open());
  Client late = connect();
  late.send(call("supervisor.getPID"));
  EXPECT_THAT(late.reply(), HasSubstr("4711"));
  EXPECT_EQ(os::socket_at(path_), file);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(ServersTest, MakesASocketAnewThatWentWhileNoEngineRan) {
  ASSERT_TRUE(open());
  Client waiting = connect();
  deposits_.from_before["listen:unix_http_server"] = std::move(deposits_.kept.at("listen:unix_http_server"));
  servers_.reset();
  std::filesystem::remove(path_);
  ASSERT_TRUE(open());
  ASSERT_TRUE(turn_until([&] { return os::socket_at(path_).has_value(); }));
  waiting.send(call("supervisor.getPID"));
  EXPECT_THAT(waiting.reply(), HasSubstr("4711"));
}

TEST_F(ServersTest, MakesASocketAnewWhoseFolderWasReplaced) {
  const std::string sub = folder_ / "run";
  config_.unix_servers[0].path = sub + "/s.sock";
  std::filesystem::create_directory(sub);
  ASSERT_TRUE(open());
  std::filesystem::remove_all(sub);
  ASSERT_TRUE(turn_until([&] { return log_.back().second.find("cannot be made anew") != std::string::npos; }));
  EXPECT_EQ(log_.back().first, LogLevel::Critical);
  std::filesystem::create_directory(sub);
  ASSERT_TRUE(turn_until([&] { return os::socket_at(sub + "/s.sock").has_value(); }));
}

TEST_F(ServersTest, LeavesAnotherListenersSocketAloneUntilItIsGone) {
  ASSERT_TRUE(open());
  std::filesystem::remove(path_);
  auto other = os::listen_unix({path_, 0700, {}, {}}, [](const std::string&) {});
  ASSERT_TRUE(other);
  const auto theirs = os::socket_at(path_);
  ASSERT_TRUE(turn_until([&] { return log_.back().second.find("another's") != std::string::npos; }));
  EXPECT_THAT(log_.back().second, HasSubstr("pid " + std::to_string(::getpid()) + " listens there"));
  EXPECT_EQ(os::socket_at(path_), theirs);
  std::filesystem::remove(path_);
  *other = Fd{};
  ASSERT_TRUE(turn_until([&] { return os::socket_at(path_).has_value(); }));
  Client late = connect();
  late.send(call("supervisor.getPID"));
  EXPECT_THAT(late.reply(), HasSubstr("4711"));
}

TEST_F(ServersTest, OpensAllOrNothing) {
  config_.unix_servers.push_back({"unix_http_server:x", folder_ / "no/x.sock", 0700, {}, {}, {}});
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().text, "Cannot open an HTTP server: socket.error reported errno.ENOENT (2)");
  EXPECT_THAT(folder_.names(), IsEmpty());
  EXPECT_THAT(deposits_.kept, IsEmpty());
}

// --- replies, byte for byte

TEST_F(ServersTest, AnswersCallsAsSupervisorDoes) {
  ASSERT_TRUE(open());
  Client client = connect();
  client.send(call("supervisor.getState"));
  EXPECT_EQ(client.reply(),
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n"
            "<name>statecode</name>\n<value><int>1</int></value>\n</member>\n<member>\n<name>statename</name>\n"
            "<value><string>RUNNING</string></value>\n</member>\n</struct></value>\n</param>\n</params>\n"
            "</methodResponse>\n");
  EXPECT_EQ(without_date(client.head),
            "HTTP/1.1 200 OK\r\nServer: Medusa/1.12\r\nDate: DATE\r\nContent-Type: text/xml\r\n"
            "Content-Length: 279\r\n\r\n");
  client.send(call("supervisor.getProcessInfo", {"nope"}));
  EXPECT_THAT(client.reply(), HasSubstr("<string>BAD_NAME: nope</string>"));
  EXPECT_THAT(client.head, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(client.head, HasSubstr("Content-Length: 270"));
}

TEST_F(ServersTest, CountsBytesNotCharacters) {
  ASSERT_TRUE(open());
  Client client = connect();
  client.send(call("supervisor.getProcessInfo", {"n\xc3\xb6pe"}) + call("supervisor.getPID"));
  EXPECT_THAT(client.reply(), EndsWith("</methodResponse>\n"));
  EXPECT_THAT(client.reply(), EndsWith("</methodResponse>\n"));
}

TEST_F(ServersTest, TurnsStrangersAwayAndReallyCloses) {
  require_password();
  ASSERT_TRUE(open());
  Client client = connect();
  client.send(call("supervisor.getState") + call("supervisor.getState"));
  ASSERT_TRUE(client.read_to_end());
  EXPECT_EQ(without_date(client.received),
            "HTTP/1.1 401 Unauthorized\r\nServer: Medusa/1.12\r\nDate: DATE\r\nConnection: close\r\n"
            "WWW-Authenticate: Basic realm=\"default\"\r\nContent-Length: 137\r\nContent-Type: text/html\r\n\r\n"
            "<head>\r\n<title>Error response</title>\r\n</head>\r\n<body>\r\n<h1>Error response</h1>\r\n"
            "<p>Error code 401.\r\n<p>Message: Unauthorized.\r\n</body>\r\n");
}

TEST_F(ServersTest, LetsInWhoKnowsThePassword) {
  require_password();
  ASSERT_TRUE(open());
  Client client = connect();
  client.send(call("supervisor.getPID", {}, "Authorization: Basic am9lOnMzY3JldA==\r\n"));
  EXPECT_THAT(client.reply(), HasSubstr("4711"));
  client.send(get("/mainlogtail"));
  EXPECT_TRUE(client.read_until("401 Unauthorized")) << "on every route, every time";
}

TEST_F(ServersTest, RoutesByPrefix) {
  ASSERT_TRUE(open());
  const std::string body = wire::write_xmlrpc_call({"supervisor.getPID", {}});
  const auto status = [&](const std::string& request) {
    Client client = connect();
    client.send(request);
    client.reply();
    return client.head.substr(9, 3);
  };
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  EXPECT_EQ(status("POST /RPC2xyz?foo HTTP/1.1\r\n" + length + body), "200");
  EXPECT_EQ(status("POST /%52PC2 HTTP/1.1\r\n" + length + body), "200");
  EXPECT_EQ(status(get("/RPC2")), "400");
  EXPECT_EQ(status("POST /logtail/web HTTP/1.1\r\n" + length + body), "400");
  EXPECT_EQ(status("get / HTTP/1.1\r\n\r\n"), "400");
  EXPECT_EQ(status(get("/")), "200");
  EXPECT_EQ(status(get("http://localhost/RPC2")), "404");
  EXPECT_EQ(status(get("/..%2f..%2fetc/passwd")), "404");
}

TEST_F(ServersTest, TracesCallsAndTheirOutcomeOnOneLineEach) {
  ASSERT_TRUE(open());
  Client client = connect();
  client.send(call("supervisor.getPID"));
  client.reply();
  client.send(call("evil\n2026-01-01 CRIT"));
  client.reply();
  const auto line = [](const char* text) { return std::pair{LogLevel::Trace, std::string{text}}; };
  EXPECT_THAT(traced_,
              ElementsAre(line("XML-RPC method called: supervisor.getPID()"),
                          line("XML-RPC method supervisor.getPID() returned successfully"),
                          line("XML-RPC method called: 'evil\\n2026-01-01 CRIT'()"),
                          line("XML-RPC method 'evil\\n2026-01-01 CRIT'() returned fault: [1] UNKNOWN_METHOD")));
}

TEST_F(ServersTest, RefusesWhatItCannotRead) {
  ASSERT_TRUE(open());
  Client client = connect();
  client.send(post("<nonsense"));
  client.reply();
  EXPECT_THAT(client.head, HasSubstr("400 Bad Request"));
  client.send(post("<methodCall/>"));
  client.reply();
  client.send(post(""));
  client.reply();
  EXPECT_THAT(client.head, HasSubstr("400 Bad Request"));
  ASSERT_EQ(log_.size(), 5U);
  EXPECT_EQ(log_[2],
            (std::pair{LogLevel::Error, std::string{"XML-RPC request data '<nonsense' is invalid: unmarshallable"}}));
  EXPECT_THAT(log_[3].second, EndsWith("is invalid: no method name"));
}

TEST_F(ServersTest, AnswersAHeadRequestWithoutABody) {
  ASSERT_TRUE(open());
  Client client = connect();
  client.send("HEAD / HTTP/1.1\r\n\r\n" + call("supervisor.getPID"));
  ASSERT_TRUE(client.read_until("</methodResponse>\n"));
  EXPECT_EQ(client.received.find("<head>"), std::string::npos);
}

// --- persistence

TEST_F(ServersTest, KeepsConnectionsAsHttpSays) {
  ASSERT_TRUE(open());
  const auto reply_to = [&](const std::string& version, const std::string& connection) {
    Client client = connect();
    client.send("GET / HTTP/" + version + "\r\n" + connection + "\r\n");
    client.reply();
    return std::pair{client.head, client.read_until([&] { return client.ended; })};
  };
  {
    Client client = connect();
    for (int i = 0; i < 3; ++i) {
      client.send(call("supervisor.getPID"));
      client.reply();
      EXPECT_THAT(client.head, Not(HasSubstr("Connection")));
    }
    client.send("GET /nope HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    client.reply();
    EXPECT_THAT(client.head, StartsWith("HTTP/1.0 404"));
    EXPECT_THAT(client.head, EndsWith("\r\nConnection: Keep-Alive\r\n\r\n"));
    client.send(call("supervisor.getPID"));
    client.reply();
  }
  for (const auto& [version, connection] : {std::pair{"1.1", "Connection: Close\r\n"}, std::pair{"1.0", ""}}) {
    const auto [head, closed] = reply_to(version, connection);
    EXPECT_TRUE(closed) << version;
    EXPECT_THAT(head, Not(HasSubstr("Connection"))) << version;
  }
}

TEST_F(ServersTest, AnswersPipelinedRequestsInOrder) {
  ASSERT_TRUE(open());
  control_.holds = true;
  Client client = connect();
  client.send(call("supervisor.startProcess", {"a"}) + call("supervisor.getPID") + call("supervisor.getVersion"));
  ASSERT_TRUE(turn_until([&] { return control_.held.size() == 1; }));
  loop_.turn(milliseconds{0});
  client.read();
  EXPECT_EQ(client.received, "") << "the first answer is not known yet";
  control_.release(0, {});
  EXPECT_THAT(client.reply(), HasSubstr("<boolean>1</boolean>"));
  EXPECT_THAT(client.reply(), HasSubstr("<int>4711</int>"));
  EXPECT_THAT(client.reply(), HasSubstr("<string>3.0</string>"));
}

TEST_F(ServersTest, AnswersThousandsOfPipelinedRequests) {
  ASSERT_TRUE(open());
  constexpr int kRequests = 3000;
  std::string all;
  for (int i = 0; i < kRequests; ++i) all += call("supervisor.getAllProcessInfo");
  Client client = connect();
  client.send(all);
  for (int replies = 0; replies < kRequests; ++replies) ASSERT_THAT(client.reply(), HasSubstr("statename"));
}

TEST_F(ServersTest, AnswersAClientThatStoppedSending) {
  ASSERT_TRUE(open());
  control_.holds = true;
  Client client = connect();
  client.send(call("supervisor.stopProcess", {"a"}));
  client.shut_down_writing();
  ASSERT_TRUE(turn_until([&] { return !control_.held.empty(); }));
  control_.release(0, {});
  ASSERT_TRUE(client.read_to_end());
  EXPECT_THAT(client.received, HasSubstr("<boolean>1</boolean>"));
}

TEST_F(ServersTest, ForgetsClientsThatLeaveDuringACall) {
  ASSERT_TRUE(open());
  control_.holds = true;
  {
    Client client = connect();
    client.send(call("supervisor.startProcess", {"a"}));
    ASSERT_TRUE(turn_until([&] { return control_.held.size() == 1; }));
  }
  loop_.turn(milliseconds{10});
  control_.release(0, {});
  Client other = connect();
  control_.holds = false;
  other.send(call("supervisor.getPID"));
  EXPECT_THAT(other.reply(), HasSubstr("4711"));
}

TEST_F(ServersTest, ServesARequestWhoseClientHasLeftAlready) {
  ASSERT_TRUE(open());
  {
    Client client = connect();
    client.send(call("supervisor.startProcess", {"a"}));
  }
  EXPECT_TRUE(turn_until([&] { return !control_.asked.empty(); }));
}

TEST_F(ServersTest, ServesOthersWhileACallWaits) {
  ASSERT_TRUE(open());
  control_.holds = true;
  Client first = connect(), second = connect();
  first.send(call("supervisor.startProcess", {"a"}));
  second.send(call("supervisor.getPID"));
  EXPECT_THAT(second.reply(), HasSubstr("4711"));
  EXPECT_EQ(first.received, "");
}

TEST_F(ServersTest, SurvivesAnswersAfterItsEnd) {
  ASSERT_TRUE(open());
  control_.holds = true;
  Client client = connect();
  client.send(
      call("system.multicall", {wire::XmlRpcValue{wire::XmlRpcArray{wire::XmlRpcStruct{
                                   {"methodName", "supervisor.startProcess"}, {"params", wire::XmlRpcArray{"a"}}}}}}));
  ASSERT_TRUE(turn_until([&] { return control_.held.size() == 1; }));
  servers_->close(deposits_);
  control_.release(0, {});
  loop_.turn(milliseconds{0});
}

TEST_F(ServersTest, SaysContinueToWhoAsks) {
  ASSERT_TRUE(open());
  Client client = connect();
  const std::string request = call("supervisor.getPID", {}, "Expect: 100-continue\r\n");
  const std::size_t head = request.find("\r\n\r\n") + 4;
  client.send(request.substr(0, head));
  ASSERT_TRUE(client.read_until("HTTP/1.1 100 Continue\r\n\r\n"));
  client.received.clear();
  client.send(request.substr(head));
  EXPECT_THAT(client.reply(), HasSubstr("4711"));
}

// --- limits

TEST_F(ServersTest, EndsSlowHeads) {
  Limits limits;
  limits.head_wait = milliseconds{50};
  ASSERT_TRUE(open(limits));
  Client slow = connect(), idle = connect();
  slow.send("POST /RPC2 HT");
  EXPECT_TRUE(slow.read_to_end());
  EXPECT_EQ(slow.received, "");
  idle.send(call("supervisor.getPID"));
  EXPECT_THAT(idle.reply(), HasSubstr("4711")) << "who sent nothing yet may stay";
}

TEST_F(ServersTest, EndsTricklingHeads) {
  Limits limits;
  limits.head_wait = milliseconds{100};
  ASSERT_TRUE(open(limits));
  Client slow = connect();
  const Instant began = monotonic_now();
  while (!slow.ended && monotonic_now() - began < kPatience) {
    slow.send("x");
    loop_.turn(milliseconds{5});
    slow.read();
  }
  EXPECT_TRUE(slow.ended);
}

TEST_F(ServersTest, EndsSlowBodiesAndIdlers) {
  Limits limits;
  limits.body_wait = limits.idle_wait = milliseconds{50};
  ASSERT_TRUE(open(limits));
  Client slow = connect(), idle = connect();
  slow.send("POST /RPC2 HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_TRUE(slow.read_to_end());
  EXPECT_TRUE(idle.read_to_end());
}

TEST_F(ServersTest, HasNoDeadlineWhenNobodyIsThere) {
  Limits limits;
  limits.linger_wait = seconds{30};
  ASSERT_TRUE(open(limits));
  {
    Client client = connect();
    client.send(call("supervisor.getPID", {}, "Connection: close\r\n"));
    client.reply();
  }
  loop_.turn(milliseconds{10});
  const Instant before = monotonic_now();
  loop_.turn(milliseconds{30});
  EXPECT_GE(monotonic_now() - before, milliseconds{29}) << "nothing woke the loop";
}

TEST_F(ServersTest, RefusesOversizedRequests) {
  ASSERT_TRUE(open());
  const auto status = [&](const std::string& request) {
    Client client = connect();
    client.send(request);
    EXPECT_TRUE(client.read_to_end());
    return client.received.substr(0, 12);
  };
  EXPECT_EQ(status("GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x')), "HTTP/1.1 431");
  EXPECT_EQ(status("GET /" + std::string(70'000, 'x')), "HTTP/1.1 414");
  EXPECT_EQ(status("POST /RPC2 HTTP/1.1\r\nContent-Length: 16777217\r\n\r\n" + std::string(1 << 20, 'x')),
            "HTTP/1.1 413");
  EXPECT_EQ(status("POST /RPC2 HTTP/1.1\r\n\r\n"), "HTTP/1.1 411");
  EXPECT_EQ(status("HELLO\r\n\r\n"), "HTTP/1.1 400");
}

TEST_F(ServersTest, TakesTheLargestBodyThereMayBe) {
  ASSERT_TRUE(open());
  Client client = connect();
  std::string body = wire::write_xmlrpc_call({"supervisor.getPID", {}});
  body.insert(body.find("<params>"), std::string((16 << 20) - body.size(), ' '));
  client.send(post(body));
  EXPECT_THAT(client.reply(), HasSubstr("4711"));
}

TEST_F(ServersTest, BoundsUnfinishedBodiesOfAllClients) {
  Limits limits;
  limits.body_bytes_in_all = 300'000;
  ASSERT_TRUE(open(limits));
  const std::string part = "POST /RPC2 HTTP/1.1\r\nContent-Length: 250000\r\n\r\n" + std::string(200'000, 'x');
  Client first = connect(), second = connect();
  first.send(part);
  ASSERT_TRUE(turn_until([&] { return first.was_read(); }));
  second.send(part);
  EXPECT_TRUE(second.read_to_end());
  EXPECT_THAT(second.received, StartsWith("HTTP/1.1 503 Service Unavailable"));
  EXPECT_FALSE(first.ended);
  first.close();
  loop_.turn(milliseconds{10});
  Client third = connect();
  third.send(call("supervisor.getPID"));
  EXPECT_THAT(third.reply(), HasSubstr("4711")) << "what was held is free again";
}

TEST_F(ServersTest, BoundsWhatSlowReadersLeave) {
  Limits limits;
  limits.unsent_bytes_in_all = 1'000'000;
  limits.stall_wait = milliseconds{200};
  ASSERT_TRUE(open(limits));
  fakes::put(log_path_, std::string(2'000'000, 'x'));
  Client slow = connect();
  slow.send(call("supervisor.readProcessLog", {"web", 0, 0}));
  Client other = connect();
  other.send(call("supervisor.getPID"));
  EXPECT_TRUE(other.read_to_end());
  EXPECT_THAT(other.received, StartsWith("HTTP/1.1 503"));
  EXPECT_TRUE(turn_until([&] {
    Client third = connect();
    third.send(call("supervisor.getPID"));
    third.reply();
    return third.head.starts_with("HTTP/1.1 200");
  })) << "the slow one is given up in the end";
}

TEST_F(ServersTest, PausesAcceptingAtItsLimit) {
  Limits limits;
  limits.connections = 2;
  ASSERT_TRUE(open(limits));
  Client first = connect(), second = connect(), third = connect();
  for (Client* client : {&first, &second}) {
    client->send(call("supervisor.getPID"));
    client->reply();
  }
  third.send(call("supervisor.getPID"));
  const Instant before = monotonic_now();
  loop_.turn(milliseconds{30});
  EXPECT_GE(monotonic_now() - before, milliseconds{29}) << "a waiting client does not keep the loop busy";
  third.read();
  EXPECT_EQ(third.received, "");
  first.close();
  EXPECT_THAT(third.reply(), HasSubstr("4711"));
}

// --- logs

TEST_F(ServersTest, FollowsLogsAsSupervisorDoes) {
  ASSERT_TRUE(open());
  fakes::put(log_path_, "one\ntwo\n");
  Client client = connect();
  client.send(get("/logtail/web"));
  ASSERT_TRUE(client.read_until("two\n\r\n"));
  EXPECT_EQ(without_date(client.received),
            "HTTP/1.1 200 OK\r\nServer: Medusa/1.12\r\nDate: DATE\r\nLast-Modified: DATE\r\n"
            "Content-Type: text/plain;charset=utf-8\r\nX-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n"
            "8\r\none\ntwo\n\r\n");
  client.received.clear();
  fakes::put(log_path_, "three\n", std::ios::app);
  ASSERT_TRUE(client.read_until("6\r\nthree\n\r\n"));
  fakes::put(log_path_, "4\n", std::ios::app);
  std::filesystem::rename(log_path_, log_path_ + ".1");
  fakes::put(log_path_, "5\n");
  ASSERT_TRUE(client.read_until("5\n\r\n"));
  fakes::put(log_path_, "");
  ASSERT_TRUE(client.read_until("==> File truncated <==\n"));
  EXPECT_EQ(client.received, "6\r\nthree\n\r\n2\r\n4\n\r\n2\r\n5\n\r\n17\r\n==> File truncated <==\n\r\n");
}

TEST_F(ServersTest, FollowsTheMainLog) {
  ASSERT_TRUE(open());
  control_.info.logfile = folder_ / "main.log";
  fakes::put(control_.info.logfile, "hello\n");
  Client client = connect();
  client.send(get("/mainlogtail"));
  ASSERT_TRUE(client.read_until("6\r\nhello\n\r\n"));
  EXPECT_THAT(client.received, Not(HasSubstr("X-Accel-Buffering")));
}

TEST_F(ServersTest, StreamsToOldClientsWithoutChunksOrDelay) {
  ASSERT_TRUE(open());
  fakes::put(log_path_, "one\n");
  Client client = connect();
  client.send("GET /logtail/web HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(client.read_until("\r\n\r\none\n"));
  EXPECT_THAT(client.received, Not(HasSubstr("chunked")));
  fakes::put(log_path_, "two\n", std::ios::app);
  EXPECT_TRUE(client.read_until("one\ntwo\n"));
}

// What the stock `supervisorctl tail -f` sends: an empty Host, and one CRLF too many.
TEST_F(ServersTest, FollowsForTheStockSupervisorctl) {
  require_password();
  ASSERT_TRUE(open());
  fakes::put(log_path_, "one\n");
  Client client = connect();
  client.send(
      "GET /logtail/web/stdout HTTP/1.1\r\nHost: \r\nAccept-Encoding: chunked\r\nAccept: */*\r\n"
      "User-agent: Supervisor HTTP Client\r\nAuthorization: Basic am9lOnMzY3JldA==\r\n\r\n\r\n");
  EXPECT_TRUE(client.read_until("4\r\none\n\r\n"));
}

TEST_F(ServersTest, KnowsNoOtherLogs) {
  ASSERT_TRUE(open());
  const auto status = [&](const std::string& target) {
    Client client = connect();
    client.send(get(target));
    client.reply();
    return client.head.substr(9, 3);
  };
  EXPECT_EQ(status("/logtail/web"), "404") << "the file is not there";
  fakes::put(log_path_, "");
  for (const char* target : {"/logtail", "/logtail/", "/logtail/nope", "/logtail/web/stderr", "/logtail/web/stdin",
                             "/logtail/web:*", "/mainlogtail"})
    EXPECT_EQ(status(target), "404") << target;
  control_.logfiles[{"g:web", Stdio::Out}] = log_path_;
  for (const char* target : {"/logtail/g:web", "/logtailfoo/g%3Aweb/stdout", "/logtail/g%253Aweb"}) {
    Client client = connect();
    client.send(get(target));
    EXPECT_TRUE(client.read_until("200 OK")) << target;
  }
}

TEST_F(ServersTest, StopsLookingAtLogsNobodyFollows) {
  ASSERT_TRUE(open());
  fakes::put(log_path_, "one\n");
  {
    Client client = connect();
    client.send(get("/logtail/web"));
    ASSERT_TRUE(client.read_until("one\n"));
  }
  loop_.turn(milliseconds{10});
  const Instant before = monotonic_now();
  loop_.turn(milliseconds{150});
  EXPECT_GE(monotonic_now() - before, milliseconds{149});
}

TEST_F(ServersTest, LetsAPausedFollowerHoldItsStream) {
  Limits limits;
  limits.stall_wait = milliseconds{10};
  ASSERT_TRUE(open(limits));
  const std::string tail(5'000'000, 'y');
  fakes::put(log_path_, "");
  Client client = connect();
  client.send(get("/logtail/web"));
  ASSERT_TRUE(client.read_until("chunked\r\n\r\n"));
  client.received.clear();
  fakes::put(log_path_, tail, std::ios::app);
  const Instant until = monotonic_now() + milliseconds{300};
  while (monotonic_now() < until) loop_.turn(milliseconds{20});
  std::size_t bytes = 0;
  EXPECT_TRUE(client.read_until([&] {
    if (client.received.size() <= tail.size()) return false;  // counting is slow under a sanitizer
    bytes = static_cast<std::size_t>(std::count(client.received.begin(), client.received.end(), 'y'));
    return bytes == tail.size();
  })) << bytes;
}

}  // namespace
}  // namespace upkeep::rpc
