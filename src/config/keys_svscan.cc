#include <array>
#include <cstdlib>

#include "config/key_row.h"

namespace upkeep::config {
namespace {

constexpr auto kScope = Scope::Host;  // of all keys: nothing is known here of the services one by one

struct OfProgram {
  std::string_view name;
  std::string_view example{};  // where the program's needs names that are not known here
};

constexpr std::array<OfProgram, 12> kOfPrograms{{
    {"priority"},
    {"environment", "TZ=\"UTC\""},
    {"umask"},
    {"redirect_stderr"},
    {"stdout_logfile", "/var/log/services.log"},
    {"stdout_logfile_maxbytes"},
    {"stdout_syslog"},
    {"stdout_logfile_backups"},
    {"stderr_logfile", "/var/log/services.err"},
    {"stderr_logfile_maxbytes"},
    {"stderr_syslog"},
    {"stderr_logfile_backups"},
}};

// Type, default and meaning of a program's key, in this section.
Setting<SvscanSettings> row_of_program(const OfProgram& wanted) {
  for (const Setting<ProgramSettings>& row : program_table()) {
    if (row.key.name != wanted.name) continue;
    Key key = row.key;
    key.scope = kScope;
    key.since = kUpkeepAlone;
    if (!wanted.example.empty()) key.example = wanted.example;
    return {key, [store = row.store](SvscanSettings& settings, const Given& given, World& world) {
              return store(settings.services, given, world);
            }};
  }
  std::abort();
}

}  // namespace

const Table<SvscanSettings>& svscan_table() {
  using S = SvscanSettings;
  static const auto kTable = [] {
    Table<S> rows{
        row<&S::directory>("directory", kDirectory, kNone, kScope, kUpkeepAlone,
                           "Directory whose entries are service directories; required.", "/etc/service"),
        row<&S::dialect>("dialect", kDialect, "original", kScope, kUpkeepAlone,
                         "Whose daemontools is followed where they differ: the original's or daemontools-encore's.",
                         "encore"),
    };
    for (const OfProgram& wanted : kOfPrograms) rows.push_back(row_of_program(wanted));
    return table<S>("svscan", std::move(rows));
  }();
  return kTable;
}

}  // namespace upkeep::config
