#include "logs/losses.h"

namespace upkeep::logs {

void Losses::add(std::uint64_t bytes, const std::string& why) {
  total_ += bytes;
  since_failing_ += bytes;
  if (failing_) return;
  failing_ = true;
  report({SinkTrouble::Kind::Failing, path_, why, 0});
}

void Losses::end() {
  if (!failing_ || reporting_)
    return;  // a line about the trouble that got through does not end it: the next write will
  failing_ = false;
  report({SinkTrouble::Kind::Recovered, path_, {}, std::exchange(since_failing_, 0)});
}

void Losses::report(const SinkTrouble& trouble) {
  if (!report_ || reporting_) return;
  reporting_ = true;
  report_(trouble);
  reporting_ = false;
}

}  // namespace upkeep::logs
