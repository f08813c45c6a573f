#include "rpc/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/fake_control.h"
#include "fakes/temporary_folder.h"
#include "rpc/supervisor_api.h"

namespace upkeep::rpc {
namespace {

using engine::Refusal;
using engine::Refused;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using wire::XmlRpcArray;
using wire::XmlRpcFault;
using wire::XmlRpcReply;
using wire::XmlRpcStruct;
using wire::XmlRpcValue;

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    api_.publish({"supervisor"});
    engine::ProcessInfo web;
    web.name = web.group = "web";
    web.start = 100;
    web.now = 110;
    web.state = core::State::Running;
    web.pid = 42;
    web.stdout_logfile = folder_ / "web.log";
    web.description = "pid 42, uptime 0:00:10";
    control_.infos = {web};
    control_.logfiles[{"web", Stdio::Out}] = web.stdout_logfile;
  }

  void call(const std::string& method, XmlRpcArray params = {}) {
    api_.call({method, std::move(params)}, caller_,
              [this](XmlRpcReply reply) { replies_.push_back(std::move(reply)); });
  }
  XmlRpcReply answer(const std::string& method, XmlRpcArray params = {}) {
    replies_.clear();
    call(method, std::move(params));
    if (replies_.size() != 1) ADD_FAILURE() << method << ": " << replies_.size() << " answers";
    return replies_.empty() ? XmlRpcReply{} : replies_.front();
  }
  // The only answer, as a client reads it.
  XmlRpcReply received() {
    if (replies_.size() != 1) return XmlRpcFault{0, std::to_string(replies_.size()) + " answers"};
    const auto reply = wire::parse_xmlrpc_reply(wire::write_xmlrpc_reply(replies_.front()));
    return reply ? *reply : XmlRpcFault{0, reply.error().text};
  }
  XmlRpcArray received_array() {
    const XmlRpcReply reply = received();
    if (const auto* value = std::get_if<XmlRpcValue>(&reply))
      if (const auto* items = std::get_if<XmlRpcArray>(&value->is)) return *items;
    ADD_FAILURE() << "no array";
    return {};
  }
  template <class T>
  T result(const std::string& method, XmlRpcArray params = {}) {
    (void)answer(method, std::move(params));
    const XmlRpcReply reply = received();
    if (const auto* wrong = std::get_if<XmlRpcFault>(&reply)) {
      ADD_FAILURE() << method << ": " << wrong->text;
      return T{};
    }
    return std::get<T>(std::get<XmlRpcValue>(reply).is);
  }
  // "10 BAD_NAME: nope"; "" when there was none.
  std::string fault_of(const std::string& method, XmlRpcArray params = {}) {
    const XmlRpcReply reply = answer(method, std::move(params));
    const auto* wrong = std::get_if<XmlRpcFault>(&reply);
    return wrong ? std::to_string(wrong->code) + " " + wrong->text : "";
  }

  fakes::TemporaryFolder folder_;
  fakes::FakeControl control_;
  os::Loop loop_;
  Caller caller_;
  Api api_{loop_, control_};
  std::vector<XmlRpcReply> replies_;
};

std::string text(const XmlRpcValue& value) { return std::get<std::string>(value.is); }
std::int64_t number(const XmlRpcValue& value) { return std::get<std::int64_t>(value.is); }

XmlRpcValue sub_call(const std::string& method, XmlRpcArray params = {}) {
  return XmlRpcStruct{{"methodName", method}, {"params", std::move(params)}};
}

// --- dispatch

TEST_F(ApiTest, AnUpgradeIsForRootAndTheDaemonsOwnUserAlone) {
  const auto asked = [&] { return control_.asked.size(); };
  (void)answer("upkeep.upgrade", {"/usr/bin/upkeep"});
  EXPECT_EQ(asked(), 0u) << "over TCP nobody is known";
  caller_.local_uid = ::geteuid() + 1;
  (void)answer("upkeep.upgrade", {"/usr/bin/upkeep"});
  EXPECT_EQ(asked(), 0u) << "some other user";
  for (const uid_t uid : {uid_t{0}, ::geteuid()}) {
    control_.asked.clear();
    caller_.local_uid = uid;
    (void)answer("upkeep.upgrade", {"/usr/bin/upkeep"});
    EXPECT_EQ(control_.asked, std::vector<std::string>{"upgrade /usr/bin/upkeep"});
  }
  control_.asked.clear();
  (void)answer("system.multicall", {XmlRpcValue{XmlRpcArray{sub_call("upkeep.upgrade", {""})}}});
  EXPECT_EQ(asked(), 1u) << "who it is is known within a multicall, too";
}

