// From svc's options to the bytes that it writes into supervise/control.
//
// The original knows u d o x p c h a i t k and sends each once, in the order given. daemontools-encore adds q 1 2 w
// (more signals), + and = (signals that follow go to the process group, to the process) and L and l (what follows is
// for the log, for the service), and sends a letter once after each L or l. Its letters are taken in both dialects,
// since every supervise ignores those it does not know. encore's dialect always begins with l.
#pragma once

#include <string>
#include <string_view>

#include "base/dialect.h"

namespace upkeep::daemontools {

inline constexpr std::string_view kControlLetters = "+=Lludopchaitkwxq12";
inline constexpr std::size_t kControlBytesMax = 32;

class ControlLetters {
 public:
  explicit ControlLetters(Dialect dialect) : bytes_(dialect == Dialect::Encore ? "l" : "") {}

  bool add(char letter);  // false: there are kControlBytesMax already
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::size_t run_ = 0;  // where the letters after the last L or l begin
};

}  // namespace upkeep::daemontools
