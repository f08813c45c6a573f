// What can go wrong while lines wait goes wrong until somebody mends it: multilog says so, waits five seconds and tries
// again, for ever. Nothing is read meanwhile, so whoever writes to us waits, too, and no line is lost.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace upkeep::multilog {

inline constexpr const char* kTool = "multilog";
inline constexpr Duration kPause = std::chrono::seconds{5};

class Trouble {  // a port: tests mend what is broken instead of waiting
 public:
  virtual ~Trouble() = default;
  // Tells `warning`, and returns when it is time to try again.
  virtual void pause(const std::string& warning) = 0;
};

class PausingTrouble : public Trouble {
 public:
  void pause(const std::string& warning) override;
};

// "unable to write to ./main/current, pausing: out of disk space", for an error whose text lacks the end; without an
// errno there is no colon.
std::string pausing(const Error& error);

template <class Attempt>
void insist(Trouble& trouble, Attempt attempt) {
  for (;;) {
    const Result<void> result = attempt();
    if (result) return;
    trouble.pause(pausing(result.error()));
  }
}

}  // namespace upkeep::multilog
