#include "daemontools/svstat.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>

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
    auto line = from_outside(directory);
    const bool enters = !line;
    if (enters) line = ::chdir(directory.c_str()) == 0 ? from_inside(directory) : trouble("unable to chdir", errno);
    text_.append(directory).append(*line).append("\n");
    return !enters || here.come_back();
  }
  const std::string& text() const { return text_; }

 private:
  static std::string trouble(std::string_view what, int code) {
    return fmt::format(": {}: {}", what, errno_words(code));
  }

  // Nearly always all is well, and then entering the directory and leaving it again would be a quarter of the work.
  // None: something is wrong, or may be. It allocates next to nothing, because there may be a thousand directories.
  std::optional<std::string> from_outside(const std::string& directory) {
    const char* setting = std::getenv("SUPERVISEDIR");
    if (directory.empty() || (setting && setting[0] == '/')) return std::nullopt;
    path_.assign(directory).append("/down");
    struct stat down {};
    const bool normally_up = ::stat(path_.c_str(), &down) != 0;
    if (normally_up && errno != ENOENT) return std::nullopt;
    path_.assign(directory).append("/").append(setting ? setting : "supervise").append("/ok");
    if (!open_write(path_.c_str())) return std::nullopt;
    path_.replace(path_.size() - 2, 2, "status");
    const Fd file = open_read(path_.c_str());
    std::array<char, 2 * wire::kEncoreStatusBytes> bytes{};
    const ssize_t count = file ? ::read(file.get(), bytes.data(), bytes.size()) : -1;
    if (count < 0) return std::nullopt;
    const auto status = wire::decode_status({bytes.data(), static_cast<std::size_t>(count)});
    if (!status) return std::nullopt;
    return lines(directory, *status, normally_up);
  }

  std::string from_inside(const std::string& directory) const {
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
