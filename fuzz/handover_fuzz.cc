// The table that a keeper is handed by a dead one's engine: decoding must be total, and every item must bring exactly
// the descriptors that its message speaks of, because the keeper takes them without looking again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/handover.h"

using namespace upkeep::wire;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto items = decode_handover({reinterpret_cast<const char*>(data), size});
  if (!items) return 0;
  for (const HandoverItem& item : *items)
    if (item.fds.size() != fds_expected(item.message)) std::abort();
  const std::string again = encode_handover(*items);
  const auto second = decode_handover(again);
  if (!second || encode_handover(*second) != again) std::abort();
  return 0;
}
