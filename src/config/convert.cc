#include "config/convert.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/signals.h"
#include "base/text.h"
#include "config/paths.h"
#include "config/python_text.h"

namespace upkeep::config {
namespace {

constexpr std::int64_t kSecondsMax = std::int64_t{100} * 365 * 24 * 3600;
constexpr mode_t kModeBits = 07777;
constexpr int kPortMax = 65535;  // and of the backlog of a socket

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_true_word(std::string_view lowered) { return is_one_of(lowered, {"yes", "true", "on", "1"}); }
bool is_false_word(std::string_view lowered) { return is_one_of(lowered, {"no", "false", "off", "0"}); }

template <class Id>
std::optional<Id> id_from(std::int64_t number) {
  if (number < 0 || number >= std::numeric_limits<Id>::max()) return std::nullopt;  // the highest id means "unchanged"
  return static_cast<Id>(number);
}

Result<mode_t> named_mode(const std::string& text, World& world, std::string_view name) {
  const auto mode = to_octal(text, world);
  if (!mode) return Error{fmt::format("Invalid {} value {}", name, text)};
  return *mode;
}

Result<Owner> named_owner(const std::string& text, World& world, std::string_view name) {
  const Error bad{fmt::format("Invalid {} value {}", name, text)};
  const std::size_t colon = text.find(':');
  const auto user = to_identity(text.substr(0, colon), world);
  if (!user) return bad;
  Owner owner{user->uid, std::nullopt};
  if (colon == std::string::npos) return owner;
  const std::string group = text.substr(colon + 1);
  const auto number = python_int(group);
  owner.group = number ? id_from<gid_t>(*number) : world.group_by_name(group);
  if (!owner.group) return bad;
  return owner;
}

}  // namespace

Result<std::string> to_text(const std::string& text, World&) { return text; }

Result<bool> to_boolean(const std::string& text, World&) {
  const std::string word = lower(text);
  if (is_true_word(word)) return true;
  if (is_false_word(word)) return false;
  return Error{"not a valid boolean value: " + python_repr(text)};
}

Result<std::int64_t> to_long(const std::string& text, World&) { return python_int(text); }

Result<int> to_integer(const std::string& text, World&) {
  constexpr std::int64_t kLeast = std::numeric_limits<int>::min();
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp(TRY(python_int(text)), kLeast, kMost));
}

Result<Duration> to_seconds(const std::string& text, World&) {
  return Duration{std::chrono::seconds{std::clamp(TRY(python_int(text)), -kSecondsMax, kSecondsMax)}};
}

Result<std::int64_t> to_byte_size(const std::string& text, World&) {
  struct Unit {
    std::string_view suffix;
    std::int64_t bytes;
  };
  static constexpr std::array kUnits = {Unit{"kb", 1 << 10}, Unit{"mb", 1 << 20}, Unit{"gb", 1 << 30}, Unit{"", 1}};
  const std::string word = lower(text);
  const auto* unit =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return word.ends_with(u.suffix); });
  const std::int64_t count = TRY(python_int(std::string_view{word}.substr(0, word.size() - unit->suffix.size())));
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(count, unit->bytes, &bytes))
    bytes = count < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  return bytes;
}

Result<mode_t> to_octal(const std::string& text, World&) {
  const auto number = python_int(text, 8);
  if (!number) return Error{text + " can not be converted to an octal type"};
  return static_cast<mode_t>(*number) & kModeBits;
}

Result<LogLevel> to_level(const std::string& text, World&) {
  if (const auto level = log_level_from_name(text)) return *level;
  return Error{"bad logging level name " + python_repr(text)};
}

Result<std::string> to_existing_directory(const std::string& text, World& world) {
  std::string path = expand_user(text, world);
  if (!world.is_directory(path)) return Error{text + " is not an existing directory"};
  return path;
}

Result<std::string> to_existing_dirpath(const std::string& text, World& world) {
  std::string path = expand_user(text, world);
  const std::string directory = directory_of(path);
  if (!directory.empty() && !world.is_directory(directory))
    return Error{fmt::format("The directory named as part of the path {} does not exist", text)};
  return path;
}

Result<LogfileValue> to_logfile(const std::string& text, World& world) {
  using Kind = LogTarget::Kind;
  const std::string word = lower(text);
  if (word == "none" || word == "off") return LogfileValue{{Kind::None, {}}};
  if (word == "auto") return LogfileValue{{Kind::Auto, {}}};
  if (word == "syslog") return LogfileValue{{Kind::None, {}}, true};
  const std::string path = TRY(to_existing_dirpath(text, world));
  return LogfileValue{{path.empty() ? Kind::None : Kind::File, path}, false, true};
}

Result<int> to_signal(const std::string& text, World&) {
  if (const auto number = python_int(text)) {
    if (*number >= 0 && *number <= 64 && is_named_signal(static_cast<int>(*number))) return static_cast<int>(*number);
    return Error{fmt::format("value {} is not a valid signal number", python_repr(text))};
  }
  if (const auto number = signal_from_name(trim_spaces(text))) return *number;
  return Error{fmt::format("value {} is not a valid signal name", python_repr(text))};
}

