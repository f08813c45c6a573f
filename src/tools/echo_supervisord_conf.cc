#include "tools/echo_supervisord_conf.h"

#include <cstdio>

#include "tools/sample_configuration.h"

namespace upkeep::tools {

int echo_supervisord_conf_main(int, char**) {
  std::fputs(sample_configuration().c_str(), stdout);
  if (std::fflush(stdout) == 0) return 0;
  std::perror("echo_supervisord_conf: write");
  return 1;
}

}  // namespace upkeep::tools
