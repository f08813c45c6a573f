// What the files of the table of keys (keys_*.cc) are written with: types of values, and rows that lead from a key to
// the member that takes its value.
#pragma once

#include <type_traits>

#include "config/keys.h"

namespace upkeep::config {

template <class T>
struct Type {
  std::string_view word;
  Result<T> (*convert)(const std::string&, World&);
  int expansions = 1;
};

inline constexpr Type<std::string> kText{"text", to_text};
inline constexpr Type<bool> kBoolean{"boolean", to_boolean};
inline constexpr Type<int> kInteger{"integer", to_integer};
inline constexpr Type<std::int64_t> kLong{"integer", to_long};
inline constexpr Type<Duration> kSeconds{"seconds", to_seconds};
inline constexpr Type<std::int64_t> kByteSize{"byte size", to_byte_size};
inline constexpr Type<mode_t> kOctal{"octal", to_octal};
inline constexpr Type<LogLevel> kLevel{"log level", to_level};
inline constexpr Type<std::string> kDirectory{"existing directory", to_existing_directory};
inline constexpr Type<std::string> kFile{"file in an existing directory", to_existing_dirpath};
inline constexpr Type<LogfileValue> kLogfile{"log file, NONE or AUTO", to_logfile, 2};
inline constexpr Type<int> kSignal{"signal", to_signal};
inline constexpr Type<std::vector<int>> kExitCodes{"exit codes", to_exit_codes};
inline constexpr Type<core::Restart> kRestart{"boolean or unexpected", to_restart};
inline constexpr Type<Dialect> kDialect{"original or encore", to_dialect};
inline constexpr Type<OutputFormat> kOutputFormat{"raw, lines or json", to_output_format};
inline constexpr Type<Duration> kGrace{"seconds", to_grace};
inline constexpr Type<std::string> kAbsolutePath{"absolute path", to_absolute_path};
inline constexpr Type<Identity> kUser{"user", to_identity};
inline constexpr Type<mode_t> kSocketMode{"octal", to_socket_mode};
inline constexpr Type<Owner> kSocketOwner{"user[:group]", to_socket_owner};
inline constexpr Type<mode_t> kFcgiMode{"octal", to_fcgi_mode};
inline constexpr Type<Owner> kFcgiOwner{"user[:group]", to_fcgi_owner};
inline constexpr Type<std::string> kSocketUrl{"tcp://host:port or unix:///path", to_text};
inline constexpr Type<int> kBacklog{"integer from 1 to 65535", to_backlog};
inline constexpr Type<InetAddress> kInetAddress{"[host:]port", to_inet_address};
inline constexpr Type<std::vector<std::string>> kPrograms{"list of programs", to_list};
inline constexpr Type<std::vector<std::string>> kEvents{"list of event types", to_list};
inline constexpr Type<std::vector<std::string>> kHostNames{"list of names", to_list};
// Kept as Given: nothing to convert yet.
inline constexpr Type<Given> kUserLater{"user", nullptr};
inline constexpr Type<Given> kFormat{"text", nullptr, 0};
inline constexpr Type<Given> kPairs{"KEY=value pairs", nullptr, 0};

template <auto First, auto... Rest>
auto& field(auto& object) {
  if constexpr (sizeof...(Rest) == 0) {
    return object.*First;
  } else {
    return field<Rest...>(object.*First);
  }
}

template <class S, class M>
S owner_of(M S::*);
template <auto First>
using OwnerOf = decltype(owner_of(First));

// A row of a table. The members lead from the section's structure to the one that takes the value.
template <auto First, auto... Rest, class T>
auto row(std::string_view name, const Type<T>& type, std::optional<std::string_view> fallback, Scope scope,
         std::string_view since, std::string_view doc, std::string_view example,
         std::optional<Option> option = std::nullopt) {
  using S = OwnerOf<First>;
  Setting<S> setting{{{}, name, type.word, fallback, scope, type.expansions, since, doc, example, option}, nullptr};
  if constexpr (std::is_same_v<T, Given>) {
    setting.store = [](S& settings, const Given& given, World&) -> Result<> {
      field<First, Rest...>(settings) = given;
      return {};
    };
  } else {
    setting.store = [convert = type.convert](S& settings, const Given& given, World& world) -> Result<> {
      field<First, Rest...>(settings) = TRY(convert(given.text, world));
      return {};
    };
  }
  return setting;
}

template <class S>
Table<S> table(std::string_view section, Table<S> rows) {
  for (auto& setting : rows) setting.key.section = section;
  return rows;
}

inline constexpr auto kNone = std::nullopt;
constexpr Option long_only() { return {}; }
constexpr Option with_value(char letter) { return {letter, false}; }
constexpr Option flag(char letter) { return {letter, true}; }

}  // namespace upkeep::config
