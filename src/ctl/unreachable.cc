#include "ctl/unreachable.h"

#include <fmt/core.h>

#include <cerrno>
#include <string_view>

namespace upkeep::ctl {
namespace {

std::string_view advice(const Failure& failure, bool unix_socket) {
  if (failure.kind == Failure::Kind::Closed)
    return "the server closed the connection before it answered; the action may have been carried out or not: look at "
           "`supervisorctl status` before you repeat it";
  if (failure.type == "TimeoutError")
    return "the server accepts connections but does not answer: see its log, and whether the machine is overloaded";
  if (failure.type == "socket.gaierror")
    return "the host name is not known: correct serverurl, or give the URL with -s";
  switch (failure.code) {
    case ENOENT:
      return "there is no such socket: start supervisord, or make serverurl name the `file` of its [unix_http_server] "
             "section";
    case ECONNREFUSED:
      return unix_socket ? "nobody listens on this socket, which an earlier supervisord left behind: start supervisord"
                         : "nobody listens there: start supervisord, or make serverurl agree with the `port` of its "
                           "[inet_http_server] section";
    case EACCES:
    case EPERM:
      return "this user may not use the socket: run supervisorctl as the user of supervisord or as root, or see "
             "`chmod` "
             "and `chown` in the [unix_http_server] section";
    default: return "check that supervisord runs and that serverurl names one of its sockets";
  }
}

}  // namespace

std::string explain_unreachable(const Failure& failure, const Attempted& attempted) {
  return fmt::format(
      "{0}: configuration: {1}\n"
      "{0}: server: {2} (from {3})\n"
      "{0}: {4}\n",
      attempted.program, attempted.configuration.value_or("none found, so the defaults apply; name one with -c"),
      attempted.url, attempted.url_source, advice(failure, attempted.url.starts_with("unix://")));
}

}  // namespace upkeep::ctl
