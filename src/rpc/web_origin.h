// Who may make a browser act here: keeps foreign web pages from starting and stopping programs through the browser of
// somebody who may. Programs (curl, requests, scrapers, XML-RPC clients) are never refused: they send none of what is
// judged. docs/web.md has the reasoning and what each rule costs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "wire/http.h"

namespace upkeep::rpc {

// The names under which a server is known, and whether a foreign name may lead to it.
struct SiteNames {
  // Only a TCP server without credentials: browsers cannot open unix sockets, and have no password for a foreign name.
  bool can_be_rebound = false;
  std::vector<std::string> names;  // in lower case, beside addresses, localhost and names nobody can register
};

// Why a request, whatever it is for, gets no answer but this sentence: the name by which a browser reached us may have
// been led here by a foreign page, which could then read what we answer (DNS rebinding). nullopt: it may be answered.
std::optional<std::string> why_hidden(const wire::HttpRequest& request, const SiteNames& site);

// Why a request that would change something is refused: a sentence for the user. nullopt: it may be carried out.
std::optional<std::string> why_refused(const wire::HttpRequest& request);

}  // namespace upkeep::rpc
