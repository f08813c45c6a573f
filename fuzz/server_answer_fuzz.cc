// What a server, which need not be a supervisord, answers to supervisorctl: any value becomes rows, a JSON document or
// an error with a text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ctl/format.h"
#include "ctl/replies.h"
#include "ctl/status_json.h"

using namespace upkeep;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = wire::parse_xmlrpc_reply({reinterpret_cast<const char*>(data), size});
  const auto* value = reply ? std::get_if<wire::XmlRpcValue>(&*reply) : nullptr;
  if (!value) return 0;
  (void)ctl::as_text(*value);
  (void)ctl::as_number(*value);
  if (const auto infos = ctl::as_process_infos(*value)) {
    if (ctl::status_rows(*infos).size() != infos->size()) std::abort();
    if (ctl::status_document({"http://x", {}, *infos, {}}).find('\0') != std::string::npos) std::abort();
  }
  if (const auto infos = ctl::as_config_infos(*value))
    for (const ctl::ConfigInfo& info : *infos) (void)ctl::avail_row(info);
  if (const auto results = ctl::as_process_results(*value))
    for (const ctl::ProcessResult& result : *results)
      for (const auto line : {ctl::start_line, ctl::stop_line, ctl::signal_line, ctl::clear_line}) (void)line(result);
  if (const auto changes = ctl::as_config_changes(*value)) (void)ctl::change_rows(*changes);
  return 0;
}
