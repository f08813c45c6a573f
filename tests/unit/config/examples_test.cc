// The configurations in examples/ are good ones.
#include <fstream>
#include <sstream>

#include "unit/config/load_fixture.h"

namespace upkeep::config {
namespace {

class Examples : public LoadTest {
 protected:
  Config example(const std::string& name) {
    std::ifstream in{std::string{UPKEEP_SOURCE_DIR} + "/examples/" + name};
    std::ostringstream text;
    text << in.rdbuf();
    return good(text.str());
  }
};

TEST_F(Examples, OfAContainer) {
  world_.directories.insert({"/run", "/dev"});
  const Config config = example("container/supervisord.conf");
  for (const Notice& notice : config.notices)
    EXPECT_EQ(notice.text.find("[program:"), std::string::npos) << notice.text;
  ASSERT_EQ(config.groups.size(), 2u);
  const Process& clock = config.groups[0].processes[0];
  EXPECT_EQ(clock.out.prefix, "clock | ");
  EXPECT_FALSE(clock.essential);
  EXPECT_TRUE(config.groups[1].processes[0].essential);
  EXPECT_EQ(config.daemon.stop_grace, std::chrono::seconds{25});
}

}  // namespace
}  // namespace upkeep::config
