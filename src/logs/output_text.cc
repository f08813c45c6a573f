#include "logs/output_text.h"

#include <fmt/core.h>

#include "base/text.h"
#include "wire/utf8.h"

namespace upkeep::logs {

std::string output_text(std::string_view process, std::string_view channel, std::string_view bytes) {
  std::string text = fmt::format("{} {} output:\n", python_repr(process), channel);
  if (wire::is_utf8(bytes)) {
    text += bytes;
  } else {
    text += "Undecodable: " + python_bytes_repr(bytes);
  }
  return text;
}

}  // namespace upkeep::logs
