#include "rpc/web_page.h"

#include <fmt/core.h>

#include <algorithm>

#include "rpc/supervisor_api.h"
#include "rpc/web_text.h"

namespace upkeep::rpc {
namespace {

using core::State;
using engine::ProcessInfo;

// Well-formed XML as well, for those who read pages with an XML parser.
std::string page(std::string_view title, std::string_view body_class, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n"
      "<html lang=\"en\">\n"
      "<head>\n"
      "  <meta charset=\"utf-8\" />\n"
      "  <meta content=\"width=device-width, initial-scale=1\" name=\"viewport\" />\n"
      "  <meta content=\"light dark\" name=\"color-scheme\" />\n"
      "  <title>{}</title>\n"
      "  <link href=\"stylesheets/supervisor.css\" rel=\"stylesheet\" type=\"text/css\" />\n"
      "  <link href=\"images/icon.png\" rel=\"icon\" sizes=\"32x32\" type=\"image/png\" />\n"
      "  <link href=\"images/icon.svg\" rel=\"icon\" type=\"image/svg+xml\" />\n"
      "</head>\n"
      "<body class=\"{}\">\n"
      "{}"
      "</body>\n"
      "</html>\n",
      title, body_class, body);
}

std::string namespec(const ProcessInfo& process) {
  return process.name == process.group ? process.name : process.group + ":" + process.name;
}

bool is_in_trouble(State state) { return state == State::Fatal || state == State::Backoff; }

std::string_view class_of(State state) {
  if (state == State::Running) return "statusrunning";
  return is_in_trouble(state) ? "statuserror" : "statusnominal";
}

std::string lower_name(State state) {
  std::string name{core::name_of(state)};
  for (char& c : name) c = static_cast<char>(c | 0x20);
  return name;
}

// --- the message

bool tells_of_failure(std::string_view message) {
  return message.starts_with("ERROR") || message.starts_with("unexpected rpc fault") ||
         message.starts_with("No such process");
}

// It takes the focus, so that a screen reader says it first on a page that is new after each action.
std::string message_box(const std::string& message) {
  if (message.empty()) return "  <div class=\"hidden\">#</div>\n";
  return fmt::format(
      "  <div aria-live=\"polite\" autofocus=\"autofocus\" class=\"message{}\" role=\"status\" tabindex=\"-1\">\n"
      "    <div class=\"status_msg\">{}</div>\n"
      "  </div>\n",
      tells_of_failure(message) ? " failure" : "", html(message));
}

// --- the table

std::string action_item(std::string_view link) { return fmt::format("          <li>{}</li>\n", link); }

// Ten links of a page may read "Stop": the label says which process is meant.
std::string action_link(std::string_view label, const std::string& name, const std::string& address,
                        bool new_window = false) {
  return action_item(fmt::format("<a href=\"{}\" name=\"{}\"{} aria-label=\"{} {}\">{}</a>", html(address), label,
                                 new_window ? " target=\"_blank\"" : "", label, html(name), label));
}

std::string actions(const ProcessInfo& process) {
  const std::string name = namespec(process), quoted = url_quote(name);
  const auto verb = [&](std::string_view label, std::string_view action) {
    return action_link(label, name, fmt::format("index.html?processname={}&action={}", quoted, action));
  };
  const std::string nothing = action_item("<a class=\"hidden\" href=\"#\" name=\"#\">Action</a>");
  std::string items;
  switch (process.state) {
    case State::Running: items = verb("Restart", "restart") + verb("Stop", "stop"); break;
    case State::Stopped:
    case State::Exited:
    case State::Fatal: items = verb("Start", "start") + nothing; break;
    default: items = nothing + nothing; break;
  }
  items += verb("Clear Log", "clearlog");
  items += action_link("Tail -f Stdout", name, "logtail/" + quoted, true);
  items += action_link("Tail -f Stderr", name, "logtail/" + quoted + "/stderr", true);
  return items;
}

std::string row(const ProcessInfo& process, bool shaded) {
  const std::string name = namespec(process);
  return fmt::format(
      "      <tr class=\"{}\">\n"
      "        <td class=\"status\"><span class=\"{}\">{}</span></td>\n"
      "        <td><span>{}</span></td>\n"
      "        <td><a href=\"tail.html?processname={}\" target=\"_blank\">{}</a></td>\n"
      "        <td class=\"action\"><ul>\n"
      "{}"
      "        </ul></td>\n"
      "      </tr>\n",
      shaded ? "shade" : "", class_of(process.state), lower_name(process.state), html(process.description),
      html(url_quote(name)), html(name), actions(process));
}

std::string summary(const std::vector<ProcessInfo>& processes) {
  const auto count = [&](const auto& holds) {
    return std::count_if(processes.begin(), processes.end(), [&](const ProcessInfo& p) { return holds(p.state); });
  };
  const auto running = count([](State state) { return state == State::Running; });
  const auto troubled = count(is_in_trouble);
  std::string text = fmt::format("{} of {} running", running, processes.size());
  if (troubled > 0) text += fmt::format(", {} in trouble", troubled);
  return text;
}

std::string table(const std::vector<ProcessInfo>& processes) {
  if (processes.empty()) return "  <p id=\"processes\">No programs to manage</p>\n";
  std::string rows;
  bool shaded = false;
  for (const ProcessInfo& process : processes) {
    rows += row(process, shaded);
    shaded = !shaded;
  }
  return fmt::format(
      "  <table id=\"processes\">\n"
      "    <caption>Processes: {}</caption>\n"
      "    <thead>\n"
      "      <tr>\n"
      "        <th class=\"state\" scope=\"col\">State</th>\n"
      "        <th class=\"desc\" scope=\"col\">Description</th>\n"
      "        <th class=\"name\" scope=\"col\">Name</th>\n"
      "        <th class=\"action\" scope=\"col\">Action</th>\n"
      "      </tr>\n"
      "    </thead>\n"
      "    <tbody>\n"
      "{}"
      "    </tbody>\n"
      "  </table>\n",
      summary(processes), rows);
}

constexpr std::string_view kButtons =
    "  <nav aria-label=\"All processes\">\n"
    "    <ul class=\"clr\" id=\"buttons\">\n"
    "      <li class=\"action-button\"><a href=\"index.html?action=refresh\">Refresh</a></li>\n"
    "      <li class=\"action-button\"><a href=\"index.html?action=restartall\">Restart All</a></li>\n"
    "      <li class=\"action-button\"><a href=\"index.html?action=stopall\">Stop All</a></li>\n"
    "    </ul>\n"
    "  </nav>\n";

}  // namespace

