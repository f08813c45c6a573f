// Any bytes as supervise/status, as svstat, svup and sv read it. A record that is understood and written again means
// the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemontools/status_line.h"
#include "daemontools/sv_view.h"
#include "wire/status_record.h"

namespace {

void look(const upkeep::wire::StatusRecord& record) {
  constexpr std::uint64_t now = 4611686020222222222u;
  for (const auto dialect : {upkeep::Dialect::Original, upkeep::Dialect::Encore})
    if (upkeep::daemontools::status_line(record, true, now, dialect).find(" seconds") == std::string::npos)
      std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto status = upkeep::wire::decode_status(bytes);
  if (status.has_value() != (size >= upkeep::wire::kStatusBytes)) std::abort();
  const auto views = upkeep::daemontools::sv_views(bytes);
  if (views.has_value() != status.has_value()) std::abort();
  if (!status) return 0;
  look(status->service);
  if (status->log) look(*status->log);
  const auto again = upkeep::wire::decode_status(upkeep::wire::encode(*status));
  if (!again || again->service.pid != status->service.pid || again->service.since != status->service.since)
    std::abort();

  const std::string line = upkeep::daemontools::sv_line(views->service, "web", false, 0);
  if (line.find("web: ") == std::string::npos || line.find('\n') != std::string::npos) std::abort();
  for (const char letter : std::string{"xudtkopch"})
    (void)upkeep::daemontools::outcome(views->service, letter, status->service.since);  // any is good
  return 0;
}
