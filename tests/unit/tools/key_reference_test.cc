#include "tools/key_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config/keys.h"
#include "tools/section_keys.h"

namespace upkeep::tools {
namespace {

using testing::HasSubstr;

// As scdoc shows it: without the backslashes of the markup.
std::string shown(const std::string& markup) {
  std::string text;
  for (std::size_t i = 0; i < markup.size(); ++i) {
    if (markup[i] == '\\' && i + 1 < markup.size()) ++i;
    text += markup[i];
  }
  return text;
}

TEST(KeyReference, TellsAllOfEveryKey) {
  for (const config::Key& key : config::all_keys()) {
    const std::string text = shown(key_reference(key.section));
    EXPECT_THAT(text, HasSubstr("*" + std::string{key.name} + "*")) << key.section;
  }
  for (const char* section : {"program", "supervisord", "svscan", "supervisorctl", "include"}) {
    const std::string text = shown(key_reference(section));
    for (const config::Key& key : section_keys(section)) {
      EXPECT_THAT(text, HasSubstr("*" + std::string{key.name} + "* = _" + std::string{key.type} + "_\n")) << section;
      EXPECT_THAT(text, HasSubstr(std::string{key.doc} + "++\n"));
      EXPECT_THAT(text, HasSubstr("*" + std::string{key.name} + "=" + std::string{key.example} + "*"));
    }
  }
}

TEST(KeyReference, SaysWhoKnowsAKeyAndSinceWhen) {
  EXPECT_THAT(key_reference("program"), HasSubstr("Since Supervisor 4.0.0."));
  EXPECT_THAT(key_reference("svscan"), HasSubstr("Upkeep alone"));
}

TEST(KeyReference, PutsRequiredKeysFirst) {
  EXPECT_TRUE(key_reference("program").starts_with("*command* = _text_\n"));
  EXPECT_TRUE(key_reference("svscan").starts_with("*directory* = "));
}

TEST(KeyReference, LeavesTheMarkupOfAValueAlone) {
  EXPECT_THAT(key_reference("include"), HasSubstr("*files=conf.d/\\*.conf*"));
  EXPECT_THAT(key_reference("program"), HasSubstr("*%(program\\_name)s*"));
}

TEST(KeyReference, RefersToProgramsForWhatIsTheSame) {
  const std::string text = key_reference("fcgi-program");
  EXPECT_THAT(text, HasSubstr("As in [program:x]: "));
  EXPECT_EQ(text.find("*startsecs* ="), std::string::npos);
}

TEST(KeyReference, IsEmptyForNoSection) { EXPECT_EQ(key_reference("programm"), ""); }

TEST(OptionReference, HasShortAndLongForms) {
  const std::string text = option_reference();
  EXPECT_THAT(text, HasSubstr("*-n*, *--nodaemon*\n\tStay in the foreground.\n"));
  EXPECT_THAT(text, HasSubstr("*-z* _VALUE_, *--logfile\\_backups* _VALUE_\n"));
  EXPECT_THAT(text, HasSubstr("\n*--minprocs* _VALUE_\n"));
}

}  // namespace
}  // namespace upkeep::tools
