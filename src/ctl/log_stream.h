// One GET of /logtail or /mainlogtail: the last 1024 bytes of a log, then whatever is appended, as the server sends it.
// Bytes pass untouched: a chunk that ends in the middle of a character is completed by the next one.
#pragma once

#include <optional>
#include <string>

#include "ctl/connection.h"
#include "ctl/remote.h"
#include "wire/http.h"

namespace upkeep::ctl {

std::string log_path(const LogName& log);  // "/logtail/NAME/CHANNEL", the name as it is; "/mainlogtail"

class LogStream {
 public:
  static Attempt<LogStream> open(const Target& target, const LogName& log, int cancel_fd);

  int fd() const { return connection_.fd(); }
  // The next bytes of the log that have arrived, without waiting; often none.
  std::string read();
  bool is_open() const { return !ended_ && !refusal(); }
  std::optional<int> refusal() const;  // the status, when it was not 200
  bool has_answered() const { return parser_.head().has_value(); }

 private:
  explicit LogStream(Connection connection) : connection_(std::move(connection)) {}
  Connection connection_;
  wire::HttpResponseParser parser_;
  bool ended_ = false;
};

}  // namespace upkeep::ctl
