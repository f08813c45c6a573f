#include "logs/capture_splitter.h"

#include <algorithm>

namespace upkeep::logs {
namespace {

// How long the longest end of the text is that is a beginning of the token, which the text does not hold.
std::size_t begun_token(std::string_view text, std::string_view token) {
  std::size_t length = std::min(text.size(), token.size() - 1);
  while (!text.ends_with(token.substr(0, length))) --length;
  return length;
}

}  // namespace

CaptureSplitter::Split CaptureSplitter::split(std::string_view bytes, bool at_end) {
  Split result;
  const auto accept = [&](std::string_view text) {
    if (!text.empty()) result.parts.push_back({capturing_ ? Part::Kind::Captured : Part::Kind::Output, text});
    result.accepted += text.size();
  };
  for (;;) {
    const std::string_view rest = bytes.substr(result.accepted);
    const std::string_view token = capturing_ ? kCaptureEnd : kCaptureBegin;
    const auto found = rest.find(token);
    if (found == std::string_view::npos) {
      accept(rest.substr(0, rest.size() - (at_end ? 0 : begun_token(rest, token))));
      return result;
    }
    accept(rest.substr(0, found));
    result.accepted += token.size();
    if (capturing_) result.parts.push_back({Part::Kind::Complete});
    capturing_ = !capturing_;
  }
}

}  // namespace upkeep::logs
