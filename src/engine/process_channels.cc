#include "engine/process_channels.h"

#include <fmt/core.h>

#include <cerrno>

#include "engine/error_symbol.h"

namespace upkeep::engine {
namespace {

std::string_view channel_name(Stdio channel) { return channel == Stdio::Err ? "stderr" : "stdout"; }

// What only time or an administrator heals: no reason to keep a program from running.
bool is_disk_trouble(int error) { return error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO; }

}  // namespace

Result<std::shared_ptr<logs::Sink>> ProcessChannels::open_sink(Stdio channel) {
  const auto path = logfile(channel);
  if (!path) return std::shared_ptr<logs::Sink>{};
  const config::ChannelLog& settings = channel == Stdio::Err ? config_.err : config_.out;
  const mode_t mode = settings.target.kind == config::LogTarget::Kind::Auto ? 0600 : 0666;
  auto sink = around_.sinks.open(*path, settings.max_bytes, settings.backups, mode);
  if (sink) return sink;
  around_.log.line(LogLevel::Critical, fmt::format("the {} of '{}' cannot be logged: {}", channel_name(channel),
                                                   config_.name, sink.error().text));
  if (is_disk_trouble(sink.error().code)) return std::shared_ptr<logs::Sink>{};
  return Error{
      fmt::format("unknown error making dispatchers for '{}': {}", config_.name, symbol_of(sink.error().code))};
}

Result<void> ProcessChannels::open_sinks() {
  out_sink_ = TRY(open_sink(Stdio::Out));
  err_sink_ = TRY(open_sink(Stdio::Err));
  return {};
}

logs::Route ProcessChannels::route(Stdio channel) {
  const config::ChannelLog& settings = channel == Stdio::Err ? config_.err : config_.out;
  logs::Route route;
  route.sink = channel == Stdio::Err ? err_sink_ : out_sink_;
  const bool echo = around_.log.wants(LogLevel::Debug);
  if (echo || settings.syslog)
    route.tap = [this, echo, channel, to_syslog = settings.syslog](std::string_view bytes) {
      if (to_syslog) around_.syslog.send_lines(config_.name + " ", bytes);
      if (echo)
        around_.log.line(LogLevel::Debug,
                         fmt::format("'{}' {} output:\n{}", config_.name, channel_name(channel), bytes));
    };
  return route;
}

void ProcessChannels::open(std::vector<LentChannel> channels) {
  for (LentChannel& lent : channels) {
    if (lent.which == Stdio::In) {
      stdin_ = std::move(lent.pipe);
      continue;
    }
    if (lent.dropped > 0)
      around_.log.line(
          LogLevel::Warn,
          fmt::format("{} bytes of the {} of '{}' were lost: they came while no engine could run and did not fit",
                      lent.dropped, channel_name(lent.which), config_.name));
    auto channel =
        logs::Channel::make(around_.loop, around_.tee, std::move(lent.pipe), std::move(lent.spool), route(lent.which));
    if (channel) {
      (lent.which == Stdio::Err ? err_ : out_) = std::move(*channel);
    } else {
      around_.log.line(LogLevel::Critical, fmt::format("the {} of '{}' cannot be read: {}", channel_name(lent.which),
                                                       config_.name, channel.error().text));
    }
  }
}

std::optional<std::string> ProcessChannels::logfile(Stdio channel) const {
  const config::LogTarget& target = channel == Stdio::Err ? config_.err.target : config_.out.target;
  switch (target.kind) {
    case config::LogTarget::Kind::None: return std::nullopt;
    case config::LogTarget::Kind::File: return target.path;
    case config::LogTarget::Kind::Auto: break;
  }
  const std::string& made = channel == Stdio::Err ? auto_err_ : auto_out_;
  return made.empty() ? std::nullopt : std::optional{made};
}

KeeperLink::ChannelFds ProcessChannels::fds() const {
  KeeperLink::ChannelFds all;
  if (stdin_) all.push_back({{.which = Stdio::In}, {stdin_.get()}});
  for (const auto which : {Stdio::Out, Stdio::Err}) {
    const auto& channel = which == Stdio::Err ? err_ : out_;
    if (!channel) continue;
    wire::ChannelState state{.which = which, .has_spool = channel->spool_fd() >= 0};
    std::vector<int> fds{channel->pipe_fd()};
    if (state.has_spool) fds.push_back(channel->spool_fd());
    all.push_back({state, std::move(fds)});
  }
  return all;
}

Result<void> ProcessChannels::clear() {
  Result<void> cleared;
  for (const auto* output : {&out_, &err_}) {
    const auto& sink = output == &out_ ? out_sink_ : err_sink_;
    if (!*output || !sink) continue;
    const auto removed = sink->remove();
    if (!removed && removed.error().code != ENOENT) {
      cleared = removed.error();
    } else {
      sink->reopen();
    }
  }
  return cleared;
}

void ProcessChannels::finish() {
  for (const auto* channel : {&out_, &err_})
    if (*channel) (*channel)->drain();
  out_.reset();
  err_.reset();
  out_sink_.reset();
  err_sink_.reset();
  stdin_.reset();
}

}  // namespace upkeep::engine
