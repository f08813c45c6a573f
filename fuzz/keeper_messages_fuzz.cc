// Both sides read what a sick or older peer may have sent, and the keeper must never fall over it: decoding must be
// total, and what decodes must survive another round trip. A SPAWN's plan is decoded by the keeper, too.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/keeper_messages.h"

using namespace upkeep;
using namespace upkeep::wire;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_plan(std::string_view bytes) {
  const auto plan = decode_spawn_plan(bytes);
  if (!plan) return;
  require(!plan->argv.empty());
  const std::string again = encode(*plan);
  const auto second = decode_spawn_plan(again);
  require(second && encode(*second) == again);
}

// Flags are true for any byte but zero, so only the second encoding must be the first's.
template <class Decoded, class Decode>
void check_round_trip(const Decoded& framed, Decode decode) {
  const std::string again = encode(framed->message, framed->sequence);
  const auto second = decode(again);
  require(second && second->sequence == framed->sequence && encode(second->message, second->sequence) == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  (void)sequence_of(bytes);  // read even from what does not decode
  if (const auto framed = decode_from_engine(bytes)) {
    require(framed->sequence == sequence_of(bytes));
    check_round_trip(framed, decode_from_engine);
    if (const auto* spawn = std::get_if<Spawn>(&framed->message)) check_plan(spawn->plan);
  }
  if (const auto framed = decode_from_keeper(bytes)) {
    check_round_trip(framed, decode_from_keeper);
    require(fds_expected(framed->message) <= size);  // each takes at least a byte
  }
  check_plan(bytes);
  return 0;
}
