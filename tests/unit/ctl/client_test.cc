#include "ctl/client.h"

#include <gtest/gtest.h>

#include <atomic>

#include "unit/ctl/scripted_server.h"
#include "wire/http.h"

namespace upkeep::ctl {
namespace {

std::string response(int status, const std::string& body) {
  return wire::http_response_head(status, {{"Content-Length", std::to_string(body.size())}}, "now") + body;
}

TEST(OnlyReads, TellsWhichCallsMayBeRepeated) {
  EXPECT_TRUE(only_reads("supervisor.getAllProcessInfo"));
  EXPECT_TRUE(only_reads("supervisor.readProcessStdoutLog"));
  EXPECT_TRUE(only_reads("supervisor.tailProcessStderrLog"));
  EXPECT_FALSE(only_reads("supervisor.startProcess"));
  EXPECT_FALSE(only_reads("supervisor.restart"));
  EXPECT_FALSE(only_reads("supervisor.sendProcessStdin"));
}

TEST(Client, CallsAndDecodes) {
  std::string seen;
  ScriptedServer server{[&](const std::string& request, int connection) {
    seen = request;
    write_bytes(connection, response(200, wire::write_xmlrpc_reply(wire::XmlRpcValue{"3.0"})));
  }};
  Client client;
  const auto answer = client.call({server.url(), "joe", "s3cret"}, "supervisor.getVersion", {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<std::string>(answer->is), "3.0");
  EXPECT_TRUE(seen.starts_with("POST /RPC2 HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("Authorization: Basic am9lOnMzY3JldA==\r\n"), std::string::npos);
}

TEST(Client, TellsFaultsAndStatuses) {
  ScriptedServer server{[](const std::string& request, int connection) {
    const bool fault = request.find("supervisor.getPID") != std::string::npos;
    write_bytes(connection, fault ? response(200, wire::write_xmlrpc_reply(wire::XmlRpcFault{6, "SHUTDOWN_STATE"}))
                                  : response(401, ""));
  }};
  Client client;
  const Target target{server.url(), {}, {}};
  EXPECT_TRUE(client.call(target, "supervisor.getPID", {}).error().is_fault(6));
  const auto refused = client.call(target, "supervisor.getState", {});
  EXPECT_EQ(refused.error().kind, Failure::Kind::HttpStatus);
  EXPECT_EQ(refused.error().code, 401);
}

TEST(Client, RepeatsAReadWhoseConnectionIsLost) {
  std::atomic<int> requests = 0;
  ScriptedServer server{[&](const std::string&, int connection) {
    if (++requests == 3) return write_bytes(connection, response(200, wire::write_xmlrpc_reply(wire::XmlRpcValue{7})));
    if (requests == 2) write_bytes(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<?xml");  // cut short
  }};
  Client client;
  const auto answer = client.call({server.url(), {}, {}}, "supervisor.getPID", {});
  ASSERT_TRUE(answer);
  EXPECT_EQ(std::get<std::int64_t>(answer->is), 7);
  EXPECT_EQ(requests, 3);
}

TEST(Client, GivesUpARepeatedReadInTheEnd) {
  std::atomic<int> requests = 0;
  ScriptedServer server{[&](const std::string&, int) { ++requests; }};
  Client client;
  EXPECT_EQ(client.call({server.url(), {}, {}}, "supervisor.getPID", {}).error().kind, Failure::Kind::Closed);
  EXPECT_EQ(requests, Client::kReadsMax);
}

TEST(Client, NeverRepeatsAnAction) {
  std::atomic<int> requests = 0;
  ScriptedServer server{[&](const std::string&, int) { ++requests; }};
  Client client;
  const auto answer = client.call({server.url(), {}, {}}, "supervisor.startProcess", {"web"});
  EXPECT_EQ(answer.error().kind, Failure::Kind::Closed);
  EXPECT_EQ(requests, 1);
}

TEST(Client, NamesTheErrorOfAConnectionThatFails) {
  Client client;
  EXPECT_EQ(client.call({"unix:///nonexistent/s", {}, {}}, "supervisor.getPID", {}).error().code, ENOENT);
  const auto too_long = client.call({"unix:///" + std::string(200, 'x'), {}, {}}, "supervisor.getPID", {});
  EXPECT_EQ(too_long.error().text, "AF_UNIX path too long");
}

TEST(Client, StopsWaitingWhenCancelled) {
  Pipe never = Pipe::make().value();
  Pipe cancel = Pipe::make().value();
  ScriptedServer server{[&](const std::string&, int) {
    cancel.write.reset();  // readable from now on
    pollfd waiting{never.read.get(), POLLIN, 0};
    (void)::poll(&waiting, 1, -1);
  }};
  Client client;
  const auto answer = client.call({server.url(), {}, {}}, "supervisor.startProcess", {"web"}, cancel.read.get());
  EXPECT_EQ(answer.error().kind, Failure::Kind::Cancelled);
  never.write.reset();
}

}  // namespace
}  // namespace upkeep::ctl
