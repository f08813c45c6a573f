#include "engine/fcgi_socket.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <cstdlib>
#include <utility>

#include "os/program_socket.h"

namespace upkeep::engine {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kTcp = "tcp://";

// The configuration has made sure that the URL is one of the two forms.
os::ProgramPlace place_of(const config::FcgiSocket& config) {
  if (config.url.starts_with(kUnix))
    return os::UnixPlace{config.url.substr(kUnix.size()), config.mode, config.owner, config.group};
  const auto colon = config.url.rfind(':');
  return os::TcpPlace{config.url.substr(kTcp.size(), colon - kTcp.size()),
                      static_cast<std::uint16_t>(std::atoi(config.url.c_str() + colon + 1))};
}

}  // namespace

FcgiSocket::FcgiSocket(const config::FcgiSocket& config, const std::string& group, Deposits& deposits, LogLine log)
    : config_(config), deposit_("fcgi:" + group), deposits_(deposits), log_(std::move(log)) {}

Result<Fd> FcgiSocket::open() const {
  log_(LogLevel::Info, "Creating socket " + config_.url);
  auto socket = os::listen_for_program(place_of(config_), config_.backlog.value_or(SOMAXCONN));
  if (socket) return socket;
  return Error{fmt::format("Could not create FastCGI socket {}: {}", config_.url, socket.error().text),
               socket.error().code};
}

Result<void> FcgiSocket::test() {
  TRY(open());
  log_(LogLevel::Info, "Closing socket " + config_.url);
  return {};
}

Result<Fd> FcgiSocket::acquire(const std::string& slot) {
  if (!socket_) {
    socket_ = TRY(open());
    deposits_.deposit(deposit_, socket_);
  }
  users_.insert(slot);
  return socket_.duplicate();
}

void FcgiSocket::release(const std::string& slot) {
  if (users_.erase(slot) == 0 || !users_.empty()) return;
  log_(LogLevel::Info, "Closing socket " + config_.url);
  socket_.reset();
  deposits_.discard(deposit_);
}

void FcgiSocket::resume(const std::string& slot) {
  if (!socket_) socket_ = deposits_.take(deposit_);
  users_.insert(slot);
}

}  // namespace upkeep::engine
