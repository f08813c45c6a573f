// The stdio of one supervised process: where its output goes, the channels that carry it, its stdin.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/model.h"
#include "engine/keeper_link.h"
#include "engine/surroundings.h"
#include "logs/channel.h"

namespace upkeep::engine {

class ProcessChannels {
 public:
  ProcessChannels(const config::Process& config, Surroundings& surroundings) : config_(config), around_(surroundings) {}
  ProcessChannels(const ProcessChannels&) = delete;

  // The files that stdout_logfile=AUTO and stderr_logfile=AUTO mean for this process; empty: none was made.
  void set_auto_logs(std::string out, std::string err) {
    auto_out_ = std::move(out);
    auto_err_ = std::move(err);
  }
  const std::string& auto_out() const { return auto_out_; }
  const std::string& auto_err() const { return auto_err_; }
  std::optional<std::string> logfile(Stdio channel) const;  // nullopt: none

  // Before a start: opens the log files. Error: Supervisor's words for one that cannot be opened. A sick disk is no
  // error: the program runs on without that log.
  Result<void> open_sinks();
  // After a start, or at recovery: what the keeper lent.
  void open(std::vector<LentChannel> channels);
  // XML-RPC clearProcessLogs: removes the log files and begins them anew, both; backups stay, and so does what is no
  // regular file. Nothing is done for a process that does not run. Error: a file that cannot be removed (FAILED).
  Result<void> clear();
  // After the end: everything in the pipes goes to the logs, then all is closed.
  void finish();

  // Descriptors, for a keeper that takes over; borrowed.
  KeeperLink::ChannelFds fds() const;

 private:
  Result<std::shared_ptr<logs::Sink>> open_sink(Stdio channel);
  logs::Route route(Stdio channel);

  const config::Process& config_;
  Surroundings& around_;
  std::string auto_out_, auto_err_;
  Fd stdin_;
  std::shared_ptr<logs::Sink> out_sink_, err_sink_;  // of the present start; null: nothing is logged
  std::unique_ptr<logs::Channel> out_, err_;
};

}  // namespace upkeep::engine
