#include "multilog/log_directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/tai64n.h"
#include "daemontools/complaint.h"
#include "multilog/processor.h"

namespace upkeep::multilog {
namespace {

Result<std::optional<mode_t>> mode_of(int directory, const char* file) {
  struct stat status {};
  if (::fstatat(directory, file, &status, 0) == 0) return std::optional{status.st_mode};
  if (errno == ENOENT) return std::optional<mode_t>{};
  return Error{file, errno};
}

}  // namespace

LogDirectory::LogDirectory(DirectorySettings settings, Trouble& trouble, Clock clock)
    : settings_(std::move(settings)), trouble_(trouble), clock_(std::move(clock)) {}

Error LogDirectory::error(const std::string& what, int code) const { return {what + " " + settings_.path, code}; }

Error LogDirectory::file_error(const std::string& what, const std::string& file, int code) const {
  return {what + " " + settings_.path + "/" + file, code};
}

Result<Plan> LogDirectory::enter() {
  (void)::mkdir(settings_.path.c_str(), 0700);  // it may be there; where it is not, opening it says why
  directory_ = Fd{::open(settings_.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory_) return error("unable to open directory", errno);
  lock_ = Fd{::openat(directory_.get(), "lock", O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600)};
  if (!lock_ || ::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) return error("unable to lock directory", errno);
  return start_plan(TRY(look()), settings_.finished_suffix);
}

Result<void> LogDirectory::open() {
  for (const Step& step : TRY(enter())) {
    const bool gives_up = std::holds_alternative<CreateState>(step) || std::holds_alternative<CreateCurrent>(step) ||
                          std::holds_alternative<ContinueCurrent>(step);
    if (!gives_up) {
      insist(trouble_, [&] { return perform(step); });
    } else if (Result<void> done = perform(step); !done) {
      return std::holds_alternative<CreateCurrent>(step)
                 ? file_error("unable to write to", "current", done.error().code)
                 : done;
    }
  }
  return {};
}

void LogDirectory::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const Portion portion = next_portion(written_, settings_.file_bytes, bytes);
    std::string_view rest = bytes.substr(0, portion.bytes);
    bytes.remove_prefix(portion.bytes);
    insist(trouble_, [&]() -> Result<void> {
      while (!rest.empty()) {
        const ssize_t gone = ::write(current_.get(), rest.data(), rest.size());
        if (gone < 0 && errno == EINTR) continue;
        if (gone < 0) return file_error("unable to write to", "current", errno);
        rest.remove_prefix(static_cast<std::size_t>(gone));
        written_ += static_cast<std::uint64_t>(gone);
      }
      return {};
    });
    if (portion.completes_file) rotate();
  }
}

void LogDirectory::rotate_if_used() {
  if (written_ > 0) rotate();
}

void LogDirectory::rotate() {
  for (const Step& step : rotation_plan(settings_.processor.has_value(), settings_.finished_suffix))
    insist(trouble_, [&] { return perform(step); });
}

void LogDirectory::close() {
  insist(trouble_, [&] { return perform(SyncFile{"current"}); });
  insist(trouble_, [&]() -> Result<void> {
    if (::fchmod(current_.get(), kCompleteMode) != 0) return file_error("unable to set mode of", "current", errno);
    return {};
  });
}

Result<void> LogDirectory::perform(const Step& step) {
  return std::visit([this](const auto& one) { return on(one); }, step);
}

Result<void> LogDirectory::on(const Discard& step) {
  (void)::unlinkat(directory_.get(), step.file.c_str(), 0);  // nobody needs it, and nobody minds it
  return {};
}

Result<void> LogDirectory::on(const Remove& step) {
  if (::unlinkat(directory_.get(), step.file.c_str(), 0) == 0 || errno == ENOENT) return {};
  return file_error("unable to remove", step.file, errno);
}

