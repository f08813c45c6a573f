#include "ctl/check.h"

#include <gtest/gtest.h>

namespace upkeep::ctl {
namespace {

using config::CheckReport;
using config::Finding;
using config::Severity;

CheckReport one(Severity severity) {
  return {"/a.conf", {{severity, "rule", "/a.conf", 12, 3, "\tk=\xc3\xa4\x1b[31m", "what", "why", ""}}};
}

TEST(CheckReportText, ShowsTheLineWithACaretAndNothingThatATerminalActsUpon) {
  EXPECT_EQ(report_text(one(Severity::Error)),
            "/a.conf:12:3: error: what\n"
            "   12 | \tk=\xc3\xa4?[31m\n"
            "      | \t ^\n"
            "      why: why\n"
            "\n"
            "1 error, 0 warnings, 0 surprises\n");
  EXPECT_EQ(report_text({"/a.conf", {}}), "/a.conf: nothing is wrong\n");
  EXPECT_EQ(report_text({"", {{Severity::Error, "file", "", 0, 0, "", "no file", "", ""}}}),
            "error: no file\n\n1 error, 0 warnings, 0 surprises\n");
}

TEST(CheckReportText, TheColumnCountsCharacters) {
  CheckReport report{"f", {{Severity::Warning, "r", "f", 1, 4, "\xc3\xa4\xc3\xb6=x", "w", "", "do"}}};
  EXPECT_EQ(report_text(report),
            "f:1:4: warning: w\n"
            "    1 | \xc3\xa4\xc3\xb6=x\n"
            "      |    ^\n"
            "      fix: do\n"
            "\n"
            "0 errors, 1 warning, 0 surprises\n");
}

TEST(CheckReportJson, HasNullForWhatIsNotThere) {
  EXPECT_EQ(report_json({"", {{Severity::Surprise, "r", "", 0, 0, "", "w", "", ""}}}),
            "{\n"
            "  \"version\": 1,\n"
            "  \"file\": null,\n"
            "  \"errors\": 0,\n"
            "  \"warnings\": 0,\n"
            "  \"surprises\": 1,\n"
            "  \"findings\": [\n"
            "    {\n"
            "      \"severity\": \"surprise\",\n"
            "      \"rule\": \"r\",\n"
            "      \"file\": null,\n"
            "      \"line\": null,\n"
            "      \"column\": null,\n"
            "      \"text\": null,\n"
            "      \"what\": \"w\",\n"
            "      \"why\": null,\n"
            "      \"fix\": null\n"
            "    }\n"
            "  ]\n"
            "}\n");
}

TEST(CheckStatus, TheWorstFindingCounts) {
  EXPECT_EQ(exit_status_of({"f", {}}, true), 0);
  EXPECT_EQ(exit_status_of(one(Severity::Surprise), false), 0);
  EXPECT_EQ(exit_status_of(one(Severity::Surprise), true), 1);
  EXPECT_EQ(exit_status_of(one(Severity::Warning), false), 1);
  CheckReport both = one(Severity::Warning);
  both.findings.push_back(one(Severity::Error).findings.front());
  EXPECT_EQ(exit_status_of(both, false), 2);
}

}  // namespace
}  // namespace upkeep::ctl
