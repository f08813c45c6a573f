// A sink that keeps what it gets and cannot splice.
#pragma once

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "logs/sink.h"

namespace upkeep::logs {

struct MemorySink : Sink {
  std::string bytes;
  void write(std::string_view more) override { bytes += more; }
  Result<std::size_t> splice_from(int, std::size_t) override { return Error{"splice to memory", EINVAL}; }
  void reopen() override {}
  Result<void> remove() override { return {}; }

  std::vector<std::string> lines() const {  // newlines included
    std::vector<std::string> all;
    for (std::size_t from = 0; from < bytes.size();) {
      const std::size_t to = std::min(bytes.find('\n', from), bytes.size() - 1) + 1;
      all.push_back(bytes.substr(from, to - from));
      from = to;
    }
    return all;
  }
};

}  // namespace upkeep::logs
