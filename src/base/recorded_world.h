// A load of the configuration that can be repeated without the disk: RecordingWorld notes every question and its
// answer, ReplayWorld answers from such notes. A recovering engine thus builds the Config that its predecessor had,
// whatever has happened to the files since.
//
// Bytes of a record (base/bytes.h, little-endian): u8 version (1), list of texts argv, u32 count, then per question
// text question (one byte for its kind, then its argument) and text answer. Any damage is an error, never a partial
// record.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/world.h"

namespace upkeep {

using WorldAnswers = std::map<std::string, std::string>;  // encoded question → encoded answer

// Repeating a question gives the first answer again, so that the record and what was seen agree.
class RecordingWorld : public World {
 public:
  // Borrows `inner`. `argv` is stored in the record for the next reader.
  RecordingWorld(World& inner, std::vector<std::string> argv) : inner_(inner), argv_(std::move(argv)) {}
  std::string bytes() const;

  Result<std::string> read_file(const std::string& path) override;
  std::vector<std::string> glob(const std::string& pattern) override;
  bool is_directory(const std::string& path) override;
  bool exists(const std::string& path) override;
  bool is_writable_directory(const std::string& path) override;
  std::optional<FilePermissions> permissions(const std::string& path) override;
  std::optional<User> user_by_name(const std::string& name) override;
  std::optional<User> user_by_id(uid_t uid) override;
  std::optional<gid_t> group_by_name(const std::string& name) override;
  std::vector<std::pair<std::string, std::string>> environment() override;
  std::string host_name() override;
  std::string current_directory() override;
  uid_t current_uid() override;

 private:
  World& inner_;
  std::vector<std::string> argv_;
  WorldAnswers answers_;
};

// A question that is not in the record gets the negative answer: ENOENT, false, nullopt, empty; 0 for the user id.
class ReplayWorld : public World {
 public:
  static Result<ReplayWorld> parse(std::string_view bytes);
  const std::vector<std::string>& argv() const { return argv_; }

  Result<std::string> read_file(const std::string& path) override;
  std::vector<std::string> glob(const std::string& pattern) override;
  bool is_directory(const std::string& path) override;
  bool exists(const std::string& path) override;
  bool is_writable_directory(const std::string& path) override;
  std::optional<FilePermissions> permissions(const std::string& path) override;
  std::optional<User> user_by_name(const std::string& name) override;
  std::optional<User> user_by_id(uid_t uid) override;
  std::optional<gid_t> group_by_name(const std::string& name) override;
  std::vector<std::pair<std::string, std::string>> environment() override;
  std::string host_name() override;
  std::string current_directory() override;
  uid_t current_uid() override;

 private:
  std::vector<std::string> argv_;
  WorldAnswers answers_;
};

}  // namespace upkeep
