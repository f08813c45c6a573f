#include "daemontools/svstat.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include "base/errno_words.h"
#include "base/tai64n.h"
#include "daemontools/complaint.h"
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
  void add(const std::string& directory) { text_ += directory + of_directory(directory) + "\n"; }
  const std::string& text() const { return text_; }

 private:
  static std::string trouble(std::string_view what, int code) {
    return fmt::format(": {}: {}", what, errno_words(code));
  }

  std::string of_directory(const std::string& directory) const {
    if (::chdir(directory.c_str()) != 0) return trouble("unable to chdir", errno);
    const auto folder = SuperviseFolder::here();
    if (!folder) return trouble("unable to set up control path", folder.error().code);
    struct stat down {};
    const bool normally_up = ::stat("down", &down) != 0;
    if (normally_up && errno != ENOENT) return trouble("unable to stat down", errno);
    const int code = folder->alive();
    if (code == ENXIO) return ": supervise not running";
    if (code != 0) return trouble("unable to open " + folder->path("ok"), code);
    const auto bytes = folder->status();
    if (!bytes) return trouble(bytes.error().text, bytes.error().code);
    const auto status = wire::decode_status(*bytes);
    if (!status) return fmt::format(": unable to read {}: bad format", folder->path("status"));
    return lines(directory, *status, normally_up);
  }

  std::string lines(const std::string& directory, const wire::Status& status, bool normally_up) const {
    const std::uint64_t now = to_tai64n(wall_now()).seconds;
    const auto line = [&](const wire::StatusRecord& record) { return status_line(record, normally_up, now, dialect_); };
    if (dialect_ == Dialect::Original || choice_ == RecordChoice::Service) return ": " + line(status.service);
    if (choice_ == RecordChoice::Log) return status.log ? " log: " + line(*status.log) : ": no log service";
    return ": " + line(status.service) + (status.log ? "\n" + directory + " log: " + line(*status.log) : "");
  }

  Dialect dialect_;
  RecordChoice choice_ = RecordChoice::Both;
  std::string text_;
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
  for (; *directories; ++directories) {
    report.add(*directories);
    if (here->come_back()) continue;
    return fatal(kTool, "unable to set directory", errno);
  }
  (void)os::write_all(STDOUT_FILENO, report.text());  // as in the original, status 0 also where nobody can read it
  return 0;
}

}  // namespace upkeep::daemontools
