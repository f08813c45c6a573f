#include "engine/process_channels.h"

#include <fmt/core.h>

#include <cerrno>

#include "engine/error_symbol.h"
#include "logs/disk_trouble.h"

namespace upkeep::engine {
namespace {

std::string_view channel_name(Stdio channel) { return channel == Stdio::Err ? "stderr" : "stdout"; }

}  // namespace

Result<void> ProcessChannels::open_sink(Stdio channel) {
  const auto path = logfile(channel);
  if (!path) {
    output(channel).sink.reset();
    return {};
  }
  const mode_t mode = settings(channel).target.kind == config::LogTarget::Kind::Auto ? 0600 : 0666;
  auto opened = around_.sinks.open_sooner_or_later(*path, settings(channel).max_bytes, settings(channel).backups, mode);
  output(channel).sink = std::move(opened.sink);
  if (!opened.trouble || logs::is_disk_trouble(opened.trouble->code)) return {};
  if (opened.trouble->code == EMFILE) return Error{fmt::format("too many open files to spawn '{}'", config_.name)};
  return Error{
      fmt::format("unknown error making dispatchers for '{}': {}", config_.name, symbol_of(opened.trouble->code))};
}

Result<void> ProcessChannels::open_sinks() {
  const auto out = open_sink(Stdio::Out);
  const auto err = open_sink(Stdio::Err);
  return out ? err : out;
}

logs::Route ProcessChannels::route(Stdio channel) {
  Output& output = this->output(channel);
  const auto ended = [this, channel] {
    if (!around_.log.wants(LogLevel::Debug)) return;
    const int fd = this->output(channel).channel->pipe_fd();
    around_.log.line(
        LogLevel::Debug,
        fmt::format("fd {} closed, stopped monitoring <POutputDispatcher for <Subprocess with name {}> ({})>", fd,
                    config_.name, channel_name(channel)));
  };
  logs::Distribution to{.process = config_.name,
                        .channel = channel_name(channel),
                        .file = output.sink,
                        .strips_ansi = around_.setting.strip_ansi,
                        .to_syslog = settings(channel).syslog,
                        .to_activity_log = around_.log.wants(LogLevel::Debug),
                        .capture_max_bytes = settings(channel).capture_max_bytes,
                        .captured = [this, channel](std::string text) {
                          if (captured_) captured_(channel, std::move(text));
                        }};
  if (!to.is_needed()) return {output.sink, {}, ended};
  output.distributor = std::make_unique<logs::Distributor>(std::move(to), around_.log, around_.syslog);
  return {nullptr,
          [distributor = output.distributor.get()](std::string_view bytes, bool at_end) {
            return distributor->take(bytes, at_end);
          },
          ended};
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
      output(lent.which).channel = std::move(*channel);
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
    const auto& channel = which == Stdio::Err ? err_.channel : out_.channel;
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
  for (Output* output : {&out_, &err_}) {
    if (!output->channel) continue;
    if (output->distributor) output->distributor->forget_captured();
    if (!output->sink) continue;
    const auto removed = output->sink->remove();
    if (!removed && removed.error().code != ENOENT) {
      cleared = removed.error();
    } else {
      output->sink->reopen();
    }
  }
  return cleared;
}

void ProcessChannels::finish() {
  for (Output* output : {&out_, &err_}) {
    if (output->channel) output->channel->drain();
    *output = {};
  }
  stdin_.reset();
}

}  // namespace upkeep::engine
