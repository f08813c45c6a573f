// A World whose files can be changed in memory: what is read of one is remembered, and from then on the edited lines
// are what everybody reads. The disk is never touched.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/world.h"
#include "config/ini.h"
#include "config/listing.h"

namespace upkeep::config {

class EditedFile {
 public:
  EditedFile(std::string bytes, const std::string& path);

  const std::string& bytes() const { return bytes_; }        // as edited
  const Listing& original() const { return original_; }      // of what is on the disk
  Listing now() const { return list_lines(bytes_, path_); }  // of what is read
  bool is_edited(int line) const;                            // or appended

  void replace(int line, const std::string& text);  // later lines keep their numbers
  void append(const std::string& line);

 private:
  void join();

  std::string path_, bytes_;
  Listing original_;
  std::vector<std::string> lines_;
};

class EditedWorld : public World {
 public:
  explicit EditedWorld(World& inner) : inner_(inner) {}  // borrows it

  World& inner() const { return inner_; }
  EditedFile* file(const std::string& path);                        // null: nobody has read it
  const std::vector<std::string>& order() const { return order_; }  // files that were read, again for each time
  std::map<std::string, EditedFile>& files() { return files_; }
  Ini ini() const;  // of all files of the order; after a load that has read them without an error
  void forget_order() { order_.clear(); }

  Result<std::string> read_file(const std::string& path) override;
  std::vector<std::string> glob(const std::string& pattern) override { return inner_.glob(pattern); }
  bool is_directory(const std::string& path) override { return inner_.is_directory(path); }
  bool exists(const std::string& path) override { return inner_.exists(path); }
  bool is_writable_directory(const std::string& path) override { return inner_.is_writable_directory(path); }
  std::optional<FilePermissions> permissions(const std::string& path) override { return inner_.permissions(path); }
  std::optional<User> user_by_name(const std::string& name) override { return inner_.user_by_name(name); }
  std::optional<User> user_by_id(uid_t uid) override { return inner_.user_by_id(uid); }
  std::optional<gid_t> group_by_name(const std::string& name) override { return inner_.group_by_name(name); }
  std::vector<std::pair<std::string, std::string>> environment() override { return inner_.environment(); }
  std::string host_name() override { return inner_.host_name(); }
  std::string current_directory() override { return inner_.current_directory(); }
  uid_t current_uid() override { return inner_.current_uid(); }

 private:
  World& inner_;
  std::map<std::string, EditedFile> files_;
  std::vector<std::string> order_;
};

}  // namespace upkeep::config
