#include "logs/auto_name.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include <fmt/core.h>

#include "base/text.h"
#include "logs/disk_trouble.h"
#include "os/file.h"

namespace upkeep::logs {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::size_t kRandomLetters = 8;
constexpr int kAttempts = 100;
constexpr std::string_view kExtension = ".log";
constexpr std::string_view kBlanks{" \t\n\r\f\v\x1c\x1d\x1e\x1f"};  // in ASCII
constexpr std::array<std::string_view, 19> kWideBlanks = {
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000",
};

Result<std::string> random_letters() {
  std::array<unsigned char, kRandomLetters> bytes;
  if (::getrandom(bytes.data(), bytes.size(), 0) < 0) return Error::from_errno("get random bytes");
  std::string letters;
  for (const unsigned char byte : bytes) letters += kLetters[byte % kLetters.size()];
  return letters;
}

// Where the first character stands that Python's \S excludes.
std::size_t find_blank(std::string_view text) {
  std::size_t first = text.find_first_of(kBlanks);
  for (const std::string_view blank : kWideBlanks) first = std::min(first, text.find(blank));
  return first;
}

// \S+\.log at the start
bool starts_with_random_part(std::string_view text) {
  const std::string_view word = text.substr(0, find_blank(text));
  return word.find(kExtension, 1) != std::string_view::npos;
}

std::string joined(const std::string& directory, const char* name) {
  return directory.ends_with('/') ? directory + name : directory + "/" + name;
}

}  // namespace

Result<std::string> make_auto_log(const std::string& directory, std::string_view process, std::string_view channel,
                                  std::string_view identifier) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string path =
        fmt::format("{}/{}-{}---{}-{}{}", directory, process, channel, identifier, TRY(random_letters()), kExtension);
    const auto file = os::open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (file) return path;
    if (is_disk_trouble(file.error().code)) return path;
    if (file.error().code != EEXIST) return file.error();
  }
  return Error{"find a free log name in " + directory, EEXIST};
}

bool is_auto_log_name(std::string_view name, std::string_view identifier) {
  const std::string mark = fmt::format("---{}-", identifier);
  for (auto at = name.find(mark, 1); at != std::string_view::npos; at = name.find(mark, at + 1)) {
    if (name.substr(0, at).find('\n') != std::string_view::npos) return false;  // . matches no newline
    if (starts_with_random_part(name.substr(at + mark.size()))) return true;
  }
  return false;
}

std::vector<Error> remove_auto_logs(const std::string& directory, std::string_view identifier) {
  const std::unique_ptr<DIR, int (*)(DIR*)> listing{::opendir(directory.c_str()), ::closedir};
  if (!listing) return {Error{"Could not clear childlog dir", errno}};
  std::vector<Error> failed;
  while (const dirent* entry = ::readdir(listing.get())) {
    if (!is_auto_log_name(entry->d_name, identifier)) continue;
    const int at = ::dirfd(listing.get());
    struct stat status {};
    const bool known = ::fstatat(at, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (known && S_ISREG(status.st_mode) && ::unlinkat(at, entry->d_name, 0) == 0) continue;
    const int why = known && !S_ISREG(status.st_mode) ? EINVAL : errno;
    if (why == ENOENT) continue;
    failed.push_back({"Failed to clean up " + python_repr(joined(directory, entry->d_name)), why});
  }
  return failed;
}

}  // namespace upkeep::logs