Result<void> LogDirectory::on(const SyncFile& step) {
  if (step.file == "current") {
    if (::fsync(current_.get()) == 0) return {};
    return {Error{"unable to write " + settings_.path + "/current to disk", errno}};
  }
  const Fd file{::openat(directory_.get(), step.file.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!file || ::fsync(file.get()) != 0)
    return Error{"unable to write " + settings_.path + "/" + step.file + " to disk", errno};
  return {};
}

Result<void> LogDirectory::on(const MarkComplete& step) {
  if (::fchmodat(directory_.get(), step.file.c_str(), kCompleteMode, 0) == 0) return {};
  return file_error("unable to set mode of", step.file, errno);
}

Result<void> LogDirectory::on(const Rename& step) {
  if (::renameat(directory_.get(), step.from.c_str(), directory_.get(), step.to.c_str()) == 0) return {};
  return error("unable to rename " + step.from + " to " + step.to + " in directory", errno);
}

Result<void> LogDirectory::on(const Keep& step) {
  struct stat status {};
  if (::fstatat(directory_.get(), step.file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return {};
    return file_error("unable to stat", step.file, errno);
  }
  // A second link may also be somebody's own, outside: then the file still needs a name here.
  if (status.st_nlink > 1 && TRY(has_kept_name(status.st_ino))) return {};
  for (WallTime stamp = clock_();; stamp += Duration{1}) {
    const std::string name = to_text(to_tai64n(stamp)) + "." + step.suffix;
    if (::linkat(directory_.get(), step.file.c_str(), directory_.get(), name.c_str(), 0) == 0) return {};
    if (errno != EEXIST) return file_error("unable to link to", name, errno);
  }
}

Result<void> LogDirectory::on(const Purge&) {
  for (const std::string& name : excess_files(TRY(names()), settings_.files)) TRY(on(Remove{name}));
  return {};
}

Result<void> LogDirectory::on(const RunProcessor&) {
  for (const char* const file : {"processed", "newstate"}) {
    const Fd created{::openat(directory_.get(), file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (!created) return file_error("unable to create", file, errno);
  }
  const Result<pid_t> processor = start_processor(directory_.get(), *settings_.processor);
  if (!processor && (processor.error().code == EAGAIN || processor.error().code == ENOMEM))
    return error("unable to fork for processor in", processor.error().code);
  if (!processor) (void)daemontools::fatal(kTool, processor.error().text, processor.error().code);
  Result<ProcessorEnd> end = processor ? wait_for_processor(*processor) : ProcessorEnd::Failed;
  if (!end) return error("wait failed for processor in", end.error().code);
  if (*end == ProcessorEnd::Failed) return error("processor failed in", 0);
  if (*end == ProcessorEnd::Crashed) return error("processor crashed in", 0);
  return {};
}

Result<void> LogDirectory::on(const CreateState&) {
  const Fd state{::openat(directory_.get(), "state", O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, kOpenMode)};
  if (!state) return file_error("unable to write to", "state", errno);
  return {};
}

Result<void> LogDirectory::on(const CreateCurrent&) {
  Fd file{::openat(directory_.get(), "current", O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600)};
  if (!file) return file_error("unable to create", "current", errno);
  if (::fchmod(file.get(), kOpenMode) != 0) return file_error("unable to set mode of", "current", errno);
  current_ = std::move(file);
  written_ = 0;
  return {};
}

Result<void> LogDirectory::on(const ContinueCurrent&) {
  Fd file{::openat(directory_.get(), "current", O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_CLOEXEC, 0600)};
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return file_error("unable to append to", "current", errno);
  if (::fchmod(file.get(), kOpenMode) != 0) return file_error("unable to set mode of", "current", errno);
  current_ = std::move(file);
  written_ = static_cast<std::uint64_t>(status.st_size);
  return {};
}

Result<Found> LogDirectory::look() const {
  const auto mode = [&](const char* file) -> Result<std::optional<mode_t>> {
    auto found = mode_of(directory_.get(), file);
    if (!found) return file_error("unable to stat", file, found.error().code);
    return found;
  };
  Found found;
  found.current = TRY(mode("current"));
  if (found.current && (*found.current & S_IXUSR)) return found;  // nothing else matters, nor what is wrong with it
  found.processed = TRY(mode("processed"));
  found.previous = TRY(mode("previous"));
  return found;
}

Result<std::vector<std::string>> LogDirectory::names() const {
  const auto unreadable = [&](int code) { return error("unable to read", code); };
  Fd copy{::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};  // with a position of its own
  if (!copy) return unreadable(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing{::fdopendir(copy.get()), ::closedir};
  if (!listing) return unreadable(errno);
  (void)copy.release();  // the listing has it
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(listing.get());
    if (!entry && errno != 0) return unreadable(errno);
    if (!entry) return names;
    names.emplace_back(entry->d_name);
  }
}

Result<bool> LogDirectory::has_kept_name(ino_t inode) const {
  for (const std::string& name : TRY(names())) {
    struct stat status {};
    if (name.starts_with('@') && ::fstatat(directory_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_ino == inode)
      return true;
  }
  return false;
}

}  // namespace upkeep::multilog
