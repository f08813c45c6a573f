// Text of one setting → its value, with Supervisor's words for what is wrong (datatypes.py). World is asked about
// users and directories only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/dialect.h"
#include "base/log_level.h"
#include "base/output_format.h"
#include "base/time.h"
#include "base/world.h"
#include "config/model.h"

namespace upkeep::config {

struct Owner {  // user[:group] of a socket
  std::optional<uid_t> user;
  std::optional<gid_t> group;
};

struct InetAddress {
  std::string host;  // lower case; empty: all interfaces
  int port = 0;
};

struct LogfileValue {
  LogTarget target;
  bool is_syslog = false;     // the word "syslog", which means no file and *_syslog=true
  bool names_a_file = false;  // anything but auto, none, off: also the empty text
};

Result<std::string> to_text(const std::string& text, World& world);
Result<bool> to_boolean(const std::string& text, World& world);
Result<int> to_integer(const std::string& text, World& world);        // clamped to int
Result<std::int64_t> to_long(const std::string& text, World& world);  // clamped to 64 bits
Result<Duration> to_seconds(const std::string& text, World& world);   // clamped to ± 100 years
Result<Duration> to_grace(const std::string& text, World& world);     // at least a second
Result<std::int64_t> to_byte_size(const std::string& text, World& world);
Result<mode_t> to_octal(const std::string& text, World& world);
Result<LogLevel> to_level(const std::string& text, World& world);
Result<std::string> to_existing_directory(const std::string& text, World& world);
Result<std::string> to_existing_dirpath(const std::string& text, World& world);
Result<LogfileValue> to_logfile(const std::string& text, World& world);
Result<int> to_signal(const std::string& text, World& world);
Result<std::vector<int>> to_exit_codes(const std::string& text, World& world);
Result<core::Restart> to_restart(const std::string& text, World& world);
Result<Dialect> to_dialect(const std::string& text, World& world);
Result<OutputFormat> to_output_format(const std::string& text, World& world);
Result<std::string> to_absolute_path(const std::string& text, World& world);  // after ~; normalised; "" stays
Result<Identity> to_identity(const std::string& text, World& world);
Result<mode_t> to_socket_mode(const std::string& text, World& world);             // "Invalid chmod value %s"
Result<Owner> to_socket_owner(const std::string& text, World& world);             // "Invalid sockchown value %s"
Result<mode_t> to_fcgi_mode(const std::string& text, World& world);               // "Invalid socket_mode value %s"
Result<Owner> to_fcgi_owner(const std::string& text, World& world);               // "Invalid socket_owner value %s"
Result<int> to_backlog(const std::string& text, World& world);                    // 1 to 65535
Result<int> to_port(const std::string& text, World& world);                       // 1 to 65535
Result<InetAddress> to_inet_address(const std::string& text, World& world);       // "host:port" or "port"
Result<std::vector<std::string>> to_list(const std::string& text, World& world);  // of "": no element

// The name of a program or group: trimmed, without blank, colon and slash.
Result<std::string> checked_name(std::string_view name);

}  // namespace upkeep::config
