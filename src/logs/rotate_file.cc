#include "logs/rotate_file.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string_view>
#include <variant>

#include "base/text.h"
#include "core/rotation.h"

namespace upkeep::logs {
namespace {

constexpr int kAskedOneByOne = 32;  // more possible backups than this are found by reading the directory

Result<void> remove_backup(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return {};  // gone already, or the rename over it will say why not
  if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) return Error{"remove " + path + ": not a regular file"};
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Error::from_errno("remove " + path);
  return {};
}

Result<void> rename_log(const std::string& from, const std::string& to) {
  struct stat status {};
  if (::stat(from.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return Error{"rename " + from + ": not a regular file"};
  if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) return Error::from_errno("rename " + from);
  return {};
}

// The number N of a name "<base>.N"; 0: it is no such name.
int backup_number(std::string_view name, std::string_view base, int most) {
  if (name.size() < base.size() + 2 || !name.starts_with(base) || name[base.size()] != '.') return 0;
  const std::string_view digits = name.substr(base.size() + 1);
  if (digits.front() == '0' || digits.find_first_not_of("0123456789") != std::string_view::npos) return 0;
  const auto number = parse_number(digits);
  return number && *number <= most ? static_cast<int>(*number) : 0;
}

Result<std::set<int>> listed_backups(const std::string& path, int most) {
  const auto slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string_view base = std::string_view{path}.substr(slash == std::string::npos ? 0 : slash + 1);
  std::set<int> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing{::opendir(directory.c_str()), ::closedir};
  if (!listing) return Error::from_errno("list " + directory);
  while (const dirent* entry = ::readdir(listing.get()))
    if (const int number = backup_number(entry->d_name, base, most)) numbers.insert(number);
  return numbers;
}

Result<std::set<int>> existing_backups(const std::string& path, int most) {
  if (most > kAskedOneByOne) return listed_backups(path, most);
  std::set<int> numbers;
  struct stat status {};
  for (int number = 1; number <= most; ++number)
    if (::lstat(core::backup_path(path, number).c_str(), &status) == 0) numbers.insert(number);
  return numbers;
}

}  // namespace

Result<void> rotate_file(const std::string& path, int backups) {
  for (const auto& step : core::plan_rotation(backups, TRY(existing_backups(path, backups)))) {
    if (const auto* remove = std::get_if<core::RemoveFile>(&step))
      TRY(remove_backup(core::backup_path(path, remove->number)));
    if (const auto* rename = std::get_if<core::RenameFile>(&step))
      TRY(rename_log(core::backup_path(path, rename->from), core::backup_path(path, rename->to)));
  }
  return {};
}

}  // namespace upkeep::logs
