#include "core/note.h"

#include <utility>

#include "base/bytes.h"

namespace upkeep::core {
namespace {

constexpr std::uint8_t kProcessVersion = 2;
constexpr std::uint8_t kDaemonVersion = 2;

// The longest back-off count believed: thirty years of one start a second. Keeps arithmetic on a bad note defined.
constexpr int kFailuresMax = 1'000'000'000;

// --- writing

template <class Time>
void write_time(ByteWriter& out, Time time) {
  out.number(static_cast<std::int64_t>(time.time_since_epoch().count()));
}

void write_child(ByteWriter& out, const std::optional<ProcessId>& child) {
  out.number(child.has_value());
  if (child) out.number(child->serial);
}

struct WritePhase {
  ByteWriter& out;
  void operator()(const Stopped&) const {}
  void operator()(const Starting& s) const {
    out.number(s.failures);
    write_child(out, s.child);
    write_time(out, s.started_at);
    write_time(out, s.up_at);
  }
  void operator()(const Running& r) const {
    out.number(r.child.serial);
    write_time(out, r.started_at);
  }
  void operator()(const Stopping& s) const {
    write_child(out, s.child);
    write_time(out, s.kill_at);
  }
  void operator()(const Backoff& b) const {
    out.number(b.failures);
    write_time(out, b.retry_at);
  }
  void operator()(const Exited& x) const {
    out.number(static_cast<std::uint8_t>(x.status.kind));
    out.number(x.status.value);
    out.number(x.status.core_dumped);
    out.number(x.restart_at.has_value());
    if (x.restart_at) write_time(out, *x.restart_at);
  }
  void operator()(const Fatal& f) const { out.text(f.why); }
  void operator()(const Unknown& u) const { out.number(u.child.serial); }
};

std::string write(const ProcessNote& note) {
  ByteWriter out;
  out.number(kProcessVersion);
  out.number(static_cast<std::uint8_t>(note.phase.index()));
  std::visit(WritePhase{out}, note.phase);
  write_time(out, note.start);
  write_time(out, note.stop);
  out.number(note.exit_status);
  out.text(note.spawn_error);
  out.number(note.serial);
  out.text(note.out_log);
  out.text(note.err_log);
  out.text(note.service);
  return out.take();
}

// Drops `excess` bytes at the end, or a few more so that no UTF-8 character is cut in two.
void shorten(std::string& text, std::size_t excess) {
  std::size_t size = text.size() > excess ? text.size() - excess : 0;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
}

// --- reading

// A reader that also notices values which no writer of ours produces.
class NoteReader {
 public:
  explicit NoteReader(std::string_view bytes) : in_(bytes) {}

  template <class T>
  T number() {
    return in_.number<T>();
  }
  std::string text() { return in_.text(); }

  template <class T>
  T number_within(T low, T high) {
    const T value = in_.number<T>();
    if (value >= low && value <= high) return value;
    sound_ = false;
    return low;
  }
  bool flag() { return number_within<std::uint8_t>(0, 1) == 1; }
  int failures() { return number_within<int>(0, kFailuresMax); }
  Instant instant() { return Instant{Duration{number<std::int64_t>()}}; }
  WallTime wall_time() { return WallTime{Duration{number<std::int64_t>()}}; }
  ProcessId child() { return {number<std::uint64_t>()}; }
  std::optional<ProcessId> maybe_child() { return flag() ? std::optional{child()} : std::nullopt; }

  bool is_sound() const { return sound_ && in_.at_end(); }  // every byte was read and meant something

