#include "wire/handover.h"

#include "base/bytes.h"

namespace upkeep::wire {
namespace {

constexpr std::uint8_t kFormat = 1;

}  // namespace

std::string encode_handover(const std::vector<HandoverItem>& items) {
  ByteWriter out;
  out.number(kFormat);
  out.list(items, [](ByteWriter& w, const HandoverItem& item) {
    w.text(encode(item.message, 0));
    w.list(item.fds, [](ByteWriter& fds, int fd) { fds.number(fd); });
  });
  return out.take();
}

Result<std::vector<HandoverItem>> decode_handover(std::string_view bytes) {
  ByteReader in{bytes};
  if (in.number<std::uint8_t>() != kFormat) return Error{"handover: unknown format"};
  std::vector<HandoverItem> items;
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
    const std::string datagram = in.text();
    auto framed = TRY(decode_from_keeper(datagram));
    HandoverItem item{std::move(framed.message), in.list<int>([](ByteReader& r) { return r.number<int>(); })};
    if (item.fds.size() != fds_expected(item.message)) return Error{"handover: descriptors do not match"};
    items.push_back(std::move(item));
  }
  if (!in.at_end()) return Error{"handover: malformed"};
  return items;
}

}  // namespace upkeep::wire
