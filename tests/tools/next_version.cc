// Linked into `upkeep-next`: the product as another version, with faults to order, for the tests of upgrades. A file
// beside the program, named like it and ending in ".fault", says what goes wrong:
//   check         the image ends when it is asked whether it can read the keeper's table
//   check-hangs   it never answers that
//   keeper        it dies as soon as it has become the keeper
//   engine        its engines end before they are ready
//   engine-hangs  its engines never become ready
#include <limits.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "base/version.h"
#include "keeper/image_check.h"
#include "wire/handover.h"

namespace upkeep {

const char* version() { return "99.0.0"; }

namespace {

std::string ordered_fault() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
  std::ifstream file{std::string{path, size > 0 ? static_cast<std::size_t>(size) : 0} + ".fault"};
  std::string fault;
  file >> fault;
  return fault;
}

[[gnu::constructor]] void go_wrong(int argc, char** argv) {
  const std::string fault = ordered_fault();
  if (fault.empty()) return;
  const bool is_check = argc == 2 && std::string_view{argv[1]} == keeper::kCheckOption;
  const bool is_keeper = !is_check && ::getenv(wire::kHandoverVariable) != nullptr;
  const bool is_engine = std::string_view{argv[0]} == "upkeep-engine";
  if (is_check && fault == "check") ::_exit(3);
  if (is_keeper && fault == "keeper") ::raise(SIGKILL);
  if (is_engine && fault == "engine") ::_exit(4);
  if ((is_check && fault == "check-hangs") || (is_engine && fault == "engine-hangs"))
    for (;;) ::pause();
}

}  // namespace
}  // namespace upkeep
