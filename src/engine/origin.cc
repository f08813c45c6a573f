#include "engine/origin.h"

#include <sys/resource.h>

#include "base/bytes.h"
#include "os/system_world.h"

namespace upkeep::engine {

Origin find_origin() {
  Origin origin;
  origin.directory = os::SystemWorld{}.current_directory();
  rlimit files{};
  (void)::getrlimit(RLIMIT_NOFILE, &files);
  origin.limits = {{RLIMIT_NOFILE, files.rlim_cur, files.rlim_max}};
  return origin;
}

Result<void> deposit_origin(const Origin& origin, Deposits& deposits) {
  ByteWriter out;
  out.text(origin.directory);
  out.text(origin.logfile);
  out.list(origin.limits, [](ByteWriter& writer, const wire::Limit& limit) {
    writer.number(limit.resource);
    writer.number(limit.soft);
    writer.number(limit.hard);
  });
  return deposit_bytes(kOriginDeposit, out.bytes(), deposits);
}

Result<Origin> recover_origin(Deposits& deposits) {
  const std::string bytes = TRY(deposited_bytes(kOriginDeposit, deposits));
  ByteReader in{bytes};
  Origin origin;
  origin.directory = in.text();
  origin.logfile = in.text();
  origin.limits = in.list<wire::Limit>([](ByteReader& reader) {
    wire::Limit limit;
    limit.resource = reader.number<decltype(limit.resource)>();
    limit.soft = reader.number<decltype(limit.soft)>();
    limit.hard = reader.number<decltype(limit.hard)>();
    return limit;
  });
  if (!in.at_end()) return Error{"what the keeper holds of the daemon's start is damaged"};
  return origin;
}

}  // namespace upkeep::engine
