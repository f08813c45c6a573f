#include "daemontools/svstat.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/errno_words.h"
#include "base/tai64n.h"
#include "daemontools/complaint.h"
#include "daemontools/opening.h"
#include "daemontools/options.h"
#include "daemontools/record_choice.h"
#include "daemontools/starting_directory.h"
#include "daemontools/status_line.h"
#include "daemontools/supervise_folder.h"
#include "os/file.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kTool = "svstat";

class Report {
 public:
  explicit Report(Dialect dialect) : dialect_(dialect) {}
  void set_choice(RecordChoice choice) { choice_ = choice; }
  // False: the way back to the starting directory is lost.
  bool add(const std::string& directory, const StartingDirectory& here) {
    if (look_from_outside(directory)) return true;
    if (::chdir(directory.c_str()) == 0) {
      look_from_inside(directory);
    } else {
      tell_trouble(directory, "unable to chdir", errno);
    }
    return here.come_back();
  }
  const std::string& text() const { return text_; }

 private:
  // Nearly always all is well, and then entering the directory and leaving it again would be a quarter of the work.
  // False: something is wrong, or may be. It allocates next to nothing, because there may be a thousand directories.
  bool look_from_outside(const std::string& directory) {
    if (directory.empty() || (setting_ && setting_[0] == '/')) return false;
    path_.assign(directory).append("/down");
    struct stat down {};
    const bool normally_up = ::stat(path_.c_str(), &down) != 0;
    if (normally_up && errno != ENOENT) return false;
    path_.assign(directory).append("/").append(setting_ ? setting_ : "supervise").append("/ok");
    if (!open_write(path_.c_str())) return false;
    path_.replace(path_.size() - 2, 2, "status");
    const Fd file = open_read(path_.c_str());
    std::array<char, 2 * wire::kEncoreStatusBytes> bytes{};
    const ssize_t count = file ? ::read(file.get(), bytes.data(), bytes.size()) : -1;
    if (count < 0) return false;
    const auto status = wire::decode_status({bytes.data(), static_cast<std::size_t>(count)});
    if (status) tell(directory, *status, normally_up);
    return status.has_value();
  }

  void look_from_inside(const std::string& directory) {
    const auto folder = SuperviseFolder::here();
    if (!folder) return tell_trouble(directory, "unable to set up control path", folder.error().code);
    struct stat down {};
    const bool normally_up = ::stat("down", &down) != 0;
    if (normally_up && errno != ENOENT) return tell_trouble(directory, "unable to stat down", errno);
    const int code = folder->alive();
    if (code == ENXIO) return tell(directory, "supervise not running");
    if (code != 0) return tell_trouble(directory, "unable to open " + folder->path("ok"), code);
    const auto bytes = folder->status();
    if (!bytes) return tell_trouble(directory, bytes.error().text, bytes.error().code);
    const auto status = wire::decode_status(*bytes);
    if (!status) return tell(directory, fmt::format("unable to read {}: bad format", folder->path("status")));
    tell(directory, *status, normally_up);
  }

  void tell(const std::string& directory, std::string_view line) {
    text_.append(directory).append(": ").append(line).append("\n");
  }

  void tell_trouble(const std::string& directory, std::string_view what, int code) {
    tell(directory, fmt::format("{}: {}", what, errno_words(code)));
  }

  void tell(const std::string& directory, const wire::Status& status, bool normally_up) {
    const std::uint64_t now = to_tai64n(wall_now()).seconds;
    const auto tell_record = [&](std::string_view name, const wire::StatusRecord& record) {
      text_.append(directory).append(name).append(": ");
      append_status_line(text_, record, normally_up, now, dialect_);
      text_ += '\n';
    };
    if (dialect_ == Dialect::Original) return tell_record("", status.service);
    if (choice_ != RecordChoice::Log) tell_record("", status.service);
    if (choice_ != RecordChoice::Service && status.log) tell_record(" log", *status.log);
    if (choice_ == RecordChoice::Log && !status.log) tell(directory, "no log service");
  }

  Dialect dialect_;
  RecordChoice choice_ = RecordChoice::Both;
  const char* setting_ = std::getenv("SUPERVISEDIR");
  std::string text_;
  std::string path_;  // its memory is used again
};

}  // namespace

int svstat_main(int argc, char** argv) {
  const Dialect dialect = dialect_of_environment();
  Report report{dialect};
  char** directories = argc > 0 ? argv + 1 : argv;
  if (dialect == Dialect::Encore) {
    constexpr std::string_view line = "svstat: usage: svstat [-L] [-l] dir [dir ...]";
    Options options{argc, argv, kRecordLetters};
    report.set_choice(record_choice(options));
    if (!options.problem().empty()) return usage(options.problem(), line);
    directories = options.rest();
    if (!*directories) return usage(line);
  }
  const auto here = StartingDirectory::open();
  if (!here) return fatal(kTool, "unable to open current directory", errno);
  for (; *directories; ++directories)
    if (!report.add(*directories, *here)) return fatal(kTool, "unable to set directory", errno);
  (void)os::write_all(STDOUT_FILENO, report.text());  // as in the original, status 0 also where nobody can read it
  return 0;
}

}  // namespace upkeep::daemontools
