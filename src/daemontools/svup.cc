#include "daemontools/svup.h"

#include <unistd.h>

#include <cerrno>
#include <string>

#include "daemontools/complaint.h"
#include "daemontools/record_choice.h"
#include "daemontools/supervise_folder.h"
#include "wire/status_record.h"

namespace upkeep::daemontools {
namespace {

constexpr std::string_view kTool = "svup";

bool is_up(const wire::StatusRecord& record) {
  const auto is = [&](wire::ServiceState state) { return record.state == static_cast<std::uint8_t>(state); };
  return record.pid != 0 || is(wire::ServiceState::Started) || is(wire::ServiceState::Running);
}

bool is_up(const wire::Status& status, RecordChoice choice) {
  if (choice == RecordChoice::Log) return status.log && is_up(*status.log);
  if (!is_up(status.service)) return false;
  return choice == RecordChoice::Service || !status.log || is_up(*status.log);
}

}  // namespace

int svup_main(int argc, char** argv) {
  constexpr std::string_view line = "svup: usage: svup [-L] [-l] dir";
  Options options{argc, argv, kRecordLetters};
  const RecordChoice choice = record_choice(options);
  if (!options.problem().empty()) return usage(options.problem(), line);
  if (!*options.rest()) return usage(line);
  const std::string directory = *options.rest();
  if (::chdir(directory.c_str()) != 0) return fatal(kTool, "unable to chdir to " + directory, errno);
  const auto folder = SuperviseFolder::here();
  if (!folder) return fatal(kTool, "unable to setup control path for " + directory, folder.error().code);
  const int code = folder->alive();
  if (code == ENOENT || code == ENXIO) return kUsageError;
  if (code != 0) return fatal(kTool, "unable to open " + folder->path("ok"), code);
  const auto bytes = folder->status();
  if (!bytes && bytes.error().code == ENOENT) return kUsageError;
  if (!bytes) return fatal(kTool, bytes.error().text, bytes.error().code);
  const auto status = wire::decode_status(*bytes);
  if (!status) return fatal(kTool, "bad data in " + folder->path("status") + ": truncated file");
  return is_up(*status, choice) ? 0 : kUsageError;
}

}  // namespace upkeep::daemontools
