#include "logs/syslog.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <fmt/core.h>

namespace upkeep::logs {
namespace {

constexpr int kUserInfo = 1 << 3 | 6;  // facility user, severity info

}  // namespace

std::string syslog_message(std::string_view ident, WallTime when, std::string_view text) {
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t second = std::chrono::floor<std::chrono::seconds>(when).time_since_epoch().count();
  std::tm local{};
  (void)::localtime_r(&second, &local);
  return fmt::format("<{}>{} {:2} {:02}:{:02}:{:02} {}: {}", kUserInfo, kMonths[static_cast<std::size_t>(local.tm_mon)],
                     local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, ident, text);
}

Syslog::Syslog(std::string ident, TroubleReport report, std::string socket_path)
    : ident_(std::move(ident)),
      socket_path_(std::move(socket_path)),
      report_(std::move(report)),
      losses_(socket_path_, report_) {}

void Syslog::send_lines(std::string_view prefix, std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  for (;;) {
    const auto newline = text.find('\n');
    send(fmt::format("{}{}", prefix, text.substr(0, newline)));
    if (newline == std::string_view::npos) return;
    text.remove_prefix(newline + 1);
  }
}

void Syslog::send(const std::string& line) {
  const std::string message = syslog_message(ident_, wall_now(), line);
  const auto attempt = [&]() -> Result<void> {
    if (!socket_) TRY(connect());
    if (::send(socket_.get(), message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return {};
    return Error{::strerrordesc_np(errno), errno};
  };
  auto sent = attempt();
  if (!sent && sent.error().code != EAGAIN && sent.error().code != EMSGSIZE) {
    socket_.reset();  // the daemon was restarted: its socket is a new one
    sent = attempt();
  }
  if (!sent) return losses_.add(message.size(), sent.error().text);
  losses_.end();
}

Result<void> Syslog::connect() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path_.size() >= sizeof address.sun_path) return Error{"path too long", ENAMETOOLONG};
  socket_path_.copy(address.sun_path, socket_path_.size());
  Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return Error::from_errno("make a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return Error{::strerrordesc_np(errno), errno};
  socket_ = std::move(socket);
  return {};
}

}  // namespace upkeep::logs
