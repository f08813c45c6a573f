// The one table of configuration keys: section, key, type, default, which names expand in it, since when, what for.
// Parsing, the command line's options, the hints about misspelt keys and the documentation all come from here; other
// files name a key at most to ask for its row or its place.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace upkeep::config {

// The names that %(...)s may use in a value. Each scope contains those above it, but that Host has no program_name.
enum class Scope {
  Variables,  // ENV_*
  Here,       // and here: the directory of the main file
  Socket,     // and program_name
  Host,       // and host_node_name
  Program,    // and program_name, group_name
  Process,    // and process_num, numprocs, and ENV_* of the program's own environment=
};

struct Option {          // a key of [supervisord] that the command line can give as --key as well
  char letter = 0;       // 0: no short form
  bool is_flag = false;  // takes no argument and can only switch on
};

inline constexpr std::string_view kUpkeepAlone = "Upkeep";  // Key::since of what Supervisor does not have

struct Key {
  std::string_view section;  // without ":x"
  std::string_view name;
  std::string_view type;
  std::optional<std::string_view> fallback;  // text of the default; nullopt: none, or one that the loader works out
  Scope scope = Scope::Here;
  int expansions = 1;      // 0: expanded later, for it needs names of its own; 2: the result is expanded once more
  std::string_view since;  // version of Supervisor, or kUpkeepAlone
  std::string_view doc;
  std::string_view example;  // a value that one may well give it; mostly another than the default
  std::optional<Option> option;
};

template <class S>
struct Setting {
  Key key;
  std::function<Result<>(S&, const Given&, World&)> store;  // converts; an error leaves S alone
};
template <class S>
using Table = std::vector<Setting<S>>;

const Table<IncludeSettings>& include_table();
const Table<DaemonSettings>& daemon_table();
const Table<GroupSettings>& group_table();
const Table<ProgramSettings>& program_table();
const Table<FcgiSettings>& fcgi_table();          // what it has beside or ahead of the program's keys
const Table<ListenerSettings>& listener_table();  // likewise
const Table<SvscanSettings>& svscan_table();
const Table<InetServerSettings>& inet_server_table();
const Table<CredentialSettings>& inet_credential_table();
const Table<UnixServerSettings>& unix_server_table();
const Table<CredentialSettings>& unix_credential_table();
const Table<RpcInterfaceSettings>& rpc_interface_table();
const Table<CtlFileSettings>& ctl_table();

std::vector<Key> all_keys();  // of every section; [fcgi-program:x] and [eventlistener:x] have the program's, too

}  // namespace upkeep::config
