#include "wire/keeper_messages.h"

#include "base/bytes.h"

namespace upkeep::wire {
namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::uint16_t kFirstFromKeeper = 64;

// One pair of functions serves encoding and decoding: `visit` names the fields of a message once, and an archive either
// writes or reads them. The order of the calls is the wire format.
struct Writer {
  ByteWriter out;

  template <class T>
  void number(const T& value) {
    out.number(value);
  }
  void flag(const bool& value) { out.number(static_cast<std::uint8_t>(value)); }
  void text(const std::string& value, std::size_t) { out.text(value); }
  void time(const Instant& value) { out.number(static_cast<std::int64_t>(value.time_since_epoch().count())); }
  void time(const WallTime& value) { out.number(static_cast<std::int64_t>(value.time_since_epoch().count())); }
  template <class T>
  void enumeration(const T& value, T) {
    out.number(static_cast<std::uint8_t>(value));
  }
  template <class T, class Each>
  void optional(const std::optional<T>& value, Each each) {
    flag(value.has_value());
    if (value) each(*value);
  }
  template <class T, class Each>
  void list(const std::vector<T>& values, Each each) {
    out.number(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) each(value);
  }
};

struct Reader {
  ByteReader in;
  bool sound = true;

  template <class T>
  void number(T& value) {
    value = in.number<T>();
  }
  void flag(bool& value) { value = in.number<std::uint8_t>() != 0; }
  void text(std::string& value, std::size_t most) {
    value = in.text();
    if (value.size() > most) sound = false;
  }
  template <class Time>
  void time(Time& value) {
    value = Time{Duration{in.number<std::int64_t>()}};
  }
  template <class T>
  void enumeration(T& value, T last) {
    const auto number = in.number<std::uint8_t>();
    if (number > static_cast<std::uint8_t>(last)) sound = false;
    value = static_cast<T>(number);
  }
  template <class T, class Each>
  void optional(std::optional<T>& value, Each each) {
    bool present = false;
    flag(present);
    if (present) each(value.emplace());
  }
  template <class T, class Each>
  void list(std::vector<T>& values, Each each) {
    for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) each(values.emplace_back());
  }
};

constexpr std::size_t kAny = kMessageBytesMax;

template <class A, class T>
void fields(A& a, T& status) requires std::is_same_v<std::remove_const_t<T>, ExitStatus> {
  a.enumeration(status.kind, ExitStatus::Kind::Unknown);
  a.number(status.value);
  a.flag(status.core_dumped);
}
template <class A, class T>
void fields(A& a, T& will) requires std::is_same_v<std::remove_const_t<T>, LastWill> {
  a.number(will.signal);
  a.flag(will.to_group);
  a.number(will.grace_ms);
  a.flag(will.kill_group);
}
template <class A, class T>
void fields(A& a, T& ids) requires std::is_same_v<std::remove_const_t<T>, Ids> {
  a.number(ids.uid);
  a.number(ids.gid);
  a.list(ids.groups, [&](auto& gid) { a.number(gid); });
}
template <class A, class T>
void fields(A& a, T& report) requires std::is_same_v<std::remove_const_t<T>, UpgradeReport> {
  a.enumeration(report.outcome, UpgradeOutcome::RolledBack);
  a.time(report.asked);
  for (auto* text : {&report.path, &report.from, &report.to, &report.why}) a.text(*text, kAny);
}
template <class A, class T>
void channels(A& a, T& list) {
  a.list(list, [&](auto& channel) {
    a.enumeration(channel.which, Stdio::Err);
    a.flag(channel.has_spool);
    a.number(channel.spooled);
    a.number(channel.dropped);
  });
}

