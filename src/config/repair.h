// Gets a load past its first error, so that the next one shows: what is wrong is replaced by what the loader takes, in
// memory, and by as little as possible. This is how all errors of a file are found by the very code that refuses it.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/checked.h"
#include "config/edited_world.h"

namespace upkeep::config {

struct Place {
  std::string file;
  int line = 0;  // 0: the file as a whole
};
Place place_of(const std::string& where);  // LoadError::where

// The lines that a refusal names as neither header nor key.
std::vector<int> bad_lines_of(const LoadError& error);

class Repairs {
 public:
  explicit Repairs(EditedWorld& world) : world_(world) {}

  // Whether the error only follows from an earlier repair, so that nobody should be told.
  bool has_caused(const LoadError& error) const;

  // Changes what is read. False: there is nothing to change, or what was changed did not help.
  bool past(const LoadError& error);

 private:
  bool replace_value(EditedFile& file, int line);
  bool complete(EditedFile& file, const std::string& section);
  bool remove(const std::string& section);

  EditedWorld& world_;
  std::set<std::pair<std::string, int>> tried_;
  std::set<std::string> completed_, removed_;  // sections
};

}  // namespace upkeep::config
