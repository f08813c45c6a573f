// A new image proves that it can read our table, before we become it: it runs as a child over a copy, and must say so.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/exit_status.h"
#include "base/fd.h"
#include "base/result.h"
#include "base/time.h"

namespace upkeep::keeper {

inline constexpr const char* kCheckOption = "--check-table";
// What the image prints, followed by its version. Any program may end with 0; only one that knows the table says this.
inline constexpr const char* kCheckPassed = "upkeep: the table is readable; version ";
inline constexpr Duration kCheckPatience{std::chrono::seconds{10}};

class ImageCheck {
 public:
  // `table`: a memfd with the encoded handover. Both are borrowed. Error: pipe or fork failed.
  static Result<ImageCheck> start(int image, int table, Instant now);

  pid_t pid() const { return pid_; }
  Instant deadline() const { return deadline_; }
  void give_up();  // it has had its time: it is ended, and its verdict will say so
  // After its end: the image's version, or why it is not to be used, in its own words where it had any.
  Result<std::string> verdict(const ExitStatus& status) const;

 private:
  ImageCheck(pid_t pid, Fd output, Instant deadline) : pid_(pid), output_(std::move(output)), deadline_(deadline) {}

  pid_t pid_;
  Fd output_;
  Instant deadline_;
  bool took_too_long_ = false;
};

// The other side, in the image: reads the table as a keeper would and answers. Returns the exit status.
int check_table();

}  // namespace upkeep::keeper