 private:
  ByteReader in_;
  bool sound_ = true;
};

ExitStatus read_status(NoteReader& in) {
  ExitStatus status;
  status.kind = static_cast<ExitStatus::Kind>(
      in.number_within<std::uint8_t>(0, static_cast<std::uint8_t>(ExitStatus::Kind::Unknown)));
  status.value = in.number<int>();
  status.core_dumped = in.flag();
  return status;
}

// Fields are read one by one into named values: the order of evaluation must be the order of the bytes.
template <class SomePhase>
SomePhase read_phase(NoteReader& in) {
  SomePhase phase;
  if constexpr (std::is_same_v<SomePhase, Starting>) {
    phase.failures = in.failures();
    phase.child = in.maybe_child();
    phase.started_at = in.instant();
    phase.up_at = in.instant();
  } else if constexpr (std::is_same_v<SomePhase, Running>) {
    phase.child = in.child();
    phase.started_at = in.instant();
  } else if constexpr (std::is_same_v<SomePhase, Stopping>) {
    phase.child = in.maybe_child();
    phase.kill_at = in.instant();
  } else if constexpr (std::is_same_v<SomePhase, Backoff>) {
    phase.failures = in.failures();
    phase.retry_at = in.instant();
  } else if constexpr (std::is_same_v<SomePhase, Exited>) {
    phase.status = read_status(in);
    if (in.flag()) phase.restart_at = in.instant();
  } else if constexpr (std::is_same_v<SomePhase, Fatal>) {
    phase.why = in.text();
  } else if constexpr (std::is_same_v<SomePhase, Unknown>) {
    phase.child = in.child();
  }
  return phase;
}

// The alternative of Phase with this index; numbers are the order of the variant, and part of the format.
template <std::size_t Index = 0>
Phase read_alternative(NoteReader& in, std::size_t index) {
  if constexpr (Index + 1 < std::variant_size_v<Phase>) {
    if (index != Index) return read_alternative<Index + 1>(in, index);
  }
  return read_phase<std::variant_alternative_t<Index, Phase>>(in);
}

}  // namespace

std::string encode(ProcessNote note) {
  std::string bytes = write(note);
  const auto excess = [&] { return bytes.size() - kNoteBytesMax; };
  if (bytes.size() > kNoteBytesMax) {
    shorten(note.spawn_error, excess());
    bytes = write(note);
  }
  if (bytes.size() > kNoteBytesMax) {
    if (auto* fatal = std::get_if<Fatal>(&note.phase)) shorten(fatal->why, excess());
    bytes = write(note);
  }
  if (bytes.size() > kNoteBytesMax) {
    note.out_log.clear();
    note.err_log.clear();
    bytes = write(note);
  }
  return bytes;
}

Result<ProcessNote> decode_process_note(std::string_view bytes) {
  NoteReader in{bytes};
  if (in.number<std::uint8_t>() != kProcessVersion) return Error{"process note: unknown version"};
  const auto phase = in.number_within<std::uint8_t>(0, std::variant_size_v<Phase> - 1);
  ProcessNote note;
  note.phase = read_alternative(in, phase);
  note.start = in.wall_time();
  note.stop = in.wall_time();
  note.exit_status = in.number<int>();
  note.spawn_error = in.text();
  note.serial = in.number<std::uint64_t>();
  note.out_log = in.text();
  note.err_log = in.text();
  note.service = in.text();
  if (bytes.size() > kNoteBytesMax || !in.is_sound()) return Error{"process note: damaged"};
  return note;
}

std::string encode(const DaemonNote& note) {
  ByteWriter out;
  out.number(kDaemonVersion);
  out.number(static_cast<std::int8_t>(note.mood));
  out.number(note.event_serial);
  out.number(note.exit_code);
  out.number(note.kill_at.has_value());
  if (note.kill_at) write_time(out, *note.kill_at);
  return out.take();
}

Result<DaemonNote> decode_daemon_note(std::string_view bytes) {
  NoteReader in{bytes};
  if (in.number<std::uint8_t>() != kDaemonVersion) return Error{"daemon's note: unknown version"};
  DaemonNote note;
  note.mood = static_cast<Mood>(in.number_within<std::int8_t>(-1, 1));
  note.event_serial = in.number<std::uint64_t>();
  note.exit_code = in.number<int>();
  if (in.flag()) note.kill_at = in.instant();
  if (!in.is_sound()) return Error{"daemon's note: damaged"};
  return note;
}

}  // namespace upkeep::core
