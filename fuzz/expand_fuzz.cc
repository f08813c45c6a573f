// Any bytes as a value with %-expansions, and as the value of a name in it: the daemon's environment may hold anything.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/expand.h"
#include "config/python_text.h"

namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '%' ? "%%" : std::string(1, c);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = bytes.find('\0');
  const std::string format = bytes.substr(0, zero);
  if (upkeep::config::decode_error(format)) return 0;  // refused before anything is expanded
  const std::string value = zero == std::string::npos ? std::string{"x"} : bytes.substr(zero + 1);
  const upkeep::config::Names names{
      {"ENV_A", value}, {"here", "/etc"}, {"process_num", std::int64_t{-7}}, {"numprocs", INT64_MAX}};
  const auto expanded = upkeep::config::expand(format, names, "program:x.command");
  if (!expanded && expanded.error().text.empty()) std::abort();
  if (format.find('%') == std::string::npos && expanded != format) std::abort();
  if (upkeep::config::expand(escaped(format), names, "x") != format) std::abort();
  return 0;
}
