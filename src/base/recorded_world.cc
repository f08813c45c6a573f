#include "base/recorded_world.h"

#include <cerrno>
#include <cstdint>

#include "base/bytes.h"

namespace upkeep {
namespace {

constexpr std::uint8_t kVersion = 1;

enum class Kind : std::uint8_t {  // of question; the numbers are in records
  ReadFile = 1,
  Glob,
  IsDirectory,
  Exists,
  IsWritableDirectory,
  UserByName,
  UserById,
  GroupByName,
  Environment,
  HostName,
  CurrentDirectory,
  CurrentUid,
  Permissions,
};

std::string question(Kind kind, std::string_view argument = {}) {
  return std::string(1, static_cast<char>(kind)).append(argument);
}

// One encoding per type of answer. A decoder that runs past the end leaves the reader not ok().
void encode(ByteWriter& out, bool answer) { out.number(answer); }
void encode(ByteWriter& out, std::uint32_t answer) { out.number(answer); }
void encode(ByteWriter& out, const std::string& answer) { out.text(answer); }
void encode(ByteWriter& out, const std::pair<std::string, std::string>& answer) {
  out.text(answer.first);
  out.text(answer.second);
}
void encode(ByteWriter& out, const User& user) {
  out.text(user.name);
  out.number(user.uid);
  out.number(user.gid);
  out.text(user.home);
  out.list(user.groups, [](ByteWriter& writer, gid_t gid) { writer.number(gid); });
}
void encode(ByteWriter& out, const FilePermissions& permissions) {
  out.number(permissions.owner);
  out.number(permissions.group);
  out.number(permissions.mode);
}
template <class T>
void encode(ByteWriter& out, const std::vector<T>& answer) {
  out.list(answer, [](ByteWriter& writer, const T& element) { encode(writer, element); });
}
template <class T>
void encode(ByteWriter& out, const std::optional<T>& answer) {
  out.number(answer.has_value());
  if (answer) encode(out, *answer);
}
void encode(ByteWriter& out, const Result<std::string>& answer) {
  out.number(answer.has_value());
  out.number(answer ? 0 : answer.error().code);
  out.text(answer ? *answer : answer.error().text);
}

void decode(ByteReader& in, bool& answer) { answer = in.number<bool>(); }
void decode(ByteReader& in, std::uint32_t& answer) { answer = in.number<std::uint32_t>(); }
void decode(ByteReader& in, std::string& answer) { answer = in.text(); }
void decode(ByteReader& in, std::pair<std::string, std::string>& answer) {
  answer.first = in.text();
  answer.second = in.text();
}
void decode(ByteReader& in, User& user) {
  user.name = in.text();
  user.uid = in.number<uid_t>();
  user.gid = in.number<gid_t>();
  user.home = in.text();
  user.groups = in.list<gid_t>([](ByteReader& reader) { return reader.number<gid_t>(); });
}
void decode(ByteReader& in, FilePermissions& permissions) {
  permissions.owner = in.number<uid_t>();
  permissions.group = in.number<gid_t>();
  permissions.mode = in.number<mode_t>();
}
template <class T>
void decode(ByteReader& in, std::vector<T>& answer) {
  answer = in.list<T>([](ByteReader& reader) {
    T element{};
    decode(reader, element);
    return element;
  });
}
template <class T>
void decode(ByteReader& in, std::optional<T>& answer) {
  if (in.number<bool>()) decode(in, answer.emplace());
}
void decode(ByteReader& in, Result<std::string>& answer) {
  const bool good = in.number<bool>();
  const int code = in.number<int>();
  std::string text = in.text();
  answer = good ? Result<std::string>{std::move(text)} : Result<std::string>{Error{std::move(text), code}};
}

// The recorded answer, or `otherwise` where there is none or it cannot be read.
template <class T>
T recorded(const WorldAnswers& answers, const std::string& key, T otherwise) {
  const auto found = answers.find(key);
  if (found == answers.end()) return otherwise;
  ByteReader in{found->second};
  T answer = otherwise;
  decode(in, answer);
  return in.at_end() ? answer : otherwise;
}

// The answer in the record, after `ask` has put it there if it was missing.
template <class Ask>
auto answered(WorldAnswers& answers, const std::string& key, Ask ask) {
  if (const auto found = answers.find(key); found != answers.end()) return recorded(answers, key, decltype(ask()){});
  auto answer = ask();
  ByteWriter out;
  encode(out, answer);
  answers.emplace(key, out.take());
  return answer;
}

}  // namespace

std::string RecordingWorld::bytes() const {
  ByteWriter out;
  out.number(kVersion);
  encode(out, argv_);
  out.number(static_cast<std::uint32_t>(answers_.size()));
  for (const auto& answer : answers_) encode(out, std::pair<std::string, std::string>{answer});
  return out.take();
}

Result<std::string> RecordingWorld::read_file(const std::string& path) {
  return answered(answers_, question(Kind::ReadFile, path), [&] { return inner_.read_file(path); });
}
std::vector<std::string> RecordingWorld::glob(const std::string& pattern) {
  return answered(answers_, question(Kind::Glob, pattern), [&] { return inner_.glob(pattern); });
}
bool RecordingWorld::is_directory(const std::string& path) {
  return answered(answers_, question(Kind::IsDirectory, path), [&] { return inner_.is_directory(path); });
}
bool RecordingWorld::exists(const std::string& path) {
  return answered(answers_, question(Kind::Exists, path), [&] { return inner_.exists(path); });
}
bool RecordingWorld::is_writable_directory(const std::string& path) {
  return answered(answers_, question(Kind::IsWritableDirectory, path),
                  [&] { return inner_.is_writable_directory(path); });
}
std::optional<FilePermissions> RecordingWorld::permissions(const std::string& path) {
  return answered(answers_, question(Kind::Permissions, path), [&] { return inner_.permissions(path); });
}
std::optional<User> RecordingWorld::user_by_name(const std::string& name) {
  return answered(answers_, question(Kind::UserByName, name), [&] { return inner_.user_by_name(name); });
}
std::optional<User> RecordingWorld::user_by_id(uid_t uid) {
  return answered(answers_, question(Kind::UserById, std::to_string(uid)), [&] { return inner_.user_by_id(uid); });
}
std::optional<gid_t> RecordingWorld::group_by_name(const std::string& name) {
  return answered(answers_, question(Kind::GroupByName, name), [&] { return inner_.group_by_name(name); });
}
std::vector<std::pair<std::string, std::string>> RecordingWorld::environment() {
  return answered(answers_, question(Kind::Environment), [&] { return inner_.environment(); });
}
std::string RecordingWorld::host_name() {
  return answered(answers_, question(Kind::HostName), [&] { return inner_.host_name(); });
}
std::string RecordingWorld::current_directory() {
  return answered(answers_, question(Kind::CurrentDirectory), [&] { return inner_.current_directory(); });
}
uid_t RecordingWorld::current_uid() {
  return answered(answers_, question(Kind::CurrentUid), [&] { return inner_.current_uid(); });
}

Result<ReplayWorld> ReplayWorld::parse(std::string_view bytes) {
  ByteReader in{bytes};
  if (in.number<std::uint8_t>() != kVersion) return Error{"record of a configuration: unknown version"};
  ReplayWorld world;
  decode(in, world.argv_);
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) {
    std::pair<std::string, std::string> answer;
    decode(in, answer);
    world.answers_.insert(std::move(answer));
  }
  if (!in.at_end()) return Error{"record of a configuration: damaged"};
  return world;
}

