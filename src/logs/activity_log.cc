#include "logs/activity_log.h"

#include <fmt/core.h>

#include "logs/line_format.h"
#include "wire/json.h"

namespace upkeep::logs {
namespace {

std::string stamp_of(std::time_t second) {
  std::tm local{};
  (void)::localtime_r(&second, &local);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                     local.tm_hour, local.tm_min, local.tm_sec);
}

std::string json_line(LogLevel level, std::string_view text, WallTime when) {
  const wire::JsonObject object{{"time", utc_stamp(when)},
                                {"program", "supervisord"},
                                {"level", std::string{code_of(level)}},
                                {"line", std::string{text}}};
  return wire::write_json_line(object) + "\n";
}

}  // namespace

Result<void> ActivityLog::open(SinkRegistry& sinks, const std::string& logfile, std::int64_t max_bytes, int backups) {
  if (logfile != "syslog") {
    write_to(TRY(sinks.open(logfile, max_bytes, backups)));
  } else {
    write_to_syslog();
  }
  return {};
}

void ActivityLog::resume(SinkRegistry& sinks, const std::string& logfile, std::int64_t max_bytes, int backups) {
  if (logfile == "syslog") return write_to_syslog();
  write_to(sinks.open_sooner_or_later(logfile, max_bytes, backups).sink);
}

void ActivityLog::write_to(std::shared_ptr<Sink> file) {
  file_ = std::move(file);
  syslog_.reset();
}

void ActivityLog::write_to_syslog() {
  syslog_ = std::make_unique<Syslog>("supervisord", [this](const SinkTrouble& trouble) { report(trouble); });
  file_.reset();
}

void ActivityLog::on_file(std::function<void(int fd)> changed) {
  file_changed_ = std::move(changed);
  tell_file();
}

void ActivityLog::tell_file() {
  const OpenFile now = file_ ? file_->open_file() : OpenFile{};
  if (!file_changed_ || now == told_) return;
  told_ = now;
  file_changed_(now.fd);
}

void ActivityLog::speak(std::string name, std::shared_ptr<Sink> sink) {
  voice_ = std::move(name);
  threshold_ = LogLevel::Warn;
  file_ = std::move(sink);
}

void ActivityLog::complain(std::string_view line) {
  if (voice_.empty()) return this->line(LogLevel::Warn, line);
  file_->write(fmt::format("{}\n", line));
}

void ActivityLog::line(LogLevel level, std::string_view text) {
  if (!wants(level)) return;
  if (!voice_.empty()) return complain(fmt::format("{}: warning: {}", voice_, text));
  const WallTime now = wall_now();
  const std::string prefix = line_prefix(level, now);
  const std::string whole = fmt::format("{}{}\n", prefix, text);
  if (file_) file_->write(whole);
  tell_file();
  if (syslog_) syslog_->send_lines(prefix, text);
  if (echo_) echo_->write(echo_format_ == OutputFormat::Json ? json_line(level, text, now) : whole);
}

std::string ActivityLog::line_prefix(LogLevel level, WallTime when) {
  const auto second = std::chrono::floor<std::chrono::seconds>(when);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(when - second).count();
  if (const std::time_t now = second.time_since_epoch().count(); now != stamped_second_) {
    stamp_ = stamp_of(now);
    stamped_second_ = now;
  }
  return fmt::format("{},{:03} {} ", stamp_, ms, code_of(level));
}

void ActivityLog::report(const SinkTrouble& trouble) {
  if (trouble.kind == SinkTrouble::Kind::Failing)
    return line(LogLevel::Error, fmt::format("log file {}: {}", trouble.path, trouble.why));
  if (trouble.dropped == 0)
    return line(LogLevel::Warn, fmt::format("log file {} is well again, no bytes were dropped", trouble.path));
  line(LogLevel::Warn,
       fmt::format("log file {} is written again, {} bytes were dropped", trouble.path, trouble.dropped));
}

void ActivityLog::reopen() {
  if (file_) file_->reopen();
}

Result<void> ActivityLog::clear() {
  if (!file_) return Error{"the activity log is no file", ENOENT};
  TRY(file_->remove());
  // Supervisor says it once for every place its lines go to, in each of them.
  if (echo_) line(LogLevel::Info, "reopening log file");
  line(LogLevel::Info, "reopening log file");
  file_->reopen();
  return {};
}

}  // namespace upkeep::logs
