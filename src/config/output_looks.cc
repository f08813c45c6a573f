#include <fmt/core.h>

#include "config/loading.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

// A program's own settings count first, each by itself; a prefix alone asks for lines.
OutputFormat format_of(const OutputSettings& own, const OutputSettings& shared) {
  if (own.format) return *own.format;
  if (own.prefix) return OutputFormat::Lines;
  if (shared.format) return *shared.format;
  return shared.prefix ? OutputFormat::Lines : OutputFormat::Raw;
}

Checked<> settle(Loading& loading, const Section& section, const Names& names, const OutputSettings& own,
                 std::string_view channel, ChannelLog& log) {
  log.format = format_of(own, loading.output);
  if (log.format != OutputFormat::Lines) {
    if (own.prefix)
      loading.warn(
          fmt::format("For [{0}], {1}_prefix has been ignored, as {1}_format is not lines", section.name, channel));
    return {};
  }
  const std::optional<Given>& prefix = own.prefix ? own.prefix : loading.output.prefix;
  if (!prefix || prefix->text.empty()) return {};
  log.prefix = TRY(expand(*prefix, names)) + " ";
  if (log.prefix.find('\n') == std::string::npos) return {};
  return LoadError{fmt::format("{} must be on one line", prefix->label), prefix->origin.text(), {}};
}

}  // namespace

Checked<> settle_looks(Loading& loading, const Section& section, const Names& names, ProgramSettings& settings) {
  TRY(settle(loading, section, names, settings.out_look, "stdout", settings.process.out));
  if (!settings.process.redirect_stderr)
    TRY(settle(loading, section, names, settings.err_look, "stderr", settings.process.err));
  return {};
}

}  // namespace upkeep::config
