// The stdio of one supervised process: where its output goes, the channels that carry it, the queue of its stdin.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/model.h"
#include "engine/input_queue.h"
#include "engine/keeper_link.h"
#include "engine/surroundings.h"
#include "events/payload.h"
#include "logs/channel.h"
#include "logs/distributor.h"

namespace upkeep::engine {

class ProcessChannels {
 public:
  // `listens`: its stdout is the protocol of event listeners, and not an ordinary output with events of its own.
  ProcessChannels(const config::Process& config, Surroundings& surroundings, bool listens = false);
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
  // error: the program runs, and its log begins once that is possible. At recovery, when the process runs in any case,
  // that holds for every error.
  Result<void> open_sinks();
  // After a start, or at recovery: what the keeper lent.
  void open(int pid, std::vector<LentChannel> channels);
  // XML-RPC clearProcessLogs: removes the log files and begins them anew, both; backups stay, and so does what is no
  // regular file. Nothing is done for a process that does not run. Error: a file that cannot be removed (FAILED).
  Result<void> clear();
  // After the end: everything in the pipes goes to the logs, then all is closed.
  void finish();

  // Its standard input; closed while it does not run, and for FastCGI programs, which have none.
  InputQueue& input() { return input_; }

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
  logs::Route protocol_route();
  logs::Distribution distribution(Stdio channel);
  events::Subject subject() const { return {config_.name, config_.group, pid_}; }

  const config::Process& config_;
  Surroundings& around_;
  std::string auto_out_, auto_err_;
  const bool listens_;
  int pid_ = 0;  // of the present child
  Fd stdin_;
  InputQueue input_;
  Output out_, err_;
};

}  // namespace upkeep::engine
