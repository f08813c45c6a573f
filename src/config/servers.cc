#include <fmt/core.h>

#include "config/loading.h"
#include "config/paths.h"
#include "config/python_text.h"
#include "config/section_reader.h"

namespace upkeep::config {
namespace {

constexpr std::string_view kUnixServer = "unix_http_server";  // a prefix: "unix_http_server:x" is one more
constexpr std::string_view kRpcPrefix = "rpcinterface:";
constexpr std::string_view kMainRpcFactory = "supervisor.rpcinterface:make_main_rpcinterface";

Checked<UnixServer> unix_server(Loading& loading, const SectionReader& reader) {
  const std::string& section = reader.section().name;
  UnixServerSettings settings;
  TRY(reader.read(unix_server_table(), Scope::Here, loading.names_here(), settings));
  if (!settings.file) return reader.error(fmt::format("section [{}] has no file value", section));
  TRY(reader.read(unix_server_table(), Scope::Variables, loading.environment, settings));
  if (settings.username.has_value() != settings.password.has_value()) {
    return reader.error(fmt::format(
        "Section [{}] contains incomplete authentication: If a username or a password is specified, both the username "
        "and password must be specified",
        section));
  }
  UnixServer server{section,
                    normalized_path(std::string{trim_spaces(*settings.file)}, loading.world),
                    settings.mode,
                    settings.owner.user,
                    settings.owner.group,
                    {}};
  if (settings.username && !settings.username->empty())
    server.credentials = Credentials{*settings.username, *settings.password};
  return server;
}

Checked<RpcInterface> rpc_interface(Loading& loading, const SectionReader& reader) {
  const Section& section = reader.section();
  RpcInterfaceSettings settings;
  TRY(reader.read(rpc_interface_table(), Scope::Variables, loading.environment, settings));
  if (!settings.factory)
    return reader.error(fmt::format("section [{}] does not specify a supervisor.rpcinterface_factory", section.name));
  if (*settings.factory != kMainRpcFactory) {
    return reader.error(fmt::format("{} cannot be resolved within [{}]: only {} is built in", *settings.factory,
                                    section.name, kMainRpcFactory));
  }
  // Every other key is an argument of the factory, and this one takes none.
  for (const std::string& key : loading.ini.keys(section)) {
    const Value& value = *loading.ini.value(section, key);
    TRY(expand({value.text, fmt::format("{}.{}", section.name, key), value.origin}, loading.environment));
  }
  const std::string name{reader.suffix()};
  if (loading.ini.keys(section).size() > 1) return reader.error(fmt::format("Could not make {} rpc interface", name));
  return RpcInterface{name, *settings.factory};
}

template <class T>
Checked<std::vector<T>> read_all(Loading& loading, std::string_view prefix,
                                 Checked<T> (*read)(Loading&, const SectionReader&)) {
  std::vector<T> all;
  for (const Section& section : loading.ini.sections()) {
    if (section.name.starts_with(prefix))
      all.push_back(TRY(read(loading, SectionReader{loading.ini, section, loading.world})));
  }
  return all;
}

}  // namespace

Checked<std::vector<UnixServer>> read_unix_servers(Loading& loading) {
  return read_all<UnixServer>(loading, kUnixServer, unix_server);
}

Checked<std::vector<RpcInterface>> read_rpc_interfaces(Loading& loading) {
  return read_all<RpcInterface>(loading, kRpcPrefix, rpc_interface);
}

}  // namespace upkeep::config
