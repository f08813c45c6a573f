// The stdio of one supervised process: where its output goes, the channels that carry it, its stdin.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/model.h"
#include "engine/keeper_link.h"
#include "engine/surroundings.h"
#include "logs/channel.h"
#include "logs/distributor.h"

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

  // Gets every text that the process marks for the supervisor (stdout_capture_maxbytes), once it is complete. Must not
  // destroy us.
  using CaptureObserver = std::function<void(Stdio channel, std::string text)>;
  void on_captured(CaptureObserver observer) { captured_ = std::move(observer); }

  // Before a start: opens the log files. Error: Supervisor's words for one that cannot be opened. A sick disk is no
  // error: the program runs, and its log begins once that is possible. At recovery, when the process runs in any case,
  // that holds for every error.
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
  struct Output {                                    // of the present start; in the order of use
    std::shared_ptr<logs::Sink> sink;                // null: nothing is logged
    std::unique_ptr<logs::Distributor> distributor;  // null: nobody looks at the bytes, they are spliced
    std::unique_ptr<logs::Channel> channel;
  };

  const config::ChannelLog& settings(Stdio channel) const { return channel == Stdio::Err ? config_.err : config_.out; }
  Output& output(Stdio channel) { return channel == Stdio::Err ? err_ : out_; }
  Result<void> open_sink(Stdio channel);
  logs::Route route(Stdio channel);

  const config::Process& config_;
  Surroundings& around_;
  std::string auto_out_, auto_err_;
  CaptureObserver captured_;
  Fd stdin_;
  Output out_, err_;
};

}  // namespace upkeep::engine
