#include "logs/output_text.h"

#include <gtest/gtest.h>

namespace upkeep::logs {
namespace {

TEST(OutputText, ShowsTextAsItIsAndOtherBytesAsPythonWould) {
  EXPECT_EQ(output_text("web", "stdout", "two\nlines\n"), "'web' stdout output:\ntwo\nlines\n");
  EXPECT_EQ(output_text("web", "stderr", "grüße"), "'web' stderr output:\ngrüße");
  EXPECT_EQ(output_text("web", "stdout", "ok\xff\n"), "'web' stdout output:\nUndecodable: b'ok\\xff\\n'");
  EXPECT_EQ(output_text("web", "stdout", "\xc3"), "'web' stdout output:\nUndecodable: b'\\xc3'");  // cut in two
  EXPECT_EQ(output_text("it's", "stdout", ""), "\"it's\" stdout output:\n");
}

}  // namespace
}  // namespace upkeep::logs
