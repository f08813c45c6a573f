// What the table of keys (keys.h) fills: one structure per kind of section, still to be turned into the model.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/convert.h"
#include "config/ini.h"
#include "config/model.h"

namespace upkeep::config {

// A text as it stands in the file, for settings that are expanded or checked later.
struct Given {
  std::string text;
  std::string label;  // what error texts of an expansion call it
  Origin origin;      // of the value; of the section's header where the default applies
};

struct IncludeSettings {
  std::optional<std::string> files;
};

// How output is to look where no program says otherwise.
struct OutputSettings {
  std::optional<OutputFormat> format;  // default: Raw, or Lines where there is a prefix
  std::optional<Given> prefix;
};

struct DaemonSettings {
  Daemon daemon;  // paths as written but for ~
  std::optional<std::string> child_log_dir;
  std::optional<Given> user;
  Given environment;
  OutputSettings output;
};

struct GroupSettings {
  std::vector<std::string> programs;
  int priority = 999;
};

struct ProgramSettings {
  Process process;  // of one process_num, once the per-process keys are read
  std::int64_t processes = 1;
  std::int64_t first_number = 0;
  std::optional<bool> kill_as_group;  // default: as stopasgroup
  Given process_name, environment;
  std::optional<std::string> server_url, command;
  LogfileValue out_file, err_file;
  OutputSettings out_look, err_look;
};

struct FcgiSettings {
  std::optional<Identity> user;
  std::optional<int> backlog;
  std::optional<Owner> owner;
  std::optional<mode_t> mode;
  std::optional<std::string> url;
};

struct ListenerSettings {
  int priority = -1;         // of the pool; its processes have one of their own
  EventSubscription events;  // types as written
  bool redirect_stderr = false;
};

struct SvscanSettings {
  std::optional<std::string> directory;
  Dialect dialect = Dialect::Original;
  ProgramSettings services;  // what they have in common with programs
};

struct CredentialSettings {
  std::optional<std::string> username, password;
};

struct InetServerSettings {
  std::optional<InetAddress> address;
  std::vector<std::string> host_names;
};

struct UnixServerSettings {
  std::optional<std::string> file;
  mode_t mode = 0700;
  Owner owner;
};

struct RpcInterfaceSettings {
  std::optional<std::string> factory;
};

struct CtlFileSettings {
  std::string server_url, prompt;
  std::optional<std::string> username, password, history_file;
};

}  // namespace upkeep::config
