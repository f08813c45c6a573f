// Remembers what sinks report.
#pragma once

#include <string>
#include <vector>

#include "logs/sink.h"

namespace upkeep::logs {

struct TroubleList {
  std::vector<SinkTrouble> seen;
  TroubleReport report() {
    return [this](const SinkTrouble& trouble) { seen.push_back(trouble); };
  }
  std::size_t failing() const { return count(SinkTrouble::Kind::Failing); }
  std::size_t recovered() const { return count(SinkTrouble::Kind::Recovered); }

 private:
  std::size_t count(SinkTrouble::Kind kind) const {
    std::size_t number = 0;
    for (const auto& trouble : seen) number += trouble.kind == kind;
    return number;
  }
};

}  // namespace upkeep::logs
