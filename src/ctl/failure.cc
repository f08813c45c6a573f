#include "ctl/failure.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace upkeep::ctl {
namespace {

// The subclass of OSError that Python picks by errno.
std::string_view python_class(int error_number) {
  switch (error_number) {
    case ECONNREFUSED: return "ConnectionRefusedError";
    case ECONNRESET: return "ConnectionResetError";
    case ECONNABORTED: return "ConnectionAbortedError";
    case EPIPE: return "BrokenPipeError";
    case ENOENT: return "FileNotFoundError";
    case ENOTDIR: return "NotADirectoryError";
    case EACCES:
    case EPERM: return "PermissionError";
    case ETIMEDOUT: return "TimeoutError";
    default: return "OSError";
  }
}

}  // namespace

Failure Failure::fault(int code, std::string text, Place where) {
  return {Kind::Fault, code, "xmlrpc.client.Fault", std::move(text), where};
}

Failure Failure::socket(int error_number, Place where) {
  char buffer[128];
  return {Kind::Socket, error_number, std::string{python_class(error_number)},
          ::strerror_r(error_number, buffer, sizeof buffer), where};
}

Failure Failure::http_status(int status, std::string reason, Place where) {
  return {Kind::HttpStatus, status, "xmlrpc.client.ProtocolError", std::move(reason), where};
}

Failure Failure::closed(Place where) {
  return {Kind::Closed, 0, "http.client.RemoteDisconnected", "Remote end closed connection without response", where};
}

Failure Failure::cancelled(Place where) { return {Kind::Cancelled, 0, "KeyboardInterrupt", "", where}; }

Failure Failure::other(std::string type, std::string text, Place where) {
  return {Kind::Other, 0, std::move(type), std::move(text), where};
}

std::string message_of(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::Fault: return fmt::format("<Fault {}: {}>", failure.code, python_repr(failure.text));
    case Failure::Kind::Socket: return fmt::format("[Errno {}] {}", failure.code, failure.text);
    case Failure::Kind::HttpStatus:
      return fmt::format("<ProtocolError for 127.0.0.1/RPC2: {} {}>", failure.code, failure.text);
    case Failure::Kind::Closed:
    case Failure::Kind::Cancelled:
    case Failure::Kind::Other: return failure.text;
  }
  return {};
}

std::string error_line(const Failure& failure) {
  return fmt::format("error: <class '{}'>, {}: file: {} line: {}", failure.type, message_of(failure),
                     failure.where.file, failure.where.line);
}

}  // namespace upkeep::ctl
