#include "engine/process_channels.h"

#include <fmt/core.h>

#include <cerrno>

#include "base/text.h"
#include "engine/error_symbol.h"
#include "logs/ansi.h"
#include "logs/disk_trouble.h"

namespace upkeep::engine {
namespace {

std::string_view channel_name(Stdio channel) { return channel == Stdio::Err ? "stderr" : "stdout"; }

}  // namespace

using core::EventType;

ProcessChannels::ProcessChannels(const config::Process& config, Surroundings& surroundings, bool listens)
    : config_(config),
      around_(surroundings),
      listens_(listens),
      input_(surroundings.loop, surroundings.deposits, fmt::format("stdin:{}:{}", config.group, config.name)) {}

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
  const int code = opened.trouble->code;
  if (code == EMFILE) return Error{fmt::format("too many open files to spawn '{}'", config_.name), code};
  return Error{fmt::format("unknown error making dispatchers for '{}': {}", config_.name, symbol_of(code)), code};
}

Result<void> ProcessChannels::open_sinks() {
  const auto out = open_sink(Stdio::Out);
  const auto err = open_sink(Stdio::Err);
  return out ? err : out;
}

logs::Distribution ProcessChannels::distribution(Stdio channel) {
  const bool is_err = channel == Stdio::Err;
  logs::Distribution to{.process = config_.name,
                        .channel = channel_name(channel),
                        .file = output(channel).sink,
                        .format = {.format = settings(channel).format,
                                   .prefix = settings(channel).prefix,
                                   .program = config_.program,
                                   .group = config_.group,
                                   .process = config_.name,
                                   .pid = pid_,
                                   .stream = channel_name(channel)},
                        .strips_ansi = around_.setting.strip_ansi,
                        .to_syslog = settings(channel).syslog,
                        .to_activity_log = around_.log.wants(LogLevel::Debug),
                        .capture_max_bytes = settings(channel).capture_max_bytes};
  to.captured = [this, is_err](const std::string& text) {
    const auto type = is_err ? EventType::ProcessCommunicationStderr : EventType::ProcessCommunicationStdout;
    if (around_.events.wants(type))
      around_.events.publish(type, events::process_communication_payload(subject(), text));
  };
  if (settings(channel).events_enabled) {
    to.observed = [this, channel, is_err](std::string_view bytes) {
      const auto type = is_err ? EventType::ProcessLogStderr : EventType::ProcessLogStdout;
      if (around_.events.wants(type))
        around_.events.publish(type, events::process_log_payload(subject(), channel, bytes));
    };
  }
  return to;
}

// What a listener says goes to its log and to the pool; syslog, capture and events are for ordinary outputs.
logs::Route ProcessChannels::protocol_route() {
  const auto hear = [this](std::string_view bytes, bool) {
    if (out_.sink) out_.sink->write(around_.setting.strip_ansi ? logs::strip_ansi(bytes) : std::string{bytes});
    if (around_.log.wants(LogLevel::Debug))
      around_.log.line(LogLevel::Debug,
                       fmt::format("{} stdout output:\n{}", python_repr(config_.name), python_bytes_repr(bytes)));
    around_.events.hear(config_.group, config_.name, bytes);
    return bytes.size();
  };
  return {nullptr, hear, [] {}};
}

logs::Route ProcessChannels::route(Stdio channel) {
  if (listens_ && channel == Stdio::Out) return protocol_route();
  Output& output = this->output(channel);
  const auto ended = [this, channel] {
    if (!around_.log.wants(LogLevel::Debug)) return;
    const int fd = this->output(channel).channel->pipe_fd();
    around_.log.line(
        LogLevel::Debug,
        fmt::format("fd {} closed, stopped monitoring <POutputDispatcher for <Subprocess with name {}> ({})>", fd,
                    config_.name, channel_name(channel)));
  };
  logs::Distribution to = distribution(channel);
  if (!to.is_needed()) return {output.sink, {}, ended};
  output.distributor = std::make_unique<logs::Distributor>(std::move(to), around_.log, around_.syslog);
  return {nullptr,
          [distributor = output.distributor.get()](std::string_view bytes, bool at_end) {
            return distributor->take(bytes, at_end);
          },
          ended};
}

void ProcessChannels::open(int pid, std::vector<LentChannel> channels) {
  pid_ = pid;
  for (LentChannel& lent : channels) {
    if (lent.which == Stdio::In) {
      stdin_ = std::move(lent.pipe);
      input_.open(stdin_.get());
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
  input_.close();
  stdin_.reset();
}

}  // namespace upkeep::engine
