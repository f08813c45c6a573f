// The wishes of a service come back from the keeper after an engine died, perhaps because of them: decoding must be
// total, what decodes must encode to the same bytes. What is written to supervise/control is anybody's: every byte of
// it has an answer, after which nothing is started beside a live process.
//
// Input: the length of a note, the note, then pairs of bytes, an event and what it says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/service.h"

using namespace upkeep;
using namespace upkeep::core;

namespace {

ServiceEvent event_of(unsigned kind, std::uint8_t value) {
  switch (kind) {
    case 0: return HookEnded{value % 2 == 0};
    case 1: return Begun{};
    case 2: return Ended{{value >= 128 ? ExitStatus::Kind::Signalled : ExitStatus::Kind::Exited, value % 128, false}};
    case 3: return ForkFailed{};
    case 4: return SaidReady{};
    case 5: return TimeIsUp{};
    default: return Commanded{static_cast<char>(value), kind == 6};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  if (bytes.empty()) return 0;
  const std::size_t length = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  const std::string_view note = bytes.substr(0, length);
  bytes.remove_prefix(note.size());

  ServiceSituation at{.now = Instant{Duration{1'000'000'000'000}}};
  const auto known = decode_service(note);
  if (known && encode(*known) != note) std::abort();
  Service service = known ? *known : new_service(false, at);
  for (; bytes.size() >= 2; bytes.remove_prefix(2)) {
    // 0-2: kind of event; 3: process there; 4: all scripts or `run` alone; 5: dialect; 6-7: time that passes
    const unsigned first = static_cast<unsigned char>(bytes[0]);
    at.has_process = (first & 8) != 0;
    at.scripts = (first & 16) != 0 ? ServiceScripts{true, true, true, true, "tdp"} : ServiceScripts{};
    at.dialect = (first & 32) != 0 ? Dialect::Encore : Dialect::Original;
    at.now += std::chrono::milliseconds{400} * (first >> 6);
    const ServiceStep taken = step(service, event_of(first & 7, static_cast<std::uint8_t>(bytes[1])), at);
    bool starts = false, leaves = false;
    for (const ServiceAction& action : taken.actions) {
      starts = starts || std::holds_alternative<StartScript>(action);
      leaves = leaves || std::holds_alternative<Leave>(action);
    }
    if ((starts || leaves) && at.has_process) std::abort();
    if (starts && (leaves || !taken.next.due || taken.next.due_at > at.now)) std::abort();
    const auto again = decode_service(encode(taken.next));
    if (!again || *again != taken.next) std::abort();
    service = taken.next;
  }
  return 0;
}