TEST_F(ApiTest, AnswersWhatItIs) {
  control_.info.identifier = "me";
  EXPECT_EQ(result<std::string>("supervisor.getAPIVersion"), "3.0");
  EXPECT_EQ(result<std::string>("supervisor.getVersion"), "3.0");
  EXPECT_EQ(result<std::string>("supervisor.getSupervisorVersion"), "4.3.0");
  EXPECT_EQ(result<std::string>("supervisor.getIdentification"), "me");
  EXPECT_EQ(result<std::int64_t>("supervisor.getPID"), 4711);
  const XmlRpcValue state{result<XmlRpcStruct>("supervisor.getState")};
  EXPECT_EQ(number(*state.member("statecode")), 1);
  EXPECT_EQ(text(*state.member("statename")), "RUNNING");
}

TEST_F(ApiTest, KnowsOnlyWhatIsInItsTables) {
  for (const char* name : {"", "supervisor", "getState", "supervisor.", ".getState", "supervisor.supervisord",
                           "supervisor._update", "system", "supervisor.supervisord.options", "supervisor.getState.x",
                           " supervisor.getState", "Supervisor.getState"})
    EXPECT_EQ(fault_of(name), "1 UNKNOWN_METHOD") << name;
}

TEST_F(ApiTest, PublishesUnderTheNamesOfTheConfiguration) {
  api_.publish({"a", "b"});
  EXPECT_EQ(result<std::int64_t>("a.getPID"), 4711);
  EXPECT_EQ(result<std::int64_t>("b.getPID"), 4711);
  EXPECT_EQ(fault_of("supervisor.getPID"), "1 UNKNOWN_METHOD");
  api_.publish({});
  EXPECT_EQ(fault_of("a.getPID"), "1 UNKNOWN_METHOD");
  EXPECT_EQ(result<XmlRpcArray>("system.listMethods").size(), 7U) << "system.* and upkeep.* are there in any case";
}

TEST_F(ApiTest, ChecksNumberAndKindOfArguments) {
  const std::string wrong = "2 INCORRECT_PARAMETERS";
  EXPECT_EQ(fault_of("supervisor.getState", {1}), wrong);
  EXPECT_EQ(fault_of("supervisor.startProcess"), wrong);
  EXPECT_EQ(fault_of("supervisor.startProcess", {"a", true, 1}), wrong);
  EXPECT_EQ(fault_of("supervisor.startProcess", {1}), wrong);
  EXPECT_EQ(fault_of("supervisor.startProcess", {XmlRpcValue{}}), wrong);
  EXPECT_EQ(fault_of("supervisor.readLog", {"x", 0}), wrong);
  EXPECT_EQ(fault_of("supervisor.readLog", {XmlRpcArray{}, 0}), wrong);
  EXPECT_EQ(fault_of("system.multicall", {"x"}), wrong);
  EXPECT_TRUE(control_.asked.empty());
}

TEST_F(ApiTest, TakesAnyTruthInMethodsThatWait) {
  answer("supervisor.startProcess", {"a"});
  answer("supervisor.startProcess", {"a", 0});
  answer("supervisor.startProcess", {"a", "no"});
  answer("supervisor.startProcess", {"a", ""});
  answer("supervisor.startAllProcesses", {XmlRpcValue{}});
  EXPECT_THAT(control_.asked, ElementsAre("start a wait", "start a", "start a wait", "start a", "start_all"));
}

TEST_F(ApiTest, ShutsTheGate) {
  control_.info.shutting_down = true;
  const std::string closed = "6 SHUTDOWN_STATE";
  for (const char* name : {"supervisor.getState", "supervisor.getVersion", "supervisor.shutdown", "supervisor.restart"})
    EXPECT_EQ(fault_of(name), closed) << name;
  EXPECT_EQ(fault_of("supervisor.signalAllProcesses", {"HUP"}), closed);
  EXPECT_EQ(fault_of("supervisor.nope"), "1 UNKNOWN_METHOD");
  EXPECT_EQ(fault_of("system.listMethods"), "");
  EXPECT_TRUE(control_.asked.empty());
  const auto results =
      result<XmlRpcArray>("system.multicall", {XmlRpcValue{XmlRpcArray{sub_call("supervisor.getState")}}});
  EXPECT_EQ(number(*results.at(0).member("faultCode")), 6);
}

