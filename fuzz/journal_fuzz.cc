// The journal of an event pool comes back from the keeper after an engine died, perhaps because of it: any bytes must
// be read without harm, and what they tell must lead to the same pool again. The bytes also serve as a script of
// commands, which the journal must repeat to the letter.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "events/journal.h"

using namespace upkeep;
using namespace upkeep::events;

namespace {

constexpr PoolSettings kSettings{3};

void replay_must_give(const std::string& journal, const Pool& pool) {
  const auto again = replay(journal, "p", kSettings);
  if (!again || *again != pool) std::abort();
}

// A command from a few bytes of the script, which it takes.
Command next_command(std::string_view& script, std::uint64_t serial) {
  static constexpr std::string_view kSayings[] = {"READY\n", "RESULT 2\nOK", "RESULT 4\nFAIL",
                                                  "REA",     "RESULT 0\n",   "x\n"};
  const auto kind = static_cast<unsigned char>(script.front());
  script.remove_prefix(1);
  const std::string listener{kind & 0x80 ? "a" : "b"};
  switch (kind % 5) {
    case 0:
      return Publish{
          {static_cast<core::EventType>(kind % core::kEventTypes), serial, std::string{script.substr(0, 3)}}};
    case 1: return Give{listener};
    case 2: return Gone{listener};
    case 3: return Hear{listener, std::string{kSayings[kind / 5 % std::size(kSayings)]}};
    default: {
      const std::string bytes{script.substr(0, 8)};
      script.remove_prefix(bytes.size());
      return Hear{listener, bytes};
    }
  }
}

void check_script(std::string_view script) {
  Pool pool{"p", kSettings};
  std::string journal = encode_image(pool);
  for (std::uint64_t serial = 0; !script.empty(); ++serial) {
    const Command command = next_command(script, serial);
    journal += encode_command(command);
    (void)pool.apply(command);
    if (pool.queue().size() > kSettings.capacity) std::abort();
    for (std::size_t i = 1; i < pool.queue().size(); ++i)
      if (pool.queue()[i - 1].pool_serial == pool.queue()[i].pool_serial) std::abort();  // an event twice
  }
  replay_must_give(journal, pool);
  replay_must_give(encode_image(pool), pool);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (const auto pool = replay(bytes, "p", kSettings)) replay_must_give(encode_image(*pool), *pool);
  check_script(bytes);
  return 0;
}
