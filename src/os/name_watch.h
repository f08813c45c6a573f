// Tells when files may have lost their names: by inotify on the file itself, on its folder, and, where either is
// missing, on the nearest folder above, in which it would have to appear again. Nothing is polled, and folders that
// others write to wake nobody as long as all is well. Where there is no inotify (a user's 128 instances are used up)
// nothing is told.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.h"
#include "os/file.h"
#include "os/loop.h"

namespace upkeep::os {

inline constexpr Duration kLookInterval{std::chrono::seconds{1}};

// What is at a path, and the nearest folder that there is: whether anything has changed since it was looked at.
struct Place {
  FileId file, folder;
  mode_t folder_mode = 0;
  bool operator==(const Place&) const = default;
};
Place place_of(const std::string& path);

class NameWatch : private Clockwork {
 public:
  // `look`: compare the names with what they should be. Called at most once in kLookInterval, whatever happens.
  NameWatch(Loop& loop, std::function<void()> look) : loop_(loop), look_(std::move(look)) {
    loop_.add_clockwork(*this);
  }
  NameWatch(const NameWatch&) = delete;
  ~NameWatch() override { loop_.remove_clockwork(*this); }

  struct Name {
    std::string path;      // absolute
    bool is_lost = false;  // it does not name what it should: whatever happens around it is of interest
  };
  void watch(const std::vector<Name>& names);  // these and no others
  void look_soon();                            // as if something had happened

 private:
  void watch_name(const Name& name);
  bool add(const std::string& path, std::uint32_t events);
  void read();
  std::optional<Instant> next_deadline() const override { return look_at_; }
  void on_time(Instant now) override;

  Loop& loop_;
  std::function<void()> look_;
  Fd inotify_;
  Watch watch_;
  std::optional<Instant> look_at_;
  Instant last_look_{};
};

}  // namespace upkeep::os
