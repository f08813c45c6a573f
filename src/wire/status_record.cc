#include "wire/status_record.h"

#include "base/bytes.h"

namespace upkeep::wire {
namespace {

StatusRecord decode_record(std::string_view bytes) {
  StatusRecord record;
  record.since = unpack_tai64n(bytes);
  ByteReader rest{bytes.substr(kTai64nBytes)};
  record.pid = rest.number<std::uint32_t>();
  record.paused = rest.number<std::uint8_t>() != 0;
  record.want = rest.number<char>();
  if (bytes.size() >= kEncoreStatusBytes) record.state = rest.number<std::uint8_t>();
  return record;
}

}  // namespace

std::string encode(const StatusRecord& record) {
  const auto label = pack(record.since);
  ByteWriter rest;
  rest.number(record.pid);
  rest.number(static_cast<std::uint8_t>(record.paused && record.pid != 0));
  rest.number(record.want);
  if (record.state) {
    rest.number(*record.state);
    rest.number(std::uint8_t{0});
  }
  return std::string{label.data(), label.size()} + rest.take();
}

std::string encode(const Status& status) {
  std::string bytes = encode(status.service);
  if (status.log) bytes += encode(*status.log);
  return bytes;
}

std::optional<Status> decode_status(std::string_view bytes) {
  if (bytes.size() < kStatusBytes) return std::nullopt;
  Status status{decode_record(bytes), std::nullopt};
  if (bytes.size() >= 2 * kEncoreStatusBytes) status.log = decode_record(bytes.substr(kEncoreStatusBytes));
  return status;
}

}  // namespace upkeep::wire
