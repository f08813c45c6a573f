#include "ctl/check.h"

#include <fmt/core.h>
#include <getopt.h>

#include <cstdio>
#include <optional>
#include <variant>

#include "os/system_world.h"
#include "wire/json.h"

namespace upkeep::ctl {
namespace {

using config::CheckReport;
using config::Finding;
using config::Severity;

constexpr int kClean = 0, kWarnings = 1, kErrors = 2, kWrongUse = 3;
constexpr int kVersion = 1;  // of the JSON document

constexpr const char* kUsage =
    "Usage: upkeep check [-c FILE | FILE] [--json] [--strict]\n"
    "\n"
    "Reads a configuration as supervisord does and says all that is wrong or surprising with it. Changes nothing.\n"
    "\n"
    "  -c, --configuration FILE  the file; default: the one that supervisord would find\n"
    "      --json                print a JSON document\n"
    "      --strict              surprises count as warnings\n"
    "  -h, --help\n"
    "\n"
    "Exit status: 0 nothing wrong, 1 warnings, 2 errors: supervisord would refuse the file, 3 wrong use\n";

struct Options {
  std::optional<std::string> file;
  bool is_json = false, is_strict = false;
};

int wrong_use(const std::string& text) {
  std::fputs(fmt::format("upkeep check: {}\n\n{}", text, kUsage).c_str(), stderr);
  return kWrongUse;
}

// The options; or the exit status, when there is nothing more to do.
std::variant<Options, int> read_options(int argc, char** argv) {
  enum { kJson = 256, kStrict };
  static constexpr option kKnown[] = {
      {"configuration", required_argument, nullptr, 'c'},
      {"json", no_argument, nullptr, kJson},
      {"strict", no_argument, nullptr, kStrict},
      {"help", no_argument, nullptr, 'h'},
      {nullptr, 0, nullptr, 0},
  };
  Options options;
  ::opterr = 0;
  for (int found; (found = ::getopt_long(argc, argv, ":c:h", kKnown, nullptr)) != -1;) {
    switch (found) {
      case 'c': options.file = ::optarg; break;
      case kJson: options.is_json = true; break;
      case kStrict: options.is_strict = true; break;
      case 'h': std::fputs(kUsage, stdout); return kClean;
      case ':': return wrong_use(fmt::format("option {} needs a value", argv[::optind - 1]));
      default: return wrong_use(fmt::format("there is no option {}", argv[::optind - 1]));
    }
  }
  if (::optind < argc && !options.file) options.file = argv[::optind++];
  if (::optind < argc) return wrong_use(fmt::format("'{}' is one file too many", argv[::optind]));
  return options;
}

const char* word_of(Severity severity) {
  switch (severity) {
    case Severity::Surprise: return "surprise";
    case Severity::Warning: return "warning";
    case Severity::Error: return "error";
  }
  return "";
}

// What a terminal shows without acting upon it.
std::string printable(std::string text) {
  for (char& c : text)
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f) c = '?';
  return text;
}

// Blanks that lead under a column: as wide as the text above, its tabs among them.
std::string indent_to(const std::string& text, int column) {
  std::string indent;
  int at = 1;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xc0U) == 0x80) continue;  // inside of a character
    if (at++ >= column) break;
    indent += c == '\t' ? '\t' : ' ';
  }
  return indent;
}

std::string place_of(const Finding& finding) {
  if (finding.line == 0) return finding.file;
  return fmt::format("{}:{}:{}", finding.file, finding.line, finding.column == 0 ? 1 : finding.column);
}

std::string text_of(const Finding& finding) {
  const std::string place = place_of(finding);
  std::string out =
      fmt::format("{}{}{}: {}\n", place, place.empty() ? "" : ": ", word_of(finding.severity), printable(finding.what));
  if (!finding.text.empty()) {
    out += fmt::format("{:5} | {}\n", finding.line, printable(finding.text));
    if (finding.column > 0) out += fmt::format("      | {}^\n", indent_to(finding.text, finding.column));
  }
  if (!finding.why.empty()) out += fmt::format("      why: {}\n", printable(finding.why));
  if (!finding.fix.empty()) out += fmt::format("      fix: {}\n", printable(finding.fix));
  return out;
}

std::string counted(std::size_t count, const char* word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

}  // namespace

std::string report_text(const CheckReport& report) {
  std::string out;
  for (const Finding& finding : report.findings) out += text_of(finding) + '\n';
  if (report.findings.empty()) return fmt::format("{}: nothing is wrong\n", report.file);
  return out + fmt::format("{}, {}, {}\n", counted(report.count(Severity::Error), "error"),
                           counted(report.count(Severity::Warning), "warning"),
                           counted(report.count(Severity::Surprise), "surprise"));
}

std::string report_json(const CheckReport& report) {
  const auto number = [](int value) { return value == 0 ? std::nullopt : std::optional{value}; };
  const auto text = [](const std::string& value) { return value.empty() ? std::nullopt : std::optional{value}; };
  const auto count = [&](Severity severity) { return static_cast<std::int64_t>(report.count(severity)); };
  wire::JsonArray findings;
  for (const Finding& finding : report.findings) {
    findings.emplace_back(wire::JsonObject{
        {"severity", word_of(finding.severity)},
        {"rule", finding.rule},
        {"file", text(finding.file)},
        {"line", number(finding.line)},
        {"column", number(finding.column)},
        {"text", text(finding.text)},
        {"what", finding.what},
        {"why", text(finding.why)},
        {"fix", text(finding.fix)},
    });
  }
  return wire::write_json(wire::JsonObject{
             {"version", kVersion},
             {"file", text(report.file)},
             {"errors", count(Severity::Error)},
             {"warnings", count(Severity::Warning)},
             {"surprises", count(Severity::Surprise)},
             {"findings", std::move(findings)},
         }) +
         '\n';
}

int exit_status_of(const CheckReport& report, bool strict) {
  if (report.count(Severity::Error) > 0) return kErrors;
  if (report.count(Severity::Warning) > 0) return kWarnings;
  return strict && report.count(Severity::Surprise) > 0 ? kWarnings : kClean;
}

int check_main(int argc, char** argv) {
  const auto read = read_options(argc, argv);
  if (const int* status = std::get_if<int>(&read)) return *status;
  const auto& options = std::get<Options>(read);
  os::SystemWorld world;
  const CheckReport report = config::check(options.file, world);
  std::fputs((options.is_json ? report_json(report) : report_text(report)).c_str(), stdout);
  return exit_status_of(report, options.is_strict);
}

}  // namespace upkeep::ctl
