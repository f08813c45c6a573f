// The keeper's memory under requests in any order: whatever an engine asks for, a slot has one process or one owed exit
// and never both, no exit is forgotten before it was released, and nothing empty is kept.
//
// Input: frames of u8 kind, u8 length and so many bytes. Kind 0: a request as a datagram. 1: the process with the pid
// of the first byte ends. 2: a signal arrives. 3: the engine is told what is owed. 4: there is a new engine.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "keeper/table.h"

using namespace upkeep;
using namespace upkeep::keeper;

namespace {

constexpr Instant kNow{Duration{1'000'000'000'000}};

void require(bool holds) {
  if (!holds) std::abort();
}

class Life {
 public:
  void request(std::string_view datagram) {
    const auto framed = wire::decode_from_engine(datagram);
    if (!framed) return;
    if (const auto* spawn = std::get_if<wire::Spawn>(&framed->message)) {
      if (!table_.begin_spawn(*spawn)) return;
      if (++starts_ % 4 == 0) return table_.cancel_spawn(spawn->slot);
      table_.started(spawn->slot, {static_cast<std::int32_t>(starts_ % 256), kNow, {}, false});
      require(table_.find(spawn->slot, spawn->serial).has_value());
    } else if (const auto* note = std::get_if<wire::Note>(&framed->message)) {
      (void)table_.note(note->slot, note->note);
    } else if (const auto* release = std::get_if<wire::Release>(&framed->message)) {
      if (table_.release(release->slot, release->note)) --owed_;
    } else if (const auto* ack = std::get_if<wire::Ack>(&framed->message)) {
      table_.acknowledge(ack->sequence);
    } else if (std::holds_alternative<wire::Restart>(framed->message)) {
      table_.forget_slots();
      owed_ = 0;
    }
  }
  void end(std::uint8_t pid) {
    if (table_.exited(pid, {ExitStatus::Kind::Exited, pid, false}, kNow, {})) ++owed_;
  }
  void signal(std::uint8_t number) { table_.signalled(number); }
  void tell() {
    for (const auto& [name, slot] : table_.slots())
      if (slot.owed) table_.told(name);
    for (OwedSignal& signal : table_.owed_signals())
      if (signal.sequence == 0) table_.told(signal, next_sequence_++);
  }
  void begin_again() {
    table_.forget_told();
    require(!table_.anything_told_unanswered());
  }
  void check() const {
    std::size_t owed = 0, alive = 0;
    for (const auto& [name, slot] : table_.slots()) {
      require(!name.empty() && !(slot.process && slot.owed));
      require(slot.process || slot.owed || !slot.note.empty());
      owed += slot.owed ? 1 : 0;
      alive += slot.process ? 1 : 0;
    }
    require(owed == owed_ && table_.has_processes() == (alive > 0));
  }

 private:
  Table table_;
  std::size_t owed_ = 0, starts_ = 0;
  std::uint64_t next_sequence_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  Life life;
  while (bytes.size() >= 3) {
    const auto kind = static_cast<unsigned char>(bytes[0]);
    const std::string_view body = bytes.substr(2, static_cast<unsigned char>(bytes[1]));
    bytes.remove_prefix(2 + body.size());
    const auto first = body.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(body.front());
    switch (kind % 5) {
      case 0: life.request(body); break;
      case 1: life.end(first); break;
      case 2: life.signal(first); break;
      case 3: life.tell(); break;
      default: life.begin_again();
    }
    life.check();
  }
  return 0;
}
