// What the rules of one check share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/check.h"
#include "config/edited_world.h"
#include "config/ini.h"
#include "config/model.h"

namespace upkeep::config {

struct Message {  // of a Finding
  std::string what, why, fix;
};

struct Spot {
  std::string file;
  int line = 0;
  int column = 0;
};

// Collects findings. The text of a password is not shown.
class Checking {
 public:
  explicit Checking(EditedWorld& world) : world_(world) {}  // borrows it

  EditedWorld& world() const { return world_; }
  const std::vector<Finding>& findings() const { return findings_; }

  void report(Severity severity, std::string_view rule, const Spot& spot, Message message);

  // Where the text stands in the value that begins at `origin`, maybe on a later line of it; else the value itself.
  Spot spot(const Origin& origin, std::string_view text = {}) const;

 private:
  EditedWorld& world_;
  std::vector<Finding> findings_;
};

Spot spot_at(const Listing& listing, int line, std::size_t byte);

// A configuration that could be loaded, maybe after repairs, with what it was read from.
class CheckedConfig {
 public:
  CheckedConfig(Checking& checking, const Config& config, const Ini& ini)
      : checking_(checking), config_(config), ini_(ini) {}

  const Config& config() const { return config_; }
  const Ini& ini() const { return ini_; }
  World& world() const { return checking_.world().inner(); }  // as it is
  EditedWorld& edited() const { return checking_.world(); }   // as it was loaded

  // Nothing is reported at a line that a repair has changed: what stands there now is not the user's.
  void report(Severity severity, std::string_view rule, const Spot& spot, Message message) const;

  const Section* section_of(const Group& group, const Process& process) const;
  // At the key's value, else at the header of the section.
  Spot spot(const Section* section, std::string_view key, std::string_view text = {}) const;
  Spot spot(const Group& group, const Process& process, std::string_view key, std::string_view text = {}) const {
    return spot(section_of(group, process), key, text);
  }
  // The text of the key as it stands in the file; empty: not given.
  std::string given(const Section* section, std::string_view key) const;

  Identity daemon_user() const;  // who opens logs and sockets
  Identity user_of(const Process& process) const { return process.identity ? *process.identity : daemon_user(); }

 private:
  Checking& checking_;
  const Config& config_;
  const Ini& ini_;
};

// Whether the user may do all of `wanted` with it, by its mode: 4 read, 2 write, 1 execute or search.
bool is_allowed(const FilePermissions& permissions, const Identity& user, mode_t wanted);

// The rules, a file each. They report what they find.
void check_error(Checking& checking, const LoadError& error);
void check_notices(const CheckedConfig& checked);
void check_reading(const CheckedConfig& checked, const std::vector<Listing>& listings);
void check_commands(const CheckedConfig& checked);
void check_logs(const CheckedConfig& checked);
void check_programs(const CheckedConfig& checked);
void check_servers(const CheckedConfig& checked);

}  // namespace upkeep::config
