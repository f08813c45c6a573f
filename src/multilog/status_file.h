// A status file (action =): its first 1001 bytes are always the last selected line, filled up with newlines. Written in
// place, neither truncated nor synced, so whoever reads it in that moment may see a mixture.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"
#include "multilog/trouble.h"

namespace upkeep::multilog {

inline constexpr std::size_t kStatusFileBytes = 1001;

std::string status_text(std::string_view line);  // its first 1000 bytes; kStatusFileBytes long

class StatusFile {
 public:
  StatusFile(std::string path, Trouble& trouble) : path_(std::move(path)), trouble_(trouble) {}

  Result<void> open();  // created if need be. The error is what to say before giving up.
  void write(std::string_view line);

 private:
  std::string path_;
  Trouble& trouble_;
  Fd file_;
};

}  // namespace upkeep::multilog
