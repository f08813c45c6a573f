#include "config/effective.h"

#include <fmt/core.h>

#include <array>
#include <chrono>

#include "base/signals.h"
#include "config/checking.h"
#include "config/edited_world.h"
#include "config/keys.h"
#include "config/load.h"

namespace upkeep::config {
namespace {

using Text = std::optional<std::string>;

std::string boolean(bool value) { return value ? "true" : "false"; }

std::string seconds(Duration time) {
  return fmt::format("{}", std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

std::string octal(mode_t mode) { return fmt::format("{:03o}", mode); }

std::string byte_size(std::int64_t bytes) {
  constexpr std::int64_t kKilo = 1024;
  constexpr std::array<const char*, 4> kUnits = {"", "KB", "MB", "GB"};
  std::size_t unit = 0;
  while (bytes != 0 && bytes % kKilo == 0 && unit + 1 < kUnits.size()) {
    bytes /= kKilo;
    ++unit;
  }
  return fmt::format("{}{}", bytes, kUnits[unit]);
}

std::string restart(core::Restart restart) {
  switch (restart) {
    case core::Restart::Never: return "false";
    case core::Restart::Unexpected: return "unexpected";
    case core::Restart::Always: return "true";
  }
  return {};
}

std::string signal(int number) {
  const std::string name = signal_name(number);
  return name.starts_with("SIG") ? name.substr(3) : fmt::format("{}", number);
}

template <class List, class Show>
std::string joined(const List& list, Show show) {
  std::string out;
  for (const auto& each : list) out += (out.empty() ? "" : ",") + show(each);
  return out;
}

std::string format(OutputFormat format) {
  switch (format) {
    case OutputFormat::Raw: return "raw";
    case OutputFormat::Lines: return "lines";
    case OutputFormat::Json: return "json";
  }
  return {};
}

// The value of `key` among those of one channel, without "stdout_"; nullopt: there is no such key.
std::optional<Text> of_channel(const ChannelLog& log, std::string_view key) {
  if (key == "logfile") {
    switch (log.target.kind) {
      case LogTarget::Kind::None: return "NONE";
      case LogTarget::Kind::Auto: return "AUTO";
      case LogTarget::Kind::File: return log.target.path;
    }
  }
  if (key == "logfile_maxbytes") return byte_size(log.max_bytes);
  if (key == "logfile_backups") return fmt::format("{}", log.backups);
  if (key == "capture_maxbytes") return byte_size(log.capture_max_bytes);
  if (key == "events_enabled") return boolean(log.events_enabled);
  if (key == "syslog") return boolean(log.syslog);
  if (key == "format") return format(log.format);
  if (key == "prefix") return log.prefix.empty() ? Text{} : log.prefix.substr(0, log.prefix.size() - 1);
  return std::nullopt;
}

// The value of the key for this process; nullopt: it has no such key.
std::optional<Text> of_process(const Process& process, std::string_view key) {
  const core::Policy& policy = process.policy;
  if (key.starts_with("stdout_")) return of_channel(process.out, key.substr(7));
  if (key.starts_with("stderr_")) return of_channel(process.err, key.substr(7));
  if (key == "command") return process.command;
  if (key == "process_name") return process.name;
  if (key == "priority") return fmt::format("{}", process.priority);
  if (key == "autostart") return boolean(policy.autostart);
  if (key == "autorestart") return restart(policy.restart);
  if (key == "startsecs") return seconds(policy.start_time);
  if (key == "startretries") return fmt::format("{}", policy.start_retries.value_or(0));
  if (key == "exitcodes") return joined(policy.exit_codes, [](int code) { return std::to_string(code); });
  if (key == "stopsignal") return signal(policy.stop_signal);
  if (key == "stopwaitsecs") return seconds(policy.stop_wait);
  if (key == "stopasgroup") return boolean(policy.stop_as_group);
  if (key == "killasgroup") return boolean(policy.kill_as_group);
  if (key == "essential") return boolean(process.essential);
  if (key == "user") return process.identity ? Text{process.identity->name} : std::nullopt;
  if (key == "redirect_stderr") return boolean(process.redirect_stderr);
  if (key == "directory") return process.directory;
  if (key == "umask") return process.umask ? Text{octal(*process.umask)} : std::nullopt;
  if (key == "serverurl") return process.server_url.empty() ? Text{} : process.server_url;
  if (key == "environment") {
    if (process.environment.empty()) return Text{};
    return joined(process.environment,
                  [](const auto& pair) { return fmt::format("{}=\"{}\"", pair.first, pair.second); });
  }
  return std::nullopt;
}

// What belongs to the group; nullopt: the key does not.
std::optional<Text> of_group(const Group& group, std::string_view key) {
  if (group.events) {
    if (key == "priority") return fmt::format("{}", group.priority);  // a listener's own is always 999
    if (key == "events") return joined(group.events->types, [](const std::string& type) { return type; });
    if (key == "buffer_size") return fmt::format("{}", group.events->buffer_size);
    if (key == "result_handler") return group.events->result_handler;
  }
  if (group.socket) {
    if (key == "socket") return group.socket->url;
    if (key == "socket_backlog")
      return group.socket->backlog ? Text{fmt::format("{}", *group.socket->backlog)} : std::nullopt;
    if (key == "socket_mode") return octal(group.socket->mode);
    if (key == "socket_owner") {
      if (!group.socket->owner) return Text{};
      const std::string owner = fmt::format("{}", *group.socket->owner);
      return group.socket->group ? fmt::format("{}:{}", owner, *group.socket->group) : owner;
    }
  }
  return std::nullopt;
}

// Where a value comes from that the section itself does not give: output_format and output_prefix of [supervisord]
// stand in for a program's own, its environment= is beneath each program's.
std::optional<Origin> shared_origin(const Ini& ini, std::string_view key) {
  const Section* daemon = ini.find("supervisord");
  if (!daemon) return std::nullopt;
  const bool is_format = key.ends_with("_format"), is_prefix = key.ends_with("_prefix");
  if (!is_format && !is_prefix && key != "environment") return std::nullopt;
  const Value* value = ini.value(*daemon, is_format ? "output_format" : is_prefix ? "output_prefix" : "environment");
  if (!value) return std::nullopt;
  return value->origin;
}

EffectiveProcess effective(const CheckedConfig& loaded, const Group& group, const Process& process) {
  const Section& section = *loaded.section_of(group, process);
  EffectiveProcess result{group.name, process.name, section.name, section.origin, {}};
  const std::string_view kind = std::string_view{section.name}.substr(0, section.name.find(':'));
  const Ini& ini = loaded.ini();
  for (const Key& key : all_keys()) {
    if (key.section != kind) continue;
    const Value* given = ini.value(section, key.name);
    auto value = of_group(group, key.name);
    if (!value) value = of_process(process, key.name);
    if (!value) {  // numprocs and numprocs_start: they made this process, and have no say any more
      if (!given && !key.fallback) continue;
      value = given ? given->text : std::string{*key.fallback};
    }
    std::optional<Origin> origin;
    if (given) origin = given->origin;
    if (!origin && *value) origin = shared_origin(ini, key.name);
    result.values.push_back({std::string{key.name}, std::move(*value), std::move(origin)});
  }
  return result;
}

}  // namespace

std::variant<EffectiveConfig, LoadError> effective_config(const std::optional<std::string>& file, World& world) {
  std::vector<std::string> argv{"supervisord"};
  if (file) argv.insert(argv.end(), {"-c", *file});
  EditedWorld read{world};
  Loaded loaded = load_supervisord(argv, read);
  if (auto* error = std::get_if<LoadError>(&loaded)) return std::move(*error);
  const Config& config = std::get<Config>(loaded);
  const Ini ini = read.ini();
  Checking checking{read};
  const CheckedConfig checked{checking, config, ini};
  EffectiveConfig effective_config{config.file, {}};
  for (const Group& group : config.groups)
    for (const Process& process : group.processes)
      effective_config.processes.push_back(effective(checked, group, process));
  return effective_config;
}

}  // namespace upkeep::config