Result<std::string> ReplayWorld::read_file(const std::string& path) {
  return recorded(answers_, question(Kind::ReadFile, path),
                  Result<std::string>{Error::from_errno("open " + path, ENOENT)});
}
std::vector<std::string> ReplayWorld::glob(const std::string& pattern) {
  return recorded(answers_, question(Kind::Glob, pattern), std::vector<std::string>{});
}
bool ReplayWorld::is_directory(const std::string& path) {
  return recorded(answers_, question(Kind::IsDirectory, path), false);
}
bool ReplayWorld::exists(const std::string& path) { return recorded(answers_, question(Kind::Exists, path), false); }
bool ReplayWorld::is_writable_directory(const std::string& path) {
  return recorded(answers_, question(Kind::IsWritableDirectory, path), false);
}
std::optional<FilePermissions> ReplayWorld::permissions(const std::string& path) {
  return recorded(answers_, question(Kind::Permissions, path), std::optional<FilePermissions>{});
}
std::optional<User> ReplayWorld::user_by_name(const std::string& name) {
  return recorded(answers_, question(Kind::UserByName, name), std::optional<User>{});
}
std::optional<User> ReplayWorld::user_by_id(uid_t uid) {
  return recorded(answers_, question(Kind::UserById, std::to_string(uid)), std::optional<User>{});
}
std::optional<gid_t> ReplayWorld::group_by_name(const std::string& name) {
  return recorded(answers_, question(Kind::GroupByName, name), std::optional<gid_t>{});
}
std::vector<std::pair<std::string, std::string>> ReplayWorld::environment() {
  return recorded(answers_, question(Kind::Environment), std::vector<std::pair<std::string, std::string>>{});
}
std::string ReplayWorld::host_name() { return recorded(answers_, question(Kind::HostName), std::string{}); }
std::string ReplayWorld::current_directory() {
  return recorded(answers_, question(Kind::CurrentDirectory), std::string{});
}
uid_t ReplayWorld::current_uid() { return recorded(answers_, question(Kind::CurrentUid), uid_t{0}); }

}  // namespace upkeep
