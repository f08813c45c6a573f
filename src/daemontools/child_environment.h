// The environment that envdir, envini, envuidgid and setuser give to the program they become.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace upkeep::daemontools {

class ChildEnvironment {
 public:
  explicit ChildEnvironment(char* const* inherited);  // borrowed: its texts must live as long as this

  // Names are not judged: set("K=W", "x") makes the entry "K=W=x" in place of any K, as in the original. Of two entries
  // of one name that were inherited, the first is replaced.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  char* const* words();  // for exec, until the next change

 private:
  void put(std::string entry);

  std::vector<const char*> entries_;  // without the terminating null, which words() adds
  std::deque<std::string> made_;      // whose elements stay where they are
  std::vector<char*> words_;
};

}  // namespace upkeep::daemontools
