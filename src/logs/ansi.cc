#include "logs/ansi.h"

namespace upkeep::logs {
namespace {

constexpr std::string_view kBegin = "\x1b[";
constexpr std::string_view kEnds = "HfABCDRsuJKhlpm";

}  // namespace

std::string strip_ansi(std::string_view chunk) {
  std::string kept;
  for (;;) {
    const auto begin = chunk.find(kBegin);
    kept += chunk.substr(0, begin);
    if (begin == std::string_view::npos) return kept;
    const auto end = chunk.find_first_of(kEnds, begin + kBegin.size());
    if (end == std::string_view::npos) return kept;
    chunk.remove_prefix(end + 1);
  }
}

}  // namespace upkeep::logs
