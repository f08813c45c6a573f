#include "config/key_row.h"

namespace upkeep::config {

namespace {

Table<CredentialSettings> credential_rows(std::string_view section) {
  using S = CredentialSettings;
  constexpr auto kScope = Scope::Variables;
  return table<S>(
      section,
      {
          row<&S::username>("username", kText, kNone, kScope, "3.0", "Name that clients must give."),
          row<&S::password>("password", kText, kNone, kScope, "3.0", "Password, plain or {SHA} and a hex digest."),
      });
}

}  // namespace

const Table<InetServerSettings>& inet_server_table() {
  static const auto kTable = table<InetServerSettings>(
      "inet_http_server", {row<&InetServerSettings::address>("port", kInetAddress, kNone, Scope::Variables, "3.0",
                                                             "Port, or host:port; required. No host or *: all.")});
  return kTable;
}

const Table<CredentialSettings>& inet_credential_table() {
  static const auto kTable = credential_rows("inet_http_server");
  return kTable;
}

const Table<UnixServerSettings>& unix_server_table() {
  using S = UnixServerSettings;
  constexpr auto kScope = Scope::Variables;
  static const auto kTable = table<S>(
      "unix_http_server", {
                              row<&S::file>("file", kText, kNone, Scope::Here, "3.0", "Path of the socket; required."),
                              row<&S::owner>("chown", kSocketOwner, kNone, kScope, "3.0", "Owner of the socket."),
                              row<&S::mode>("chmod", kSocketMode, "0700", kScope, "3.0", "Mode of the socket."),
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
                                           "What answers the calls of this name space; required.")});
  return kTable;
}

const Table<CtlFileSettings>& ctl_table() {
  using S = CtlFileSettings;
  constexpr auto kScope = Scope::Variables;
  static const auto kTable = table<S>(
      "supervisorctl",
      {
          row<&S::server_url>("serverurl", kText, "http://localhost:9001", Scope::Here, "3.0",
                              "Where the daemon listens: http://host:port or unix:///path."),
          row<&S::prompt>("prompt", kText, "supervisor", kScope, "3.0", "Prompt of the shell."),
          row<&S::username>("username", kText, kNone, kScope, "3.0", "Name to give to the daemon."),
          row<&S::password>("password", kText, kNone, kScope, "3.0", "Password to give to the daemon."),
          row<&S::history_file>("history_file", kText, kNone, Scope::Here, "3.0a5", "File for the shell's history."),
      });
  return kTable;
}

}  // namespace upkeep::config
