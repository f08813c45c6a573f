#include "wire/xmlrpc.h"

#include <gtest/gtest.h>

#include <limits>

namespace upkeep::wire {
namespace {

constexpr const char* kGetState =
    "<?xml version='1.0'?>\n<methodCall>\n<methodName>supervisor.getState</methodName>\n<params>\n</params>\n"
    "</methodCall>\n";

std::string call_with(const std::string& value) {
  return "<?xml version='1.0'?><methodCall><methodName>m</methodName><params><param>" + value +
         "</param></params></methodCall>";
}

// The one argument of a call; an Error's text for what cannot be read.
template <class T>
T argument(const std::string& value) {
  const auto call = parse_xmlrpc_call(call_with(value));
  EXPECT_TRUE(call) << value << (call ? "" : call.error().text);
  if (!call || call->params.size() != 1 || !std::holds_alternative<T>(call->params[0].is)) {
    ADD_FAILURE() << "not of the expected type: " << value;
    return T{};
  }
  return std::get<T>(call->params[0].is);
}

std::string error_of(std::string_view body) {
  const auto call = parse_xmlrpc_call(body);
  return call ? "" : call.error().text;
}

TEST(XmlRpcCall, ReadsWhatClientsSend) {
  const auto call = parse_xmlrpc_call(kGetState);
  ASSERT_TRUE(call);
  EXPECT_EQ(call->method, "supervisor.getState");
  EXPECT_TRUE(call->params.empty());
}

TEST(XmlRpcCall, NeedsNoParamsAndIgnoresTheRootsName) {
  EXPECT_EQ(parse_xmlrpc_call("<methodCall><methodName>m</methodName></methodCall>")->method, "m");
  EXPECT_EQ(parse_xmlrpc_call("<x><methodName>m</methodName><params/></x>")->method, "m");
  EXPECT_EQ(parse_xmlrpc_call("<x><methodName> m </methodName></x>")->method, " m ");
}

TEST(XmlRpcCall, ReadsEveryType) {
  EXPECT_EQ(argument<std::string>("<value> cat </value>"), " cat ");
  EXPECT_EQ(argument<std::string>("<value></value>"), "");
  EXPECT_EQ(argument<std::string>("<value>\n <string>a&lt;&#233;&#13;</string>\n</value>"), "a<\xc3\xa9\r");
  EXPECT_EQ(argument<std::string>("<value><string/></value>"), "");
  EXPECT_EQ(argument<std::string>("<value><string> </string></value>"), " ");
  EXPECT_EQ(argument<std::string>("<value><string>a<!-- x -->b<![CDATA[<c>]]></string></value>"), "ab<c>");
  EXPECT_EQ(argument<std::string>("<value>a\r\nb</value>"), "a\nb");
  EXPECT_EQ(argument<std::string>("<value><base64>Y2F0\n</base64></value>"), "cat");
  EXPECT_EQ(argument<std::string>("<value><i8>7</i8></value>"), "7");
  EXPECT_EQ(argument<std::int64_t>("<value><int> +12 </int></value>"), 12);
  EXPECT_EQ(argument<std::int64_t>("<value><i4>-3</i4></value>"), -3);
  EXPECT_EQ(argument<std::int64_t>("<value><int>99999999999999999999</int></value>"),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(argument<bool>("<value><boolean>1</boolean></value>"));
  EXPECT_FALSE(argument<bool>("<value><boolean>true</boolean></value>"));
  EXPECT_DOUBLE_EQ(argument<double>("<value><double>0.7</double></value>"), 0.7);
  argument<XmlRpcNil>("<value><nil/></value>");
  const auto items =
      argument<XmlRpcArray>("<value><array><data><value><int>1</int></value> <value>b</value></data></array></value>");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(std::get<std::string>(items[1].is), "b");
  EXPECT_TRUE(argument<XmlRpcArray>("<value><array><data/></array></value>").empty());
}

TEST(XmlRpcCall, ReadsStructs) {
  const XmlRpcValue value{
      argument<XmlRpcStruct>("<value><struct><member><name>a</name><value>1</value></member>"
                             "<member>\n<name>b</name>\n<value>2</value></member>"
                             "<member><name>a</name><value>3</value></member></struct></value>")};
  EXPECT_EQ(std::get<std::string>(value.member("a")->is), "3") << "the last one counts, as in a dict";
  EXPECT_EQ(std::get<std::string>(value.member("b")->is), "2");
  EXPECT_EQ(value.member("c"), nullptr);
  EXPECT_EQ(XmlRpcValue{1}.member("a"), nullptr);
}

TEST(XmlRpcCall, RefusesWhatItCannotRead) {
  EXPECT_EQ(error_of(""), "unmarshallable");
  EXPECT_EQ(error_of("no xml"), "unmarshallable");
  EXPECT_EQ(error_of("<a><methodName>m</methodName>"), "unmarshallable");
  EXPECT_EQ(error_of("<a><methodName>m</methodName></a><b/>"), "unmarshallable");
  EXPECT_EQ(error_of("<a/>"), "no method name");
  EXPECT_EQ(error_of("<a><methodName/></a>"), "no method name");
  for (const char* value :
       {"<value><int>x</int></value>", "<value><int></int></value>", "<value><int>1.5</int></value>",
        "<value><double>x</double></value>", "<value><base64>!</base64></value>",
        "<value><base64>//8=</base64></value>", "<value>\xff</value>", "<value>a\x01</value>", "<value>a&#0;b</value>",
        "<value>a&#x000;b</value>", "<value>&#xd800;</value>", "<int>1</int>",
        "<value><struct><member><name>a</name></member></struct></value>"})
    EXPECT_EQ(error_of(call_with(value)), "unmarshallable") << value;
  EXPECT_EQ(error_of(call_with(std::string("<value>a\0b</value>", 18))), "unmarshallable");
}

TEST(XmlRpcCall, RefusesDoctypes) {
  EXPECT_EQ(error_of("<!DOCTYPE x [<!ENTITY a 'b'>]><x><methodName>&a;</methodName></x>"), "unmarshallable");
  EXPECT_EQ(error_of("<!DOCTYPE x><x><methodName>m</methodName></x>"), "unmarshallable");
}

TEST(XmlRpcCall, LimitsDepthAndSize) {
  const auto nested = [](int depth) {
    std::string value;
    for (int i = 0; i < depth; ++i) value += "<value><array><data>";
    for (int i = 0; i < depth; ++i) value += "</data></array></value>";
    return call_with(value);
  };
  EXPECT_EQ(error_of(nested(64)), "");
  EXPECT_EQ(error_of(nested(65)), "unmarshallable");
  EXPECT_EQ(error_of(nested(100'000)), "unmarshallable");
  std::string tags;
  for (int i = 0; i < 600'000; ++i) tags += "<a/>";
  EXPECT_EQ(error_of("<x><methodName>m</methodName>" + tags + "</x>"), "unmarshallable");
}

TEST(XmlRpcCall, LimitsAttributes) {
  const auto with = [](int attributes, const std::string& before) {
    std::string text = "<x>" + before + "<methodName>m</methodName><a";
    for (int i = 0; i < attributes; ++i) text += " a" + std::to_string(i) + (i % 2 ? "=\">\"" : "='\"'");
    return text + "/></x>";
  };
  for (const char* before : {"", "<!--'-->", "<![CDATA[' \"]]>", "<?p '\"?>", "it's", "<b a='\"'/>"}) {
    EXPECT_EQ(error_of(with(40, before)), "") << before;
    EXPECT_EQ(error_of(with(100, before)), "unmarshallable") << before;
  }
}

TEST(XmlRpcCall, TakesTextsFullOfQuotes) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "level=\"info\" user='x' it's ";
  const auto call = parse_xmlrpc_call(call_with("<value>" + text + "</value>"));
  ASSERT_TRUE(call);
  EXPECT_EQ(std::get<std::string>(call->params.at(0).is), text);
}

TEST(XmlRpcReply, ReadsAsManyProcessesAsThereMayBe) {
  XmlRpcStruct process;
  for (int i = 0; i < 14; ++i) process.emplace_back("member" + std::to_string(i), i);
  const auto reply = parse_xmlrpc_reply(write_xmlrpc_reply(XmlRpcValue{XmlRpcArray(5000, process)}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<XmlRpcArray>(std::get<XmlRpcValue>(*reply).is).size(), 5000U);
}

TEST(XmlRpcReply, WritesResultsAsSupervisorDoes) {
  const std::string text = write_xmlrpc_reply(XmlRpcValue{XmlRpcStruct{{"statecode", 1}, {"statename", "RUNNING"}}});
  EXPECT_EQ(text,
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n<member>\n"
            "<name>statecode</name>\n<value><int>1</int></value>\n</member>\n<member>\n<name>statename</name>\n"
            "<value><string>RUNNING</string></value>\n</member>\n</struct></value>\n</param>\n</params>\n"
            "</methodResponse>\n");
  EXPECT_EQ(text.size(), 279U);
}

TEST(XmlRpcReply, WritesFaultsAsSupervisorDoes) {
  const std::string text = write_xmlrpc_reply(XmlRpcFault{10, "BAD_NAME: nope"});
  EXPECT_EQ(text,
            "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n"
            "<value><int>10</int></value>\n</member>\n<member>\n<name>faultString</name>\n"
            "<value><string>BAD_NAME: nope</string></value>\n</member>\n</struct></value>\n</fault>\n"
            "</methodResponse>\n");
  EXPECT_EQ(text.size(), 270U);
}

TEST(XmlRpcReply, WritesArraysAsSupervisorDoes) {
  EXPECT_EQ(write_xmlrpc_reply(XmlRpcValue{XmlRpcArray{"two\n", 8, true}}).size(), 239U);
  EXPECT_EQ(write_xmlrpc_reply(XmlRpcValue{XmlRpcArray{XmlRpcArray{}, false}}),
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n"
            "<value><array><data>\n</data></array></value>\n<value><boolean>0</boolean></value>\n"
            "</data></array></value>\n</param>\n</params>\n</methodResponse>\n");
}

TEST(XmlRpcReply, EscapesClampsAndCleans) {
  const auto written = [](XmlRpcValue value) {
    const std::string text = write_xmlrpc_reply(std::move(value));
    const auto first = text.find("<value>"), last = text.find("\n</param>");
    return text.substr(first, last - first);
  };
  EXPECT_EQ(written("a&b<c>\"'\t\r\n"), "<value><string>a&amp;b&lt;c&gt;\"'\t\r\n</string></value>");
  EXPECT_EQ(written("\xc3\xa9"), "<value><string>\xc3\xa9</string></value>");
  EXPECT_EQ(written("a\xc3"), "<value><string>a\xef\xbf\xbd</string></value>");
  EXPECT_EQ(written("\x1b[0m"), "<value><string>\xef\xbf\xbd[0m</string></value>");
  EXPECT_EQ(written(std::int64_t{3} << 30), "<value><int>2147483647</int></value>");
  EXPECT_EQ(written(-(std::int64_t{3} << 30)), "<value><int>-2147483648</int></value>");
}

TEST(XmlRpcReply, ReadsWhatItWrites) {
  const auto result =
      parse_xmlrpc_reply(write_xmlrpc_reply(XmlRpcValue{XmlRpcArray{1, "x", XmlRpcStruct{{"k", true}}}}));
  ASSERT_TRUE(result);
  const auto& items = std::get<XmlRpcArray>(std::get<XmlRpcValue>(*result).is);
  EXPECT_EQ(std::get<std::int64_t>(items[0].is), 1);
  EXPECT_TRUE(std::get<bool>(items[2].member("k")->is));

  const auto fault = parse_xmlrpc_reply(write_xmlrpc_reply(XmlRpcFault{70, "NOT_RUNNING: a"}));
  ASSERT_TRUE(fault);
  EXPECT_EQ(std::get<XmlRpcFault>(*fault).code, 70);
  EXPECT_EQ(std::get<XmlRpcFault>(*fault).text, "NOT_RUNNING: a");
  EXPECT_FALSE(parse_xmlrpc_reply("<methodResponse/>"));
  EXPECT_FALSE(parse_xmlrpc_reply("<methodResponse><fault><value>x</value></fault></methodResponse>"));
}

TEST(XmlRpcCall, IsWrittenAsPythonDoes) {
  EXPECT_EQ(write_xmlrpc_call({"supervisor.getState", {}}), kGetState);
  EXPECT_EQ(write_xmlrpc_call({"m", {"a&b", 3}}),
            "<?xml version='1.0'?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n<param>\n"
            "<value><string>a&amp;b</string></value>\n</param>\n<param>\n<value><int>3</int></value>\n</param>\n"
            "</params>\n</methodCall>\n");
}

}  // namespace
}  // namespace upkeep::wire
