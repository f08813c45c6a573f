#include "config/key_row.h"

namespace upkeep::config {

namespace {

Table<CredentialSettings> credential_rows(std::string_view section) {
  using S = CredentialSettings;
  constexpr auto kScope = Scope::Variables;
  return table<S>(
      section,
      {
          row<&S::username>("username", kText, kNone, kScope, "3.0", "Name that clients must give.", "admin"),
          row<&S::password>("password", kText, kNone, kScope, "3.0", "Password, plain or {SHA} and a hex digest.",
                            "{SHA}5bcaff7f22ff533ca099b3408ead876c0ebba9a7"),
      });
}

}  // namespace

const Table<InetServerSettings>& inet_server_table() {
  static const auto kTable = table<InetServerSettings>(
      "inet_http_server",
      {row<&InetServerSettings::address>("port", kInetAddress, kNone, Scope::Variables, "3.0",
                                         "Port, or host:port; required. No host or *: all.", "127.0.0.1:9001"),
       row<&InetServerSettings::host_names>("hostnames", kHostNames, "", Scope::Variables, kUpkeepAlone,
                                            "More names by which browsers may reach a server without a password.",
                                            "ops.example.org")});
  return kTable;
}

const Table<CredentialSettings>& inet_credential_table() {
  static const auto kTable = credential_rows("inet_http_server");
  return kTable;
}

const Table<UnixServerSettings>& unix_server_table() {
  using S = UnixServerSettings;
  constexpr auto kScope = Scope::Variables;
  static const auto kTable =
      table<S>("unix_http_server",
               {
                   row<&S::file>("file", kText, kNone, Scope::Here, "3.0", "Path of the socket; required.",
                                 "/run/supervisor.sock"),
                   row<&S::owner>("chown", kSocketOwner, kNone, kScope, "3.0", "Owner of the socket.", "root:adm"),
                   row<&S::mode>("chmod", kSocketMode, "0700", kScope, "3.0", "Mode of the socket.", "0770"),
               });
  return kTable;
}

const Table<CredentialSettings>& unix_credential_table() {
  static const auto kTable = credential_rows("unix_http_server");
  return kTable;
}

const Table<RpcInterfaceSettings>& rpc_interface_table() {
  static const auto kTable = table<RpcInterfaceSettings>(
      "rpcinterface",
      {row<&RpcInterfaceSettings::factory>("supervisor.rpcinterface_factory", kText, kNone, Scope::Variables, "3.0",
                                           "What answers the calls of this name space; required.",
                                           "supervisor.rpcinterface:make_main_rpcinterface")});
  return kTable;
}

const Table<CtlFileSettings>& ctl_table() {
  using S = CtlFileSettings;
  constexpr auto kScope = Scope::Variables;
  static const auto kTable = table<S>(
      "supervisorctl",
      {
          row<&S::server_url>("serverurl", kText, "http://localhost:9001", Scope::Here, "3.0",
                              "Where the daemon listens: http://host:port or unix:///path.",
                              "unix:///run/supervisor.sock"),
          row<&S::prompt>("prompt", kText, "supervisor", kScope, "3.0", "Prompt of the shell.", "edge-1"),
          row<&S::username>("username", kText, kNone, kScope, "3.0", "Name to give to the daemon.", "admin"),
          row<&S::password>("password", kText, kNone, kScope, "3.0", "Password to give to the daemon.", "open sesame"),
          row<&S::history_file>("history_file", kText, kNone, Scope::Here, "3.0a5", "File for the shell's history.",
                                "~/.supervisorctl_history"),
      });
  return kTable;
}

}  // namespace upkeep::config
