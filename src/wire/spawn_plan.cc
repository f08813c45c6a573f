#include "wire/spawn_plan.h"

#include "base/bytes.h"

namespace upkeep::wire {
namespace {

void write(ByteWriter& out, const TextBlock& texts) {
  out.list(texts.views(), [](ByteWriter& w, std::string_view text) { w.text(text); });
}

TextBlock read_texts(ByteReader& in) {
  TextBlock texts;
  for (auto left = in.number<std::uint32_t>(); left > 0 && in.ok(); --left) texts.add(in.view());
  return texts;
}

}  // namespace

std::string encode(const SpawnPlan& plan) {
  ByteWriter out;
  out.text(plan.file);
  write(out, plan.argv);
  write(out, plan.environment);
  for (const StdioSource source : plan.stdio) out.number(static_cast<std::uint8_t>(source));
  out.number(static_cast<std::uint8_t>(plan.ids.has_value()));
  if (plan.ids) {
    out.number(plan.ids->uid);
    out.number(plan.ids->gid);
    out.list(plan.ids->groups, [](ByteWriter& w, gid_t gid) { w.number(gid); });
  }
  out.number(static_cast<std::uint8_t>(plan.directory.has_value()));
  if (plan.directory) out.text(*plan.directory);
  out.number(static_cast<std::uint8_t>(plan.umask.has_value()));
  if (plan.umask) out.number(*plan.umask);
  out.number(static_cast<std::uint8_t>(plan.group));
  out.list(plan.limits, [](ByteWriter& w, const Limit& limit) {
    w.number(limit.resource);
    w.number(limit.soft);
    w.number(limit.hard);
  });
  out.number(static_cast<std::uint8_t>(plan.notification_fd.has_value()));
  if (plan.notification_fd) out.number(*plan.notification_fd);
  out.number(static_cast<std::uint8_t>(plan.complaint.has_value()));
  if (plan.complaint) {
    out.text(plan.complaint->text);
    out.number(plan.complaint->exit_status);
  }
  return out.take();
}

Result<SpawnPlan> decode_spawn_plan(std::string_view bytes) {
  ByteReader in{bytes};
  SpawnPlan plan;
  plan.file = in.text();
  plan.argv = read_texts(in);
  plan.environment = read_texts(in);
  for (StdioSource& source : plan.stdio) {
    const auto number = in.number<std::uint8_t>();
    if (number > static_cast<std::uint8_t>(StdioSource::Own)) return Error{"spawn plan: unknown stdio source"};
    source = static_cast<StdioSource>(number);
  }
  if (in.number<std::uint8_t>()) {
    plan.ids.emplace();
    plan.ids->uid = in.number<uid_t>();
    plan.ids->gid = in.number<gid_t>();
    plan.ids->groups = in.list<gid_t>([](ByteReader& r) { return r.number<gid_t>(); });
  }
  if (in.number<std::uint8_t>()) plan.directory = in.text();
  if (in.number<std::uint8_t>()) plan.umask = in.number<mode_t>();
  const auto group = in.number<std::uint8_t>();
  if (group > static_cast<std::uint8_t>(ProcessGroup::Session)) return Error{"spawn plan: unknown process group"};
  plan.group = static_cast<ProcessGroup>(group);
  plan.limits = in.list<Limit>([](ByteReader& r) {
    Limit limit;
    limit.resource = r.number<std::int32_t>();
    limit.soft = r.number<std::uint64_t>();
    limit.hard = r.number<std::uint64_t>();
    return limit;
  });
  if (in.number<std::uint8_t>()) plan.notification_fd = in.number<std::int32_t>();
  if (in.number<std::uint8_t>()) {
    plan.complaint.emplace();
    plan.complaint->text = in.text();
    plan.complaint->exit_status = in.number<int>();
  }
  if (!in.at_end()) return Error{"spawn plan: malformed"};
  if (plan.notification_fd && *plan.notification_fd <= 2) return Error{"spawn plan: a notification on stdio"};
  if (plan.argv.empty()) return Error{"spawn plan: empty command"};
  return plan;
}

}  // namespace upkeep::wire
