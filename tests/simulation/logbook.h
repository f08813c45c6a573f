// What programs have written, to compare with what became of it: each byte must arrive once and in order, but for those
// that the keeper counted as dropped.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace upkeep::simulation {

class Logbook {
 public:
  void wrote(const std::string& stream, const std::string& bytes) { streams_[stream].written += bytes; }
  void heard(const std::string& stream, const std::string& bytes) { streams_[stream].heard += bytes; }  // by a logger
  void dropped(const std::string& stream, std::uint64_t bytes) { streams_[stream].dropped += bytes; }
  void forget(const std::string& stream) { streams_[stream].is_known = false; }  // nothing can be said of it any more

  const std::string& heard(const std::string& stream) { return streams_[stream].heard; }
  // Empty, or what is wrong with `arrived`. `in_part`: the end may be missing.
  std::string compare(const std::string& stream, const std::string& arrived, bool in_part = false) const;
  std::uint64_t bytes() const;

 private:
  struct Stream {
    std::string written, heard;
    std::uint64_t dropped = 0;
    bool is_known = true;
  };
  std::map<std::string, Stream> streams_;
};

}  // namespace upkeep::simulation
