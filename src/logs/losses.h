// Counts what a sink lost and tells it twice: when trouble starts and when it is over. For the sinks' own use.
#pragma once

#include <cstdint>
#include <string>

#include "logs/sink.h"

namespace upkeep::logs {

// A report usually ends in a line for the activity log, which may be the very sink in trouble. So the state is settled
// before the report is made, and what happens to writes made from within a report is counted but not reported.
class Losses {
 public:
  // Both are the sink's own, which may have several of us, and borrowed: there is a sink for every log.
  Losses(const std::string& path, const TroubleReport& report) : path_(path), report_(report) {}
  Losses(const Losses&) = delete;

  void add(std::uint64_t bytes, const std::string& why);  // reports Failing unless already failing; 0 bytes is fine
  void end();                                             // a write worked: reports Recovered if failing
  bool failing() const { return failing_; }
  std::uint64_t total() const { return total_; }  // bytes lost over the sink's life

 private:
  void report(const SinkTrouble& trouble);

  const std::string& path_;
  const TroubleReport& report_;  // may be empty
  bool failing_ = false;
  bool reporting_ = false;
  std::uint64_t since_failing_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace upkeep::logs
