// What a browser may send to the web page: target, headers and form are anybody's, and parts of them come back in the
// page and in the redirect. Nothing of that may become markup or a header of its own.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rpc/authorization.h"
#include "rpc/web_form.h"
#include "rpc/web_origin.h"
#include "rpc/web_page.h"
#include "rpc/web_site.h"
#include "rpc/web_text.h"

using namespace upkeep;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_one_line(std::string_view text) { return text.find_first_of(std::string_view{"\r\n\0", 3}) == text.npos; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::HttpRequestParser parser;
  parser.feed({reinterpret_cast<const char*>(data), size});
  while (const auto request = parser.next()) {
    const rpc::Form form = rpc::read_form(*request);
    for (const auto& [name, value] : form) {
      require(!value.empty() && is_one_line(rpc::url_quote(name)));
      require(rpc::html(value).find_first_of("<>\"'\x1b") == std::string::npos);
      require(is_one_line(rpc::url_quote(value)));
    }
    require(is_one_line(rpc::redirect_target(*request, rpc::field(form, "message"))));
    (void)rpc::why_refused(*request);  // any outcome is good
    if (rpc::why_hidden(*request, {false, {}})) std::abort();
    if (const auto reason = rpc::why_hidden(*request, {true, {"host.example"}})) (void)rpc::refusal_reply(*reason);
    (void)rpc::status_page({{}, {}, rpc::field(form, "message")});
    for (const char* stored : {"thepassword", "{SHA}82ab876d1387bfafe46cc1c8a2ef074eae50cb1d"})
      if (rpc::judge_authorization(request->header("Authorization"), {"user", stored}) == rpc::Verdict::Welcome)
        require(request->header("Authorization").has_value());
  }
  return 0;
}
