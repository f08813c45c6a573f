// A script of multilog from any words, and any input: whatever the input's pieces (the first byte is their size), the
// same bytes must come out, and a directory must get nothing that was not put in.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "multilog/line_filter.h"
#include "multilog/script.h"

using namespace upkeep;
using namespace upkeep::multilog;

namespace {

constexpr WallTime kNow{std::chrono::seconds{1'000'000'000}};

struct Result {
  std::string directories, standard_error;
  bool operator==(const Result&) const = default;
};

void collect(Outputs& outputs, Result& result) {
  for (ChosenLines& lines : outputs.directories) result.directories.append(lines.bytes()).push_back('\1');
  result.standard_error += outputs.standard_error;
  outputs.clear();
}

std::string without_marks(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c != '\1') out += c;
  return out;
}

Result play(const Script& script, std::string_view input, std::size_t piece) {
  LineFilter filter{script};
  Outputs outputs{script};
  Result result;
  std::string held;
  for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
    held += input.substr(0, piece);
    std::string_view view = held;
    for (std::size_t taken = 1; taken > 0 && !view.empty(); view.remove_prefix(taken)) {
      taken = filter.take(view, kNow, LineFilter::Until::NoMoreLines, outputs);
      if (taken > view.size()) std::abort();
      collect(outputs, result);
    }
    if (view.size() >= kLineWindowBytes) std::abort();  // more is held back than any action looks at
    held = view;
  }
  filter.finish(held, kNow, outputs);
  collect(outputs, result);
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t piece = data[0] + 1U;
  std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  std::vector<std::string> words;
  std::size_t targets = 0;
  while (words.size() < 16 && bytes.find('\0') != std::string_view::npos) {
    const std::size_t end = bytes.find('\0');
    const bool is_directory = end > 0 && (bytes[0] == '.' || bytes[0] == '/');
    if (!is_directory || ++targets <= 1) words.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(end + 1);
  }
  if (words.empty()) return 0;
  for (const Dialect dialect : {Dialect::Original, Dialect::Encore}) {
    const Script script = parse_script(words, dialect);
    for (const DirectorySettings& settings : script.directories)
      if (settings.file_bytes < kFileBytesMin || settings.files < kFilesMin) std::abort();
    const Result whole = play(script, bytes, bytes.size() + 1);
    if (script.stamp != StampFormat::Tai64n) {  // labels count the batches
      const Result pieces = play(script, bytes, piece);
      if (without_marks(pieces.directories) != without_marks(whole.directories)) std::abort();
      if (pieces.standard_error != whole.standard_error) std::abort();
    }
    if (script.stamp == StampFormat::None && whole.directories.size() > bytes.size() + 1 + 2 * 8) std::abort();
  }
  return 0;
}
