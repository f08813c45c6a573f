// The pages as text: data in, HTML out. Server-rendered, no scripts.
//
// Programs read these pages, too. What they look for is Supervisor's (ui/status.html, ui/tail.html) and has to stay:
// the title; the message in `<div class="status_msg">`; for each process a row of the classes "" and "shade" in turn
// with the cells State (`<td class="status"><span class="statusrunning|statuserror|statusnominal">`), Description, Name
// (a link to tail.html) and Action (five `<li>`); relative links. Everything else is our own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/control.h"

namespace upkeep::rpc {

struct StatusView {
  engine::DaemonInfo daemon;
  std::vector<engine::ProcessInfo> processes;  // in the order to show
  std::string message;                         // empty: none
};
std::string status_page(const StatusView& view);

struct TailView {
  std::string name;  // as asked for; empty: none was
  std::string text;  // of the log, or why there is none
  std::int64_t limit = 0;
};
std::string tail_page(const TailView& view);

std::string refusal_page(std::string_view reason);  // of a request that would change something

}  // namespace upkeep::rpc
