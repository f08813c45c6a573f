#include "engine/deposits.h"

#include <unistd.h>

#include <cerrno>

#include "os/file.h"

namespace upkeep::engine {
namespace {

constexpr std::size_t kDepositBytesMax = std::size_t{256} << 20;

}  // namespace

Result<void> deposit_bytes(const std::string& name, const std::string& bytes, Deposits& deposits) {
  const Fd memfd = TRY(os::make_memfd("upkeep-" + name, bytes, os::Sealing::Sealed));
  deposits.deposit(name, memfd);
  return {};
}

Result<std::string> deposited_bytes(const std::string& name, Deposits& deposits) {
  const Fd memfd = deposits.take(name);
  if (!memfd) return Error{"the keeper holds no " + name, ENOENT};
  if (::lseek(memfd.get(), 0, SEEK_SET) != 0) return Error::from_errno("read the deposit " + name);
  return os::read_all(memfd.get(), kDepositBytesMax);
}

}  // namespace upkeep::engine
