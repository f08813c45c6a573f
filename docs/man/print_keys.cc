// print_keys SECTION | options: the part of the manual that comes from the table of keys. scripts/manual calls it.
#include <cstdio>
#include <string_view>

#include "tools/key_reference.h"

int main(int argc, char** argv) {
  using namespace upkeep::tools;  // NOLINT: a small program
  const std::string_view section = argc == 2 ? argv[1] : "";
  const std::string text = section == "options" ? option_reference() : key_reference(section);
  if (text.empty()) {
    std::fprintf(stderr, "usage: print_keys SECTION | options, where SECTION is a kind as in [program:x]: program\n");
    return 2;
  }
  std::fputs(text.c_str(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
