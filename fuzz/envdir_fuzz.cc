// Any bytes as a file of an envdir, as an ini file of envini, and as lines for tai64nlocal. What comes of them must fit
// into an environment.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemontools/child_environment.h"
#include "daemontools/tai64nlocal.h"
#include "daemontools/variable_text.h"

namespace {

void put(const std::string& name, const std::string& value) {
  if ((name + value).find('\0') != std::string::npos) std::abort();
  std::string inherited = "A=1";
  char* words[] = {inherited.data(), nullptr};
  upkeep::daemontools::ChildEnvironment environment{words};
  environment.set(name, value);
  int count = 0;
  bool found = false;
  for (char* const* word = environment.words(); *word; ++word, ++count) found |= *word == name + "=" + value;
  if (!found || count > 2) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto value = upkeep::daemontools::envdir_value(bytes);
  if (value.has_value() == bytes.empty()) std::abort();
  if (value) put("A", *value);
  for (const auto& variable : upkeep::daemontools::envini_variables(bytes, "P")) {
    if (variable.name[0] != 'P' || variable.value.find('\n') != std::string::npos) std::abort();
    put(variable.name, variable.value);
  }

  std::string whole, pieces;
  upkeep::daemontools::LocalTimes at_once;
  at_once.feed(bytes, whole);
  upkeep::daemontools::LocalTimes by_byte;
  for (const char& byte : bytes) by_byte.feed({&byte, 1}, pieces);
  if (whole != pieces) std::abort();
  return 0;
}
