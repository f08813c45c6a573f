// What supervisord itself would warn of, with its place found again.
#include "base/text.h"
#include "config/checking.h"
#include "config/repair.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kAdvice = ", did you mean ";

// "x is ignored, did you mean "y"?": the second half becomes the way out.
Message message_of(std::string text) {
  Message message;
  if (const std::size_t at = text.find(kAdvice); at != std::string::npos) {
    message.fix = "did you mean " + text.substr(at + kAdvice.size());
    text.resize(at);
  }
  message.what = std::move(text);
  return message;
}

std::string_view rule_of(std::string_view text) {
  if (text.find("unknown key") != std::string_view::npos) return "unknown-key";
  if (text.find("unknown section") != std::string_view::npos) return "unknown-section";
  if (text.find(" may write to ") != std::string_view::npos) return "exposed";
  if (text.find("No file matches via include") != std::string_view::npos) return "include";
  if (text.find("cannot be resolved within") != std::string_view::npos) return "python";
  return "ignored";
}

// "For [program:web], redirect_stderr=true but ...": at the last key of the section that it names.
Spot spot_in(const CheckedConfig& checked, const std::string& section_name, const std::string& text) {
  const Section* section = checked.ini().find(section_name);
  std::string named;
  std::size_t last = 0;
  if (section) {
    for (const auto& [key, value] : section->values) {
      const std::size_t at = text.rfind(key);
      if (at == std::string::npos || at < last) continue;
      last = at;
      named = key;
    }
  }
  return checked.spot(section, named);
}

void report(const CheckedConfig& checked, const std::string& text) {
  const std::string_view rule = rule_of(text);
  const auto warn = [&](const Spot& spot, Message message) {
    checked.report(Severity::Warning, rule, spot, std::move(message));
  };
  if (const std::size_t end = text.find(": "); end != std::string::npos) {
    if (const Place place = place_of(text.substr(0, end)); place.line > 0) {
      Spot spot{place.file, place.line, 0};
      for (const Section& section : checked.ini().sections())
        for (const auto& [key, value] : section.values)
          if (value.origin.file == place.file && value.origin.line == place.line) spot.column = 1;
      return warn(spot, message_of(text.substr(end + 2)));
    }
  }
  if (text.starts_with("For [")) {
    const std::size_t end = text.find("], ");
    if (end != std::string::npos)
      return warn(spot_in(checked, text.substr(5, end - 5), text), message_of(text.substr(end + 3)));
  }
  if (rule == "include") {
    // The pattern as it was written, or the end of it: the directory of the file was put in front.
    const std::size_t quote = text.find('"') + 1;
    std::string pattern = text.substr(quote, text.rfind('"') - quote);
    const Section* include = checked.ini().find("include");
    if (checked.given(include, "files").find(pattern) == std::string::npos) pattern.erase(0, pattern.rfind('/') + 1);
    return warn(checked.spot(include, "files", pattern), {text, {}, {}});
  }
  warn({checked.config().file, 0, 0}, {text, {}, {}});
}

}  // namespace

void check_notices(const CheckedConfig& checked) {
  for (const Notice& notice : checked.config().notices) {
    if (notice.level == LogLevel::Warn) report(checked, notice.text);
    if (notice.level == LogLevel::Critical) {
      checked.report(Severity::Surprise, "root", checked.spot(checked.ini().find("supervisord"), "user"),
                     {"supervisord runs as root, and so does every program without user=",
                      {},
                      "set user= here or in the programs; user=root says that it is meant"});
    }
  }
}

}  // namespace upkeep::config