// --- verbs

TEST_F(ApiTest, PassesVerbsOn) {
  answer("supervisor.startProcess", {"g:a", true});
  answer("supervisor.startProcessGroup", {"g", false});
  answer("supervisor.startAllProcesses");
  answer("supervisor.stopProcess", {"a"});
  answer("supervisor.stopProcessGroup", {"g"});
  answer("supervisor.stopAllProcesses", {false});
  answer("supervisor.signalProcess", {"a", "HUP"});
  answer("supervisor.signalProcess", {"a", 1});
  answer("supervisor.signalProcessGroup", {"g", "HUP"});
  answer("supervisor.signalAllProcesses", {"HUP"});
  EXPECT_THAT(control_.asked,
              ElementsAre("start g:a wait", "start_group g", "start_all wait", "stop a wait", "stop_group g wait",
                          "stop_all", "signal a HUP", "signal a 1", "signal_group g HUP", "signal_all HUP"));
}

TEST_F(ApiTest, TurnsAnswersIntoResults) {
  EXPECT_TRUE(result<bool>("supervisor.startProcess", {"a"}));
  control_.answer = Refused{Refusal::BadName, "grp:*"};
  EXPECT_EQ(fault_of("supervisor.stopProcess", {"grp:*"}), "10 BAD_NAME: grp:*");
  control_.answer = Refused{Refusal::BadSignal, ""};
  EXPECT_EQ(fault_of("supervisor.signalProcess", {"a", ""}), "11 BAD_SIGNAL: ");
  control_.answer = Refused{Refusal::NoFile};
  EXPECT_EQ(fault_of("supervisor.clearLog"), "20 NO_FILE");
  control_.answer = std::vector<engine::Row>{{"a", "g"}, {"b", "g", 50, "SPAWN_ERROR: b"}};
  const auto rows = result<XmlRpcArray>("supervisor.startProcess", {"g:*"});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(number(*rows[0].member("status")), 80);
  EXPECT_EQ(text(*rows[0].member("description")), "OK");
  EXPECT_EQ(text(*rows[1].member("name")), "b");
  EXPECT_EQ(text(*rows[1].member("group")), "g");
  EXPECT_EQ(text(*rows[1].member("description")), "SPAWN_ERROR: b");
}

// --- configuration

TEST_F(ApiTest, AReloadAnswersThreeListsInAListOfOne) {
  control_.differences = {{"new"}, {"changed", "too"}, {}};
  const auto result = this->result<XmlRpcArray>("supervisor.reloadConfig");
  ASSERT_EQ(result.size(), 1U);
  const auto& lists = std::get<XmlRpcArray>(result[0].is);
  ASSERT_EQ(lists.size(), 3U);
  const auto names = [&](std::size_t index) {
    std::vector<std::string> all;
    for (const XmlRpcValue& name : std::get<XmlRpcArray>(lists[index].is)) all.push_back(text(name));
    return all;
  };
  EXPECT_THAT(names(0), ElementsAre("new"));
  EXPECT_THAT(names(1), ElementsAre("changed", "too"));
  EXPECT_THAT(names(2), ElementsAre());
  control_.answer = Refused{Refusal::CantReread, "why"};
  EXPECT_EQ(fault_of("supervisor.reloadConfig"), "92 CANT_REREAD: why");
}

TEST_F(ApiTest, GroupsAndLogsAreNamedToTheEngine) {
  EXPECT_TRUE(result<bool>("supervisor.addProcessGroup", {"a"}));
  EXPECT_TRUE(result<bool>("supervisor.removeProcessGroup", {"a"}));
  EXPECT_TRUE(result<bool>("supervisor.clearLog"));
  EXPECT_TRUE(result<bool>("supervisor.clearProcessLogs", {"a"}));
  EXPECT_TRUE(result<bool>("supervisor.clearProcessLog", {"g:a"}));
  answer("supervisor.clearAllProcessLogs");
  EXPECT_THAT(control_.asked, ElementsAre("add_group a", "remove_group a", "clear_log", "clear_logs a",
                                          "clear_logs g:a", "clear_all_logs"));
}