template <class A, class T>
void fields(A& a, T& m) {
  using M = std::remove_const_t<T>;
  if constexpr (std::is_same_v<M, Hello>) {
    a.number(m.version_min);
    a.number(m.version_max);
  } else if constexpr (std::is_same_v<M, Setup>) {
    a.flag(m.detach);
    a.optional(m.ids, [&](auto& ids) { fields(a, ids); });
    a.list(m.limits, [&](auto& limit) {
      a.number(limit.resource);
      a.number(limit.soft);
      a.number(limit.hard);
    });
  } else if constexpr (std::is_same_v<M, Ready>) {
    a.optional(m.directory, [&](auto& directory) { a.text(directory, kAny); });
    a.optional(m.umask, [&](auto& umask) { a.number(umask); });
  } else if constexpr (std::is_same_v<M, Spawn>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.number(m.serial);
    a.text(m.note, kNoteBytesMax);
    fields(a, m.will);
    a.text(m.plan, kInlinePlanBytesMax);
  } else if constexpr (std::is_same_v<M, Signal>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.number(m.serial);
    a.number(m.number);
    a.flag(m.to_group);
    a.optional(m.note, [&](auto& note) { a.text(note, kNoteBytesMax); });
  } else if constexpr (std::is_same_v<M, Note> || std::is_same_v<M, Release>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.text(m.note, kNoteBytesMax);
  } else if constexpr (std::is_same_v<M, Deposit> || std::is_same_v<M, Discard> || std::is_same_v<M, Deposited>) {
    a.text(m.name, kSlotNameBytesMax);
  } else if constexpr (std::is_same_v<M, Ack>) {
    a.number(m.sequence);
  } else if constexpr (std::is_same_v<M, Upgrade>) {
    a.time(m.asked);
    a.text(m.path, kAny);
  } else if constexpr (std::is_same_v<M, UpgradeRefused>) {
    fields(a, m.report);
  } else if constexpr (std::is_same_v<M, KeeperState>) {
    a.number(m.engine_pid);
    a.number(m.engine_starts);
    a.number(m.next_sequence);
    a.list(m.signals, [&](auto& owed) {
      a.number(owed.number);
      a.number(owed.sequence);
    });
    a.optional(m.files_limit, [&](auto& limit) { a.number(limit); });
    a.optional(m.upgrade, [&](auto& report) { fields(a, report); });
    a.flag(m.has_reports);
    a.flag(m.has_image_before);
  } else if constexpr (std::is_same_v<M, Quit>) {
    a.number(m.code);
  } else if constexpr (std::is_same_v<M, Welcome>) {
    a.number(m.version);
    a.enumeration(m.stage, Stage::Running);
    a.number(m.keeper_pid);
    a.number(m.engine_starts);
    a.flag(m.facts_only);
    a.text(m.last_end, kAny);
    a.optional(m.upgrade, [&](auto& report) { fields(a, report); });
    a.flag(m.upgrade_is_news);
  } else if constexpr (std::is_same_v<M, Slot>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.text(m.note, kNoteBytesMax);
    a.number(m.serial);
    a.number(m.pid);
    a.flag(m.has_pidfd);
    a.time(m.started);
    a.time(m.started_wall);
    fields(a, m.will);
    a.optional(m.owed, [&](auto& status) { fields(a, status); });
    a.enumeration(m.failed_stage, SpawnStage::Exec);
    a.number(m.failed_errno);
    a.time(m.ended);
    a.time(m.ended_wall);
    channels(a, m.channels);
    a.number(m.ended_pid);
  } else if constexpr (std::is_same_v<M, Spawned>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.number(m.serial);
    a.number(m.pid);
    a.flag(m.has_pidfd);
    a.time(m.started);
    a.time(m.started_wall);
    channels(a, m.channels);
  } else if constexpr (std::is_same_v<M, SpawnFailed>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.number(m.serial);
    a.enumeration(m.stage, SpawnStage::Exec);
    a.number(m.error);
  } else if constexpr (std::is_same_v<M, Exited>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.number(m.serial);
    fields(a, m.status);
    a.enumeration(m.failed_stage, SpawnStage::Exec);
    a.number(m.failed_errno);
    a.time(m.ended);
    a.time(m.ended_wall);
  } else if constexpr (std::is_same_v<M, SignalFailed>) {
    a.text(m.slot, kSlotNameBytesMax);
    a.number(m.serial);
    a.number(m.number);
    a.number(m.error);
  } else if constexpr (std::is_same_v<M, Signalled>) {
    a.number(m.number);
  } else if constexpr (std::is_same_v<M, Orphan>) {
    a.number(m.pid);
    fields(a, m.status);
  } else if constexpr (std::is_same_v<M, Refused>) {
    a.number(m.sequence);
    a.text(m.why, kAny);
  } else {
    static_assert(std::is_empty_v<M>, "a message with fields must list them here");
  }
}

