#include <fmt/core.h>

#include "config/loading.h"
#include "config/settings.h"

namespace upkeep::config {
namespace {

using Kind = LogTarget::Kind;

class LogSettler {
 public:
  LogSettler(Loading& loading, const Section& section) : loading_(loading), section_(section) {}

  void settle(ChannelLog& log, const LogfileValue& value, std::string_view channel) {
    log.target = value.target;
    if (value.is_syslog) {
      log.syslog = true;
      warn(
          fmt::format("{0}_logfile=syslog but this is deprecated and will be removed.  Use {0}_syslog=true to enable "
                      "syslog instead.",
                      channel));
    }
    if (log.target.kind == Kind::Auto && log.max_bytes == 0) {
      warn(
          fmt::format("AUTO logging used for {}_logfile without rollover, set maxbytes > 0 to avoid filling up "
                      "filesystem unintentionally",
                      channel));
    }
  }

  void redirect(ProgramSettings& settings) {
    if (settings.err_file.names_a_file)
      warn("redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored");
    settings.process.err.target = {Kind::None, {}};
  }

 private:
  void warn(std::string_view text) { loading_.warn(fmt::format("For [{}], {}", section_.name, text)); }

  Loading& loading_;
  const Section& section_;
};

}  // namespace

void settle_logs(Loading& loading, const Section& section, ProgramSettings& settings) {
  LogSettler settler{loading, section};
  settler.settle(settings.process.out, settings.out_file, "stdout");
  settler.settle(settings.process.err, settings.err_file, "stderr");
  if (settings.process.redirect_stderr) settler.redirect(settings);
}

}  // namespace upkeep::config
