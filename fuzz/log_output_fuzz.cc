// What a program writes, on its way to a log: captured texts are found wherever the output is cut, and no byte goes
// astray. The first byte of the input says how large the pieces are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "logs/ansi.h"
#include "logs/capture_splitter.h"
#include "logs/output_text.h"

using namespace upkeep::logs;

namespace {

struct Found {
  std::string output, captured;  // a captured text ends in a zero byte
  bool operator==(const Found&) const = default;
};

void take(const CaptureSplitter::Split& split, Found& found) {
  for (const CaptureSplitter::Part& part : split.parts) switch (part.kind) {
      case CaptureSplitter::Part::Kind::Output: found.output += part.bytes; break;
      case CaptureSplitter::Part::Kind::Captured: found.captured += part.bytes; break;
      case CaptureSplitter::Part::Kind::Complete: found.captured += '\0'; break;
    }
}

Found split_in_pieces(std::string_view bytes, std::size_t piece) {
  CaptureSplitter splitter;
  Found found;
  std::string waiting;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    waiting += bytes.substr(0, piece);
    const auto split = splitter.split(waiting, false);
    if (waiting.size() - split.accepted > kUndecidedBytes) std::abort();
    take(split, found);
    waiting.erase(0, split.accepted);
  }
  const auto last = splitter.split(waiting, true);
  if (last.accepted != waiting.size()) std::abort();
  take(last, found);
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (split_in_pieces(bytes, data[0] + 1U) != split_in_pieces(bytes, size)) std::abort();
  if (strip_ansi(bytes).size() > bytes.size()) std::abort();
  (void)output_text("web", "stdout", bytes);
  return 0;
}