Result<std::vector<int>> to_exit_codes(const std::string& text, World&) {
  std::vector<int> codes;
  if (text.empty()) return codes;
  for (const std::string& word : split(text, ',')) {
    const auto code = python_int(word);
    if (!code || *code < 0 || *code > 255) return Error{"not a valid list of exit codes: " + python_repr(text)};
    codes.push_back(static_cast<int>(*code));
  }
  return codes;
}

Result<core::Restart> to_restart(const std::string& text, World&) {
  const std::string word = lower(text);
  if (is_true_word(word)) return core::Restart::Always;
  if (is_false_word(word)) return core::Restart::Never;
  if (word == "unexpected") return core::Restart::Unexpected;
  return Error{fmt::format("invalid 'autorestart' value {}", python_repr(word))};
}

Result<Dialect> to_dialect(const std::string& text, World&) {
  const std::string word = lower(text);
  if (word == "original") return Dialect::Original;
  if (word == "encore") return Dialect::Encore;
  return Error{fmt::format("invalid 'dialect' value {}, use original or encore", python_repr(text))};
}

Result<OutputFormat> to_output_format(const std::string& text, World&) {
  const std::string word = lower(trim(text));
  if (word == "raw") return OutputFormat::Raw;
  if (word == "lines") return OutputFormat::Lines;
  if (word == "json") return OutputFormat::Json;
  return Error{fmt::format("invalid output format {}, use raw, lines or json", python_repr(text))};
}

Result<Duration> to_grace(const std::string& text, World& world) {
  const Duration grace = TRY(to_seconds(text, world));
  if (grace >= std::chrono::seconds{1}) return grace;
  return Error{fmt::format("{} is no grace, give at least 1 second or leave the key away", text)};
}

Result<std::string> to_absolute_path(const std::string& text, World& world) {
  if (text.empty()) return text;
  const std::string path = expand_user(text, world);
  if (!path.starts_with('/')) return Error{text + " is not an absolute path"};
  return absolute_path(path, world);
}

Result<Identity> to_identity(const std::string& text, World& world) {
  const auto number = python_int(text);
  std::optional<User> user;
  if (number) {
    if (const auto uid = id_from<uid_t>(*number)) user = world.user_by_id(*uid);
  } else {
    user = world.user_by_name(text);
  }
  if (!user) return Error{fmt::format("Invalid user {} {}", number ? "id" : "name", text)};
  return Identity{text, user->uid, user->gid, user->groups};
}

Result<mode_t> to_socket_mode(const std::string& text, World& world) { return named_mode(text, world, "chmod"); }

Result<Owner> to_socket_owner(const std::string& text, World& world) { return named_owner(text, world, "sockchown"); }

Result<mode_t> to_fcgi_mode(const std::string& text, World& world) { return named_mode(text, world, "socket_mode"); }

Result<Owner> to_fcgi_owner(const std::string& text, World& world) { return named_owner(text, world, "socket_owner"); }

Result<int> to_backlog(const std::string& text, World& world) {
  const int backlog = TRY(to_integer(text, world));
  if (backlog < 1 || backlog > kPortMax) return Error{fmt::format("Invalid socket_backlog value {}", backlog)};
  return backlog;
}

Result<int> to_port(const std::string& text, World& world) {
  const std::int64_t port = TRY(to_long(text, world));
  if (port < 1) return Error{fmt::format("{} is below lower bound (1)", port)};
  if (port > kPortMax) return Error{fmt::format("{} is above upper bound ({})", port, kPortMax)};
  return static_cast<int>(port);
}

Result<InetAddress> to_inet_address(const std::string& text, World& world) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) {
    const auto port = to_port(text, world);
    if (!port) return Error{fmt::format("not a valid port number: {} ", python_repr(text))};
    return InetAddress{{}, *port};
  }
  const std::string port = text.substr(colon + 1);
  if (port.empty()) return Error{"no port number specified in ''"};
  const int number = TRY(to_port(port, world));
  const std::string host = lower(text.substr(0, colon));
  return InetAddress{host == "*" ? std::string{} : host, number};
}

Result<std::vector<std::string>> to_list(const std::string& text, World&) {
  std::vector<std::string> items;
  if (text.empty()) return items;
  for (const std::string& item : split(text, ',')) items.emplace_back(trim_spaces(item));
  return items;
}

Result<std::string> checked_name(std::string_view name) {
  const std::string_view trimmed = trim_spaces(name);
  for (const char bad : {' ', ':', '/'}) {
    if (trimmed.find(bad) != std::string_view::npos) {
      return Error{fmt::format("Invalid name: {} because of character: {}", python_repr(name),
                               python_repr(std::string_view{&bad, 1}))};
    }
  }
  return std::string{trimmed};
}

}  // namespace upkeep::config
