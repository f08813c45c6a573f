#include <fmt/core.h>

#include "config/loading.h"
#include "config/paths.h"
#include "config/python_text.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

// A prefix: "unix_http_server:x" is one more.
constexpr std::string_view kInetServer = "inet_http_server";
constexpr std::string_view kUnixServer = "unix_http_server";
constexpr std::string_view kRpcPrefix = "rpcinterface:";
constexpr std::string_view kMainRpcFactory = "supervisor.rpcinterface:make_main_rpcinterface";

Checked<std::optional<Credentials>> credentials(Loading& loading, const SectionReader& reader,
                                                const Table<CredentialSettings>& rows) {
  CredentialSettings settings;
  TRY(reader.read(rows, Scope::Variables, loading.environment, settings));
  const auto& [username, password] = settings;
  if (username.has_value() != password.has_value()) {
    return reader.error(fmt::format(
        "Section [{}] contains incomplete authentication: If a username or a password is specified, both the username "
        "and password must be specified",
        reader.section().name));
  }
  if (!username || username->empty()) return std::nullopt;
  return Credentials{*username, *password};
}

Checked<std::optional<InetServer>> inet_server(Loading& loading, const SectionReader& reader) {
  const std::string& section = reader.section().name;
  auto access = TRY(credentials(loading, reader, inet_credential_table()));
  InetServerSettings settings;
  TRY(reader.read(inet_server_table(), Scope::Variables, loading.environment, settings));
  if (!settings.address) return reader.error(fmt::format("section [{}] has no port value", section));
  return InetServer{section, settings.address->host, settings.address->port, std::move(access),
                    std::move(settings.host_names)};
}

Checked<std::optional<UnixServer>> unix_server(Loading& loading, const SectionReader& reader) {
  const std::string& section = reader.section().name;
  UnixServerSettings settings;
  TRY(reader.read(unix_server_table(), Scope::Here, loading.names_here(), settings));
  if (!settings.file) return reader.error(fmt::format("section [{}] has no file value", section));
  auto access = TRY(credentials(loading, reader, unix_credential_table()));
  TRY(reader.read(unix_server_table(), Scope::Variables, loading.environment, settings));
  return UnixServer{section,
                    normalized_path(std::string{trim_spaces(*settings.file)}, loading.world),
                    settings.mode,
                    settings.owner.user,
                    settings.owner.group,
                    std::move(access)};
}

Checked<std::optional<RpcInterface>> rpc_interface(Loading& loading, const SectionReader& reader) {
  const Section& section = reader.section();
  RpcInterfaceSettings settings;
  TRY(reader.read(rpc_interface_table(), Scope::Variables, loading.environment, settings));
  if (!settings.factory)
    return reader.error(fmt::format("section [{}] does not specify a supervisor.rpcinterface_factory", section.name));
  // Every other key is an argument of the factory.
  for (const std::string& key : loading.ini.keys(section)) {
    const Value& value = *loading.ini.value(section, key);
    TRY(expand({value.text, fmt::format("{}.{}", section.name, key), value.origin}, loading.environment));
  }
  const std::string name{reader.suffix()};
  if (*settings.factory != kMainRpcFactory) {
    loading.warn(
        fmt::format("{}: {} cannot be resolved within [{}]: only {} is built in. Calls of {}.* will be "
                    "answered with UNKNOWN_METHOD",
                    section.origin.text(), *settings.factory, section.name, kMainRpcFactory, name));
    return std::nullopt;
  }
  // The built-in one takes no arguments.
  if (loading.ini.keys(section).size() > 1) return reader.error(fmt::format("Could not make {} rpc interface", name));
  return RpcInterface{name, *settings.factory};
}

// One value of each section with this prefix, in order, without those that `read` leaves out.
template <class T>
Checked<std::vector<T>> read_all(Loading& loading, std::string_view prefix,
                                 Checked<std::optional<T>> (*read)(Loading&, const SectionReader&)) {
  std::vector<T> all;
  for (const Section& section : loading.ini.sections()) {
    if (!section.name.starts_with(prefix)) continue;
    if (auto one = TRY(read(loading, SectionReader{loading.ini, section, loading.world})))
      all.push_back(*std::move(one));
  }
  return all;
}

}  // namespace

Checked<std::vector<InetServer>> read_inet_servers(Loading& loading) {
  return read_all<InetServer>(loading, kInetServer, inet_server);
}

Checked<std::vector<UnixServer>> read_unix_servers(Loading& loading) {
  return read_all<UnixServer>(loading, kUnixServer, unix_server);
}

Checked<std::vector<RpcInterface>> read_rpc_interfaces(Loading& loading) {
  return read_all<RpcInterface>(loading, kRpcPrefix, rpc_interface);
}

}  // namespace upkeep::config
