#include "keeper/oom_score.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

#include "base/fd.h"

namespace upkeep::keeper {
namespace {

bool write_score(const char* file, std::string_view text) {
  const int fd = ::open(file, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

}  // namespace

void OomScore::protect() {
  inherited_.clear();
  char text[16];
  const Fd file{::open(file_.c_str(), O_RDONLY | O_CLOEXEC)};
  const ssize_t size = file ? ::read(file.get(), text, sizeof text) : 0;
  int score = 0;
  if (size <= 0 || std::from_chars(text, text + size, score).ec != std::errc{} || score <= kProtected) return;
  if (write_score(file_.c_str(), std::to_string(kProtected))) inherited_ = std::to_string(score);
}

void OomScore::give_back() const {
  if (!inherited_.empty())
    (void)write_score(file_.c_str(), inherited_);  // where it fails, nothing can be done about it
}

}  // namespace upkeep::keeper
