#include "daemontools/child_environment.h"

#include <algorithm>

namespace upkeep::daemontools {

ChildEnvironment::ChildEnvironment(char* const* inherited) {
  for (; *inherited; ++inherited) entries_.push_back(*inherited);
}

void ChildEnvironment::set(std::string_view name, std::string_view value) {
  put(std::string{name} + "=" + std::string{value});
}

// An entry without "=" means removal, so that a name that holds one is set to what follows it: what the original does.
void ChildEnvironment::remove(std::string_view name) { put(std::string{name}); }

void ChildEnvironment::put(std::string entry) {
  const auto equals = entry.find('=');
  const std::string key = entry.substr(0, equals) + "=";
  const auto old = std::find_if(entries_.begin(), entries_.end(),
                                [&](std::string_view present) { return present.starts_with(key); });
  if (old != entries_.end()) entries_.erase(old);
  if (equals == std::string::npos) return;
  made_.push_back(std::move(entry));
  entries_.push_back(made_.back().c_str());
}

char* const* ChildEnvironment::words() {
  words_.clear();
  for (const char* entry : entries_)
    words_.push_back(const_cast<char*>(entry));  // exec's signature; it changes nothing
  words_.push_back(nullptr);
  return words_.data();
}

}  // namespace upkeep::daemontools