TEST_F(ApiTest, ConfigurationsHaveTheMembersAndTypesOfTheOriginal) {
  config::Process web;
  web.name = "web";
  web.command = "cat -u";
  control_.configured = {{"g", 7, true, &web, "auto", "none"}};
  const auto rows = result<XmlRpcArray>("supervisor.getAllConfigInfo");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(std::get<XmlRpcStruct>(rows[0].is).size(), 29U);
  for (const char* name : {"autostart", "inuse", "killasgroup", "redirect_stderr", "stdout_events_enabled",
                           "stdout_syslog", "stderr_events_enabled", "stderr_syslog"})
    EXPECT_TRUE(std::holds_alternative<bool>(rows[0].member(name)->is)) << name;
  for (const char* name : {"group_prio", "process_prio", "startretries", "startsecs", "stdout_capture_maxbytes",
                           "stdout_logfile_backups", "stdout_logfile_maxbytes", "stopsignal", "stopwaitsecs",
                           "stderr_capture_maxbytes", "stderr_logfile_backups", "stderr_logfile_maxbytes"})
    EXPECT_TRUE(std::holds_alternative<std::int64_t>(rows[0].member(name)->is)) << name;
  EXPECT_EQ(text(*rows[0].member("command")), "cat -u");
  EXPECT_EQ(text(*rows[0].member("group")), "g");
  EXPECT_EQ(number(*rows[0].member("stopwaitsecs")), 10);
  EXPECT_EQ(number(*rows[0].member("stopsignal")), SIGTERM);
  for (const char* unset : {"directory", "uid", "serverurl", "stderr_logfile"})
    EXPECT_EQ(text(*rows[0].member(unset)), "none") << unset;
  EXPECT_EQ(text(*rows[0].member("stdout_logfile")), "auto");

  web.identity = config::Identity{"nobody", 65534, 65534, {}};
  web.directory = "/srv";
  web.has_own_server_url = true;
  web.server_url = "http://x";
  const auto set = result<XmlRpcArray>("supervisor.getAllConfigInfo");
  EXPECT_EQ(number(*set[0].member("uid")), 65534);
  EXPECT_EQ(text(*set[0].member("directory")), "/srv");
  EXPECT_EQ(text(*set[0].member("serverurl")), "http://x");
}

TEST_F(ApiTest, AnswersWhenTheEngineDoes) {
  control_.holds = true;
  call("supervisor.startProcess", {"a"});
  EXPECT_TRUE(replies_.empty());
  control_.release(0, {});
  EXPECT_EQ(replies_.size(), 1U);
}

TEST_F(ApiTest, AnswersBeforeItShutsDown) {
  bool asked_before_answer = true;
  api_.call({"supervisor.shutdown", {}}, caller_,
            [&](const XmlRpcReply&) { asked_before_answer = !control_.asked.empty(); });
  EXPECT_FALSE(asked_before_answer);
  EXPECT_THAT(control_.asked, ElementsAre("shutdown"));
}

TEST_F(ApiTest, DescribesProcessesInSupervisorsOrder) {
  const auto members = result<XmlRpcStruct>("supervisor.getProcessInfo", {"web"});
  std::string names;
  for (const auto& [name, value] : members) names += name + " ";
  EXPECT_EQ(names,
            "name group start stop now state statename spawnerr exitstatus logfile stdout_logfile stderr_logfile pid "
            "description ");
  const XmlRpcValue info{members};
  EXPECT_EQ(number(*info.member("state")), 20);
  EXPECT_EQ(text(*info.member("statename")), "RUNNING");
  EXPECT_EQ(text(*info.member("logfile")), folder_ / "web.log");
  EXPECT_EQ(fault_of("supervisor.getProcessInfo", {"nope"}), "10 BAD_NAME: nope");
  EXPECT_EQ(result<XmlRpcArray>("supervisor.getAllProcessInfo").size(), 1U);
}

TEST_F(ApiTest, TheTableOfProcessesIsOneText) {
  EXPECT_EQ(result<std::string>("upkeep.getProcessTable"), "web\tweb\t20\tRUNNING\tpid 42, uptime 0:00:10\n");
}

// --- logs

TEST_F(ApiTest, ReadsLogs) {
  fakes::put(folder_ / "web.log", "0123456789");
  const auto read = [&](int offset, int length) {
    return result<std::string>("supervisor.readProcessStdoutLog", {"web", offset, length});
  };
  EXPECT_EQ(read(0, 0), "0123456789");
  EXPECT_EQ(read(-4, 0), "6789");
  EXPECT_EQ(read(2, 3), "234");
  EXPECT_EQ(read(20, 0), "");
  XmlRpcValue fraction;
  fraction.is = 0.7;
  EXPECT_EQ(result<std::string>("supervisor.readProcessLog", {"web", "8", fraction}), "89");
  EXPECT_EQ(fault_of("supervisor.readProcessLog", {"web", -1, 1}), "3 BAD_ARGUMENTS");
  EXPECT_EQ(fault_of("supervisor.readProcessLog", {"nope", 0, 0}), "10 BAD_NAME: nope");
  EXPECT_EQ(fault_of("supervisor.readProcessStderrLog", {"web", 0, 0}), "20 NO_FILE");
}

