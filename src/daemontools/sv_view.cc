#include "daemontools/sv_view.h"

#include <fmt/core.h>

#include "wire/status_record.h"

namespace upkeep::daemontools {
namespace {

SvView common(const wire::StatusRecord& record) {
  SvView view;
  view.pid = record.pid;
  view.paused = record.paused;
  view.want = record.want;
  view.since = record.since;
  return view;
}

SvView of_runit(const wire::StatusRecord& record, char kind) {
  SvView view = common(record);
  view.runit = true;
  view.kind = kind == 2 ? SvView::Kind::Finish : SvView::Kind::Run;
  view.got_term = record.state.value_or(0) != 0;
  return view;
}

SvView of_daemontools(const wire::StatusRecord& record) {
  SvView view = common(record);
  const auto is = [&](wire::ServiceState state) { return record.state == static_cast<std::uint8_t>(state); };
  view.starting = is(wire::ServiceState::Starting);
  if (record.pid != 0)
    view.kind =
        is(wire::ServiceState::Stopping) || is(wire::ServiceState::Stopped) ? SvView::Kind::Finish : SvView::Kind::Run;
  else if (is(wire::ServiceState::Started))
    view.kind = SvView::Kind::Run;
  return view;
}

bool newer(const Tai64n& since, const Tai64n& asked) {
  return since.seconds != asked.seconds ? since.seconds > asked.seconds : since.nanoseconds >= asked.nanoseconds;
}

}  // namespace

std::optional<SvViews> sv_views(std::string_view status) {
  const auto decoded = wire::decode_status(status);
  if (!decoded) return std::nullopt;
  if (status.size() == wire::kEncoreStatusBytes && status.back() != 0)
    return SvViews{of_runit(decoded->service, status.back())};
  SvViews views{of_daemontools(decoded->service)};
  if (decoded->log) views.log = of_daemontools(*decoded->log);
  return views;
}

std::string sv_line(const SvView& view, std::string_view name, bool normally_up, std::uint64_t now) {
  const bool up = view.up();
  const char* word = !up ? "down" : view.kind == SvView::Kind::Run ? "run" : "finish";
  std::string line = fmt::format("{}: {}: ", word, name);
  if (view.pid != 0) line += fmt::format("(pid {}) ", view.pid);
  line += fmt::format("{}s", now < view.since.seconds ? 0 : now - view.since.seconds);
  if (up && !normally_up) line += ", normally down";
  if (!up && normally_up) line += ", normally up";
  if (up && view.paused) line += ", paused";
  if (!up && view.want == 'u') line += ", want up";
  if (up && view.want == 'd') line += ", want down";
  if (up && view.got_term) line += ", got TERM";
  return line;
}

std::string letters_for(const SvView& view, std::string_view letters) {
  return letters == "x" && !view.runit ? "dx" : std::string{letters};
}

bool is_under_way(const SvView& view, std::string_view letters) {
  // runsv wants down also after `once`, without having sent anything; supervise never does.
  return letters == "d" && view.pid != 0 && view.want == 'd' && (!view.runit || view.got_term);
}

Outcome outcome(const SvView& view, char letter, const Tai64n& asked) {
  const bool serves = view.kind == SvView::Kind::Run && !view.starting;
  const auto reached_if = [](bool reached) { return reached ? Outcome::Reached : Outcome::Pending; };
  switch (letter) {
    case 'x': return Outcome::Pending;  // until there is no status any more
    case 'u': return serves ? Outcome::NeedsCheck : Outcome::Pending;
    case 'd': return reached_if(!view.up() && view.want != 'u');  // otherwise it is between two runs
    case 't':
    case 'k':
      if (!view.up() && view.want != 'u') return Outcome::Reached;  // and stays so
      return serves && !view.got_term && newer(view.since, asked) ? Outcome::NeedsCheck : Outcome::Pending;
    case 'o': return reached_if(view.up() ? view.want == (view.runit ? 'd' : 0) : newer(view.since, asked));
    case 'p': return reached_if(!view.up() || view.paused);
    case 'c': return reached_if(!view.up() || !view.paused);
    default: return Outcome::Reached;
  }
}

Outcome outcome_of_check(const SvView& view) { return view.up() ? Outcome::NeedsCheck : Outcome::Reached; }

}  // namespace upkeep::daemontools