std::string frame(std::uint16_t type, std::uint64_t sequence, const std::string& body) {
  ByteWriter out;
  out.number(type);
  out.number(std::uint16_t{0});
  out.number(static_cast<std::uint32_t>(body.size()));
  out.number(sequence);
  return out.take() + body;
}

template <class Variant>
std::string encode_as(const Variant& message, std::uint64_t sequence, std::uint16_t first_type) {
  Writer writer;
  std::visit([&](const auto& m) { fields(writer, m); }, message);
  return frame(static_cast<std::uint16_t>(first_type + message.index()), sequence, writer.out.bytes());
}

// Calls `found` with a default-made alternative number `index` of the variant; false when there is none.
template <class Variant, std::size_t I = 0, class Found>
bool with_alternative(std::size_t index, Found found) {
  if constexpr (I < std::variant_size_v<Variant>) {
    if (index == I) {
      found(std::variant_alternative_t<I, Variant>{});
      return true;
    }
    return with_alternative<Variant, I + 1>(index, found);
  } else {
    return false;
  }
}

template <class Variant>
Result<Framed<Variant>> decode_as(std::string_view datagram, std::uint16_t first_type) {
  ByteReader header{datagram.substr(0, kHeaderBytes)};
  const auto type = header.number<std::uint16_t>();
  (void)header.number<std::uint16_t>();
  const auto length = header.number<std::uint32_t>();
  Framed<Variant> framed;
  framed.sequence = header.number<std::uint64_t>();
  if (!header.ok() || datagram.size() - kHeaderBytes != length) return Error{"message of the wrong length"};

  Reader reader{ByteReader{datagram.substr(kHeaderBytes)}};
  const bool known = type >= first_type && with_alternative<Variant>(type - first_type, [&](auto message) {
                       fields(reader, message);
                       framed.message = std::move(message);
                     });
  if (!known) return Error{"message of an unknown type " + std::to_string(type)};
  if (!reader.in.at_end() || !reader.sound) return Error{"malformed message of type " + std::to_string(type)};
  return framed;
}

std::size_t fds_of(const std::vector<ChannelState>& list) {
  std::size_t count = list.size();
  for (const ChannelState& channel : list) count += channel.has_spool ? 1 : 0;
  return count;
}

}  // namespace

std::string encode(const FromEngine& message, std::uint64_t sequence) { return encode_as(message, sequence, 1); }

std::string encode(const FromKeeper& message, std::uint64_t sequence) {
  return encode_as(message, sequence, kFirstFromKeeper);
}

Result<Framed<FromEngine>> decode_from_engine(std::string_view datagram) { return decode_as<FromEngine>(datagram, 1); }

Result<Framed<FromKeeper>> decode_from_keeper(std::string_view datagram) {
  return decode_as<FromKeeper>(datagram, kFirstFromKeeper);
}

std::uint64_t sequence_of(std::string_view datagram) {
  if (datagram.size() < kHeaderBytes) return 0;
  ByteReader in{datagram.substr(kHeaderBytes - sizeof(std::uint64_t))};
  return in.number<std::uint64_t>();
}

std::size_t fds_expected(const FromKeeper& message) {
  if (const auto* slot = std::get_if<Slot>(&message)) return (slot->has_pidfd ? 1U : 0U) + fds_of(slot->channels);
  if (const auto* spawned = std::get_if<Spawned>(&message))
    return (spawned->has_pidfd ? 1U : 0U) + fds_of(spawned->channels);
  if (const auto* state = std::get_if<KeeperState>(&message))
    return (state->engine_pid != 0 ? 1U : 0U) + (state->has_reports ? 1U : 0U) + (state->has_image_before ? 1U : 0U);
  return std::holds_alternative<Deposited>(message) ? 1 : 0;
}

}  // namespace upkeep::wire