TEST_F(ApiTest, SaysWhichLogIsMissing) {
  const std::string path = folder_ / "web.log";
  EXPECT_EQ(fault_of("supervisor.readProcessLog", {"web", 0, 0}), "20 NO_FILE: " + path);
  const auto tail = result<XmlRpcArray>("supervisor.tailProcessStdoutLog", {"web", 7, 10});
  EXPECT_EQ(text(tail.at(0)), "");
  EXPECT_EQ(number(tail.at(1)), 0);
  EXPECT_FALSE(std::get<bool>(tail.at(2).is));
  EXPECT_EQ(number(result<XmlRpcArray>("supervisor.tailProcessStderrLog", {"web", 7, 10}).at(1)), 0);
  EXPECT_EQ(fault_of("supervisor.tailProcessLog", {"nope", 0, 0}), "10 BAD_NAME: nope");
}

TEST_F(ApiTest, TailsLogs) {
  fakes::put(folder_ / "web.log", "one\ntwo\n");
  const auto tail = result<XmlRpcArray>("supervisor.tailProcessStdoutLog", {"web", 0, 4});
  EXPECT_EQ(text(tail.at(0)), "two\n");
  EXPECT_EQ(number(tail.at(1)), 8);
  EXPECT_TRUE(std::get<bool>(tail.at(2).is));
}

TEST_F(ApiTest, ReadsTheMainLog) {
  EXPECT_EQ(fault_of("supervisor.readLog", {0, 0}), "20 NO_FILE") << "there is none, or it goes to syslog";
  control_.info.logfile = folder_ / "main.log";
  EXPECT_EQ(fault_of("supervisor.readMainLog", {0, 0}), "20 NO_FILE: " + control_.info.logfile);
  fakes::put(control_.info.logfile, "main");
  EXPECT_EQ(result<std::string>("supervisor.readLog", {0, 0}), "main");
  control_.info.logfile = "/dev/null";
  EXPECT_EQ(fault_of("supervisor.readLog", {0, 0}), "30 FAILED");
}

// --- system.*

TEST_F(ApiTest, ListsItsMethods) {
  std::vector<std::string> names;
  for (const XmlRpcValue& name : result<XmlRpcArray>("system.listMethods")) names.push_back(text(name));
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_THAT(names, IsSupersetOf({"supervisor.getVersion", "supervisor.readProcessLog", "system.multicall"}));
}

TEST_F(ApiTest, ExplainsItsMethods) {
  const auto signature = [&](const std::string& name) {
    std::string types;
    for (const XmlRpcValue& type : result<XmlRpcArray>("system.methodSignature", {name})) types += text(type) + " ";
    return types;
  };
  EXPECT_EQ(signature("supervisor.startProcess"), "boolean string boolean ");
  EXPECT_EQ(signature("supervisor.signalProcess"), "boolean string string ");
  EXPECT_EQ(signature("supervisor.tailProcessLog"), "array string int int ");
  EXPECT_EQ(signature("system.multicall"), "array array ");
  EXPECT_EQ(fault_of("system.methodSignature", {"nope"}), "4 SIGNATURE_UNSUPPORTED");
  EXPECT_EQ(fault_of("system.methodHelp", {"nope"}), "4 SIGNATURE_UNSUPPORTED");
}

// Clients parse the help: it must agree with the signature.
TEST_F(ApiTest, HelpsAsItsSignaturesSay) {
  for (const Method& method : supervisor_methods()) {
    std::string types, from_help;
    for (const Kind kind : method.parameters) types += std::string{wire_name(kind)} + " ";
    for (std::string_view rest = method.help; rest.find("@param ") != std::string_view::npos;) {
      rest.remove_prefix(rest.find("@param ") + 7);
      from_help += std::string{rest.substr(0, rest.find(' '))} + " ";
    }
    EXPECT_EQ(from_help, types) << method.name;
    EXPECT_THAT(std::string{method.help}, HasSubstr("@return " + std::string{method.result})) << method.name;
    EXPECT_LE(method.optional, method.parameters.size()) << method.name;
  }
}

