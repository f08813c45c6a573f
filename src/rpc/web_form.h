// What a request to the web page asks for: the query of its target and, of a POST, its body, as
// application/x-www-form-urlencoded (whatever its Content-Type says).
//
// As Supervisor reads them: empty values are left out; of several values of a name the first counts in the query and
// the last in the body; the body wins over the query. Values are UTF-8; other bytes become U+FFFD.
#pragma once

#include <map>
#include <string>

#include "wire/http.h"

namespace upkeep::rpc {

using Form = std::map<std::string, std::string, std::less<>>;

Form read_form(const wire::HttpRequest& request);

// The value of `name`, or "".
std::string field(const Form& form, std::string_view name);

}  // namespace upkeep::rpc
