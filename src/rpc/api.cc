#include "rpc/api.h"

#include <memory>

#include "rpc/supervisor_api.h"
#include "rpc/upkeep_api.h"

namespace upkeep::rpc {

using engine::Refusal;
using wire::XmlRpcArray;
using wire::XmlRpcCall;
using wire::XmlRpcFault;
using wire::XmlRpcReply;
using wire::XmlRpcStruct;
using wire::XmlRpcValue;

namespace {

constexpr const char* kMulticall = "system.multicall";

// One element of a multicall's argument; a fault where it is none.
std::variant<XmlRpcCall, XmlRpcFault> read_call(const XmlRpcValue& value) {
  const XmlRpcValue* name = value.member("methodName");
  const auto* method = name ? std::get_if<std::string>(&name->is) : nullptr;
  if (!method) return fault(Refusal::IncorrectParameters, "No methodName");
  if (*method == kMulticall) return fault(Refusal::IncorrectParameters, "Recursive system.multicall forbidden");
  const XmlRpcValue* params = value.member("params");
  if (!params) return XmlRpcCall{*method, {}};
  const auto* list = std::get_if<XmlRpcArray>(&params->is);
  if (!list) return fault(Refusal::IncorrectParameters);
  return XmlRpcCall{*method, *list};
}

}  // namespace

// The calls of one system.multicall, strictly one after the other: a call that has to wait holds up the later ones.
// Results are not wrapped in arrays of one element, as the usual convention has it, because Supervisor's are not.
class Api::Multicall : public std::enable_shared_from_this<Multicall> {
 public:
  Multicall(Api& api, XmlRpcArray calls, const Caller& caller, Answered answer)
      : api_(api), calls_(std::move(calls)), caller_(caller), answer_(std::move(answer)) {}

  void proceed() {
    const Instant began = monotonic_now();
    running_ = true;
    while (next_ < calls_.size() && !waiting_) {
      if (monotonic_now() - began > kMulticallSlice) {
        api_.loop_.defer([self = shared_from_this()] { self->proceed(); });
        break;
      }
      waiting_ = true;
      perform(read_call(calls_[next_++]));
    }
    running_ = false;
    if (next_ == calls_.size() && !waiting_) answer_(XmlRpcValue{std::move(results_)});
  }

 private:
  void perform(const std::variant<XmlRpcCall, XmlRpcFault>& wanted) {
    if (const auto* wrong = std::get_if<XmlRpcFault>(&wanted)) return take(*wrong);
    if (bytes_ > kMulticallBytesMax) return take(fault(Refusal::Failed, "too many results"));
    api_.call(std::get<XmlRpcCall>(wanted), caller_, [self = shared_from_this()](XmlRpcReply reply) {
      self->take(std::move(reply));
      if (!self->running_) self->proceed();
    });
  }

  void take(XmlRpcReply reply) {
    waiting_ = false;
    const auto* wrong = std::get_if<XmlRpcFault>(&reply);
    // Written now, within this slice: all of them at the end would take too long a turn.
    auto written = wire::write_xmlrpc_value(
        wrong ? XmlRpcStruct{{"faultCode", wrong->code}, {"faultString", wrong->text}} : std::get<XmlRpcValue>(reply));
    bytes_ += written.xml.size();
    results_.push_back(std::move(written));
  }

  Api& api_;
  XmlRpcArray calls_;
  Caller caller_;
  Answered answer_;
  XmlRpcArray results_;
  std::size_t next_ = 0;
  std::size_t bytes_ = 0;
  bool waiting_ = false;  // for the answer to a call
  bool running_ = false;  // proceed() is under way, so an answer need not start it
};

Api::Api(os::Loop& loop, engine::Control& control) : loop_(loop), control_(control), system_(system_methods()) {
  publish({});
}

void Api::publish(const std::vector<std::string>& namespaces) {
  methods_.clear();
  for (const Method& method : upkeep_methods())
    methods_["upkeep." + std::string{method.name}] = {&method, !method.even_in_shutdown};
  for (const Method& method : system_) methods_["system." + std::string{method.name}] = {&method, false};
  for (const std::string& space : namespaces)
    for (const Method& method : supervisor_methods())
      methods_[space + "." + std::string{method.name}] = {&method, !method.even_in_shutdown};
}

const Method* Api::find(const std::string& name) const {
  const auto found = methods_.find(name);
  return found == methods_.end() ? nullptr : found->second.method;
}

void Api::call(const XmlRpcCall& wanted, const Caller& caller, Answered answer) {
  const auto found = methods_.find(wanted.method);
  if (found == methods_.end()) return answer(fault(Refusal::UnknownMethod));
  const auto& [method, gated] = found->second;
  if (!takes_count(*method, wanted.params.size())) return answer(fault(Refusal::IncorrectParameters));
  if (gated && control_.daemon().shutting_down) return answer(fault(Refusal::ShutdownState));
  auto arguments = convert_arguments(*method, wanted.params);
  if (!arguments) return answer(fault(Refusal::IncorrectParameters));
  method->call(Call{control_, std::move(*arguments), std::move(answer), caller});
}

std::vector<Method> Api::system_methods() {
  using enum Kind;
  return {
      {"listMethods",
       "array",
       {},
       0,
       " Return an array listing the available method names\n\n@return array result An array of method names available "
       "(strings).\n",
       [this](const Call& call) { call.answer(list_methods()); }},
      {"methodHelp",
       "string",
       {Text},
       0,
       " Return a string showing the method's documentation\n\n"
       "@param string name The name of the method.\n"
       "@return string result The documentation for the method name.\n",
       [this](const Call& call) { call.answer(method_help(call.text(0))); }},
      {"methodSignature",
       "array",
       {Text},
       0,
       " Return an array describing the method signature in the form [rtype, ptype, ptype...]\n\n"
       "@param string name The name of the method.\n"
       "@return array result The result.\n",
       [this](const Call& call) { call.answer(method_signature(call.text(0))); }},
      {"multicall",
       "array",
       {Array},
       0,
       " Process an array of calls, and return an array of results\n\n"
       "Calls should be structs of the form {'methodName': string, 'params': array}. Each result will either be the "
       "result value of the call or a struct of the form {'faultCode': int, 'faultString': string}.\n\n"
       "@param array calls An array of call requests\n"
       "@return array result An array of results\n",
       [this](const Call& call) {
         if (call.array(0).size() > kMulticallCallsMax)
           return call.answer(fault(Refusal::IncorrectParameters, "too many calls"));
         std::make_shared<Multicall>(*this, call.array(0), call.caller, call.answer)->proceed();
       }},
  };
}

XmlRpcReply Api::list_methods() const {
  XmlRpcArray names;
  for (const auto& [name, entry] : methods_) names.emplace_back(name);
  return XmlRpcValue{std::move(names)};
}

XmlRpcReply Api::method_help(const std::string& name) const {
  const Method* method = find(name);
  if (!method) return fault(Refusal::SignatureUnsupported);
  return XmlRpcValue{std::string{method->help}};
}

XmlRpcReply Api::method_signature(const std::string& name) const {
  const Method* method = find(name);
  if (!method) return fault(Refusal::SignatureUnsupported);
  XmlRpcArray signature{std::string{method->result}};
  for (const Kind kind : method->parameters) signature.emplace_back(std::string{wire_name(kind)});
  return XmlRpcValue{std::move(signature)};
}

}  // namespace upkeep::rpc