TEST_F(ApiTest, AnswersManyCallsBare) {
  const auto results = result<XmlRpcArray>(
      "system.multicall",
      {XmlRpcValue{XmlRpcArray{sub_call("supervisor.getPID"), sub_call("supervisor.getProcessInfo", {"nope"}),
                               XmlRpcStruct{{"methodName", "supervisor.getVersion"}}, XmlRpcStruct{}, "x",
                               sub_call("system.multicall", {XmlRpcValue{XmlRpcArray{}}}),
                               XmlRpcStruct{{"methodName", "supervisor.getPID"}, {"params", 1}}}}});
  ASSERT_EQ(results.size(), 7U);
  EXPECT_EQ(number(results[0]), 4711);
  EXPECT_EQ(text(*results[1].member("faultString")), "BAD_NAME: nope");
  EXPECT_EQ(text(results[2]), "3.0");
  EXPECT_EQ(text(*results[3].member("faultString")), "INCORRECT_PARAMETERS: No methodName");
  EXPECT_EQ(text(*results[4].member("faultString")), "INCORRECT_PARAMETERS: No methodName");
  EXPECT_EQ(text(*results[5].member("faultString")), "INCORRECT_PARAMETERS: Recursive system.multicall forbidden");
  EXPECT_EQ(text(*results[6].member("faultString")), "INCORRECT_PARAMETERS");
  EXPECT_TRUE(result<XmlRpcArray>("system.multicall", {XmlRpcValue{XmlRpcArray{}}}).empty());
}

TEST_F(ApiTest, MakesManyCallsOneAfterTheOther) {
  control_.holds = true;
  call("system.multicall",
       {XmlRpcValue{XmlRpcArray{sub_call("supervisor.stopProcess", {"a"}), sub_call("supervisor.startProcess", {"a"}),
                                sub_call("supervisor.getPID")}}});
  EXPECT_THAT(control_.asked, ElementsAre("stop a wait"));
  control_.release(0, {});
  EXPECT_THAT(control_.asked, ElementsAre("stop a wait", "start a wait"));
  EXPECT_TRUE(replies_.empty());
  control_.release(1, Refused{Refusal::SpawnError, "a"});
  const XmlRpcArray results = received_array();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_TRUE(std::get<bool>(results[0].is));
  EXPECT_EQ(number(*results[1].member("faultCode")), 50);
  EXPECT_EQ(number(results[2]), 4711);
}

TEST_F(ApiTest, LetsOthersInDuringVeryManyCalls) {
  control_.infos.insert(control_.infos.begin(), 300, engine::ProcessInfo{});  // makes each look-up slow
  XmlRpcArray calls;
  for (std::size_t i = 0; i < kMulticallCallsMax; ++i) calls.push_back(sub_call("supervisor.getProcessInfo", {"web"}));
  call("system.multicall", {XmlRpcValue{std::move(calls)}});
  int turns = 0;
  for (; replies_.empty() && turns < 10'000; ++turns) loop_.turn(Duration{0});
  EXPECT_GT(turns, 0);
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_EQ(std::get<XmlRpcArray>(std::get<XmlRpcValue>(replies_[0]).is).size(), kMulticallCallsMax);
}

TEST_F(ApiTest, MakesNoneOfTooManyCalls) {
  const XmlRpcArray calls(kMulticallCallsMax + 1, sub_call("supervisor.startProcess", {"a"}));
  EXPECT_EQ(fault_of("system.multicall", {XmlRpcValue{calls}}), "2 INCORRECT_PARAMETERS: too many calls");
  EXPECT_TRUE(control_.asked.empty());
}

TEST_F(ApiTest, BoundsTheResultsOfManyCalls) {
  fakes::put(folder_ / "web.log", std::string(8 << 20, 'x'));
  XmlRpcArray calls;
  for (int i = 0; i < 20; ++i) calls.push_back(sub_call("supervisor.readProcessLog", {"web", 0, 0}));
  call("system.multicall", {XmlRpcValue{std::move(calls)}});
  for (int turns = 0; replies_.empty() && turns < 10'000; ++turns) loop_.turn(Duration{0});
  const XmlRpcArray results = received_array();
  EXPECT_EQ(text(results.at(0)).size(), 8U << 20);
  EXPECT_EQ(text(*results.at(19).member("faultString")), "FAILED: too many results");
}

}  // namespace
}  // namespace upkeep::rpc