std::string status_page(const StatusView& view) {
  return page(
      "Supervisor Status", "status-page",
      fmt::format(
          "<a class=\"skip\" href=\"#processes\">Skip to the processes</a>\n"
          "<header id=\"header\">\n"
          "  <img alt=\"\" height=\"32\" src=\"images/icon.svg\" width=\"32\" />\n"
          "  <h1>Supervisor Status</h1>\n"
          "  <p>{}, pid {}{}</p>\n"
          "</header>\n"
          "<main>\n"
          "{}{}{}"
          "</main>\n"
          "<footer class=\"clr\" id=\"footer\">Upkeep <span>{}</span>, in place of Supervisor <span>{}</span>{}"
          "</footer>\n",
          html(view.daemon.identifier), view.daemon.pid,
          view.daemon.shutting_down ? " <strong>is shutting down</strong>" : "", message_box(view.message), kButtons,
          table(view.processes), UPKEEP_VERSION, kSupervisorVersion,
          view.daemon.alarm.empty() ? "" : fmt::format(" <strong>Alarm: {}</strong>", html(view.daemon.alarm))));
}

std::string tail_page(const TailView& view) {
  const std::string name = html(view.name);
  // Supervisor's page is about "None" then, and offers nothing.
  const std::string controls =
      view.name.empty() ? ""
                        : fmt::format(
                              "<form action=\"tail.html\" id=\"tail\" method=\"get\">\n"
                              "  <input name=\"processname\" type=\"hidden\" value=\"{0}\" />\n"
                              "  <a class=\"button\" href=\"tail.html?processname={1}&amp;limit={2}\">Refresh</a>\n"
                              "  <label for=\"limit\">Last bytes</label>\n"
                              "  <input id=\"limit\" inputmode=\"numeric\" min=\"1024\" name=\"limit\" step=\"1\" "
                              "type=\"number\" value=\"{2}\" />\n"
                              "  <button type=\"submit\">Show</button>\n"
                              "</form>\n",
                              name, html(url_quote(view.name)), view.limit);
  return page(fmt::format("Supervisor tail of process {}", view.name.empty() ? "None" : name), "tail-page",
              fmt::format("<header id=\"header\">\n"
                          "  <h1>{0}</h1>\n"
                          "  <p><a href=\"index.html\">All processes</a></p>\n"
                          "</header>\n"
                          "<main>\n"
                          "{1}"
                          "<div aria-label=\"{0}\" class=\"log\" role=\"region\" tabindex=\"0\">\n"
                          "<pre>{2}</pre>\n"
                          "</div>\n"
                          "</main>\n",
                          view.name.empty() ? "No process" : "Log of " + name, controls, html(view.text)));
}

std::string refusal_page(std::string_view reason) {
  return page("Refused", "refusal-page",
              fmt::format("<header id=\"header\">\n"
                          "  <h1>Refused</h1>\n"
                          "</header>\n"
                          "<main>\n"
                          "  <p>Nothing has been changed. {}</p>\n"
                          "  <p><a class=\"button\" href=\"index.html\">Status page</a></p>\n"
                          "</main>\n",
                          html(reason)));
}

}  // namespace upkeep::rpc
