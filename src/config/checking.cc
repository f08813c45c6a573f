#include "config/checking.h"

#include <sys/stat.h>

#include "base/text.h"
#include "config/python_text.h"

namespace upkeep::config {

void Checking::report(Severity severity, std::string_view rule, const Spot& spot, Message message) {
  Finding finding{severity,
                  std::string{rule},
                  spot.file,
                  spot.line,
                  spot.column,
                  {},
                  std::move(message.what),
                  std::move(message.why),
                  std::move(message.fix)};
  const EditedFile* file = world_.file(spot.file);
  if (const ListedLine* line = file ? file->original().line(spot.line) : nullptr) {
    finding.text = line->text;
    if (line->key == "password") {  // reports end up in logs
      finding.text = line->text.substr(0, line->value_at) + "(not shown)";
      finding.column = spot_at(file->original(), spot.line, line->value_at).column;
    }
  }
  findings_.push_back(std::move(finding));
}

Spot spot_at(const Listing& listing, int line, std::size_t byte) {
  const ListedLine* listed = listing.line(line);
  if (!listed) return {listing.file, line, 0};
  return {listing.file, line, static_cast<int>(count_characters(std::string_view{listed->text}.substr(0, byte))) + 1};
}

Spot Checking::spot(const Origin& origin, std::string_view text) const {
  const EditedFile* file = world_.file(origin.file);
  const ListedLine* first = file ? file->original().line(origin.line) : nullptr;
  if (!first) return {origin.file, origin.line, 0};
  if (first->kind == ListedLine::Kind::Key && !text.empty()) {
    for (int number = origin.line; const ListedLine* line = file->original().line(number); ++number) {
      if (number > origin.line && line->kind != ListedLine::Kind::Continuation) {
        if (line->kind == ListedLine::Kind::Blank) continue;
        break;
      }
      const std::size_t at = line->text.find(text, line->value_at);
      if (at < line->end) return spot_at(file->original(), number, at);
    }
  }
  return spot_at(file->original(), origin.line, first->value_at);
}

void CheckedConfig::report(Severity severity, std::string_view rule, const Spot& spot, Message message) const {
  const EditedFile* file = checking_.world().file(spot.file);
  if (file && spot.line > 0 && file->is_edited(spot.line)) return;
  checking_.report(severity, rule, spot, std::move(message));
}

const Section* CheckedConfig::section_of(const Group& group, const Process& process) const {
  const bool is_listener = group.kind == Group::Kind::EventListener;
  for (const Section& section : ini_.sections()) {
    const std::size_t colon = section.name.find(':');
    if (colon == std::string::npos || trim_spaces(std::string_view{section.name}.substr(colon + 1)) != process.program)
      continue;
    const std::string_view kind = std::string_view{section.name}.substr(0, colon);
    if (is_listener ? kind == "eventlistener" : kind == "program" || kind == "fcgi-program") {
      if (group.kind == Group::Kind::FcgiProgram && kind != "fcgi-program") continue;
      return &section;
    }
  }
  return nullptr;
}

Spot CheckedConfig::spot(const Section* section, std::string_view key, std::string_view text) const {
  if (!section) return {config_.file, 0, 0};
  if (const Value* value = ini_.value(*section, key)) return checking_.spot(value->origin, text);
  return checking_.spot(section->origin);
}

std::string CheckedConfig::given(const Section* section, std::string_view key) const {
  const Value* value = section ? ini_.value(*section, key) : nullptr;
  return value ? value->text : std::string{};
}

Identity CheckedConfig::daemon_user() const {
  if (config_.daemon.identity) return *config_.daemon.identity;
  const uid_t uid = world().current_uid();
  if (const auto user = world().user_by_id(uid)) return {user->name, user->uid, user->gid, user->groups};
  return {std::to_string(uid), uid, uid, {}};
}

bool is_allowed(const FilePermissions& permissions, const Identity& user, mode_t wanted) {
  const mode_t mode = permissions.mode;
  if (user.uid == 0) return (wanted & 1U) == 0 || S_ISDIR(mode) || (mode & 0111U) != 0;
  if (permissions.owner == user.uid) return (mode >> 6U & wanted) == wanted;
  bool is_member = permissions.group == user.gid;
  for (const gid_t group : user.groups) is_member = is_member || group == permissions.group;
  return ((is_member ? mode >> 3U : mode) & wanted) == wanted;
}

}  // namespace upkeep::config
