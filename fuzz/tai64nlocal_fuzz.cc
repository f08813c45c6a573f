// A log of anybody, turned into local times: the outcome is the same however the input comes in pieces (the first byte
// of the input is their size), and what tai64n stamps comes back with the rest of its line untouched.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemontools/tai64n.h"
#include "daemontools/tai64nlocal.h"

using namespace upkeep;

namespace {

std::string in_local_time(std::string_view bytes, std::size_t piece) {
  daemontools::LocalTimes times;
  std::string output;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) times.feed(bytes.substr(0, piece), output);
  return output;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (in_local_time(bytes, data[0] + 1U) != in_local_time(bytes, size)) std::abort();

  daemontools::LineStamps stamps{[] { return WallTime{std::chrono::seconds{1'000'000'000}}; }};
  std::string stamped, plain;
  stamps.feed(bytes, stamped);
  const std::string local = in_local_time(stamped, size + 1);
  for (std::string_view left = local; !left.empty();) {
    constexpr std::size_t kTimeBytes = std::string_view{"2001-09-09 01:46:40.000000000 "}.size();
    const std::size_t end = std::min(left.find('\n'), left.size() - 1) + 1;
    if (end < kTimeBytes) std::abort();
    plain += left.substr(kTimeBytes, end - kTimeBytes);
    left.remove_prefix(end);
  }
  if (plain != bytes) std::abort();
  return 0;
}
