// What supervisord refuses, with the place, the reason and a way out.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "config/checking.h"
#include "config/closest.h"
#include "config/keys.h"
#include "config/repair.h"

namespace upkeep::config {
namespace {

// The row of the key; of no section that is known: the first of that name.
std::optional<Key> row_of(const ListedLine& line) {
  const std::string_view kind = std::string_view{line.section}.substr(0, line.section.find(':'));
  std::optional<Key> found;
  for (const Key& key : all_keys()) {
    if (key.name != line.key) continue;
    if (key.section == kind) return key;
    if (!found) found = key;
  }
  return found;
}

// Supervisor's words without the place, which is shown beside them.
std::string without_place(std::string text) {
  const std::size_t at = text.rfind(" in section '");
  if (at != std::string::npos && text.find("(file: '", at) != std::string::npos) text.resize(at);
  return text;
}

constexpr std::string_view kAvailable = "Available names: ";
constexpr std::string_view kVariable = "ENV_";

// The names that an expansion error says are known.
std::vector<std::string> available_names(std::string_view error) {
  std::vector<std::string> names;
  const std::size_t at = error.rfind(kAvailable);
  if (at == std::string_view::npos) return names;
  for (std::string& name : split_blanks(error.substr(at + kAvailable.size()))) {
    if (name.ends_with(',')) name.pop_back();
    names.push_back(std::move(name));
  }
  return names;
}

// Calls it with each percent sign of the value that begins at a line, and that is no "%%": the line, its number and the
// place in it.
template <class Do>
void for_each_percent(const Listing& listing, int number, Do&& with) {
  for (int at_line = number; const ListedLine* line = listing.line(at_line); ++at_line) {
    if (at_line > number && line->kind == ListedLine::Kind::Blank) continue;
    if (at_line > number && line->kind != ListedLine::Kind::Continuation) break;
    for (std::size_t at = line->text.find('%', line->value_at); at < line->end; at = line->text.find('%', at + 1)) {
      if (line->text.substr(at, 2) == "%%") {
        ++at;
      } else {
        with(*line, at_line, at);
      }
    }
  }
}

void report_percent(Checking& checking, const Spot& spot) {
  checking.report(Severity::Error, "percent", spot,
                  {"this percent sign begins nothing that can be expanded", "names are written %(here)s",
                   "write %% for a percent sign"});
}

// All names of the value that are not known, and percent signs that begin no name: the loader stops at the first one.
void report_names(Checking& checking, const Listing& listing, int line, const std::vector<std::string>& known) {
  std::vector<std::string_view> names{known.begin(), known.end()};
  std::vector<std::string_view> variables;
  std::string shown;
  for (const std::string_view name : names) {
    if (name.starts_with(kVariable)) {
      variables.push_back(name.substr(kVariable.size()));
    } else {
      shown += fmt::format("{}{}", shown.empty() ? "" : ", ", name);
    }
  }
  for_each_percent(listing, line, [&](const ListedLine& in, int number, std::size_t at) {
    const Spot spot = spot_at(listing, number, at);
    const std::size_t end = in.text.find(')', at);
    if (in.text.substr(at, 2) != "%(" || end >= in.end) return report_percent(checking, spot);
    const std::string name = in.text.substr(at + 2, end - at - 2);
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    std::string_view meant = closest(name, names);
    std::string fix = "write %% for a percent sign, or one of these names";
    if (name.starts_with(kVariable)) {
      const std::string_view variable = std::string_view{name}.substr(kVariable.size());
      if (closest(variable, variables).empty()) meant = {};  // the prefix alone is no likeness
      fix = fmt::format("set {} where supervisord is started, or in environment= of [supervisord]", variable);
    }
    if (!meant.empty()) fix = fmt::format("did you mean %({})s?", meant);
    checking.report(Severity::Error, "unknown-name", spot,
                    {fmt::format("%({}) cannot be expanded", name),
                     fmt::format("names known here: {}, and ENV_X for each variable X", shown), std::move(fix)});
  });
}

void report_bad_lines(Checking& checking, const std::string& file, const std::vector<int>& lines) {
  for (const int line : lines) {
    checking.report(
        Severity::Error, "syntax", checking.spot({file, line}),
        {"the line is neither [section] nor key=value", "one such line, and supervisord refuses the whole file",
         "write key=value, begin a comment with \";\", or indent the line to go on with the value above"});
  }
}

// Of a refused key: what it takes.
void report_value(Checking& checking, const Origin& origin, const ListedLine& line, std::string what) {
  const Listing& listing = checking.world().file(origin.file)->original();
  if (what.find("which cannot be expanded. Available names: ") != std::string::npos)
    return report_names(checking, listing, origin.line, available_names(what));
  if (what.find("is badly formatted: ") != std::string::npos) {
    std::optional<Spot> first;
    for_each_percent(listing, origin.line, [&](const ListedLine& in, int number, std::size_t at) {
      const bool is_name = in.text.substr(at, 2) == "%(" && in.text.find(')', at) < in.end;
      if (!first || !is_name) first = spot_at(listing, number, at);
    });
    if (line.key == "password") what = "the password is badly formatted";  // Supervisor's words would quote it
    return checking.report(
        Severity::Error, "percent", first.value_or(checking.spot(origin)),
        {std::move(what), "% begins a name to expand, as in %(here)s", "write %% for a percent sign"});
  }
  std::string why, fix;
  if (const auto key = row_of(line)) {
    why = fmt::format("{} takes: {}. {}", key->name, key->type, key->doc);
    if (why.ends_with('.')) why.pop_back();
    fix = fmt::format("for example {}={}", key->name, key->example);
  }
  if (what.starts_with("Invalid user name ")) {
    why = "there is no such user on this machine";
    fix = fmt::format("create the user (useradd --system {}), or name one that is there", what.substr(18));
  } else if (what.find("does not exist") != std::string::npos ||
             what.find("not an existing dir") != std::string::npos) {
    why = "directories are not made, they must be there before supervisord starts";
    fix = "make the directory (mkdir -p), or name one that is there";
  }
  checking.report(Severity::Error, "value", checking.spot(origin), {std::move(what), std::move(why), std::move(fix)});
}

std::string fix_of_section(const std::string& what) {
  if (what.find("does not specify a command") != std::string::npos) return "add command=, with the path of a program";
  if (what.find("no port value") != std::string::npos) return "add port=, for example port=127.0.0.1:9001";
  if (what.find("no file value") != std::string::npos) return "add file=, for example file=/run/supervisor.sock";
  if (what.find("\"events\" line") != std::string::npos) return "add events=, for example events=PROCESS_STATE";
  if (what.find("\"socket\" line") != std::string::npos) return "add socket=, for example socket=unix:///run/app.sock";
  if (what.find("%(process_num)") != std::string::npos) return "add process_name=%(program_name)s_%(process_num)02d";
  if (what.find("does not specify a supervisor.rpcinterface_factory") != std::string::npos)
    return "add supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface";
  if (what.find("because of character") != std::string::npos)
    return "choose a name without blank, colon and slash, as in [program:web_1]";
  if (what.find("incomplete authentication") != std::string::npos) return "add the other of username= and password=";
  if (what.find("stopasgroup=true and killasgroup=false") != std::string::npos) return "leave killasgroup away";
  if (what.find("no files setting") != std::string::npos) return "add files=, for example files=conf.d/*.conf";
  return {};
}

}  // namespace

void check_error(Checking& checking, const LoadError& error) {
  const Place place = place_of(error.where);
  const Origin origin{place.file, place.line};
  const std::string what = without_place(error.text);
  if (const auto bad = bad_lines_of(error); !bad.empty()) return report_bad_lines(checking, place.file, bad);
  if (what.starts_with("File contains no section headers")) {
    return checking.report(Severity::Error, "syntax", checking.spot(origin),
                           {"a line stands ahead of any section", "every key belongs to a section",
                            "write a header such as [supervisord] above it"});
  }
  if (what.find("codec can't decode") != std::string::npos) {
    return checking.report(Severity::Error, "encoding", checking.spot(origin),
                           {what, "files must be UTF-8", "convert the file, for example with iconv"});
  }
  const EditedFile* file = checking.world().file(place.file);
  const ListedLine* line = file ? file->original().line(place.line) : nullptr;
  if (line && line->kind == ListedLine::Kind::Key) return report_value(checking, origin, *line, what);
  if (what.find("does not include supervisord section") != std::string::npos) {
    return checking.report(Severity::Error, "section", {place.file, 0, 0},
                           {"there is no section [supervisord]", "supervisord takes a file only with it",
                            "add a line [supervisord]; keys are not necessary"});
  }
  checking.report(Severity::Error, line ? "section" : "file", checking.spot(origin), {what, {}, fix_of_section(what)});
}

}  // namespace upkeep::config
