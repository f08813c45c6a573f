// HTTP Basic authentication as Supervisor knows it (medusa auth_handler.py, supervisor http.py).
#pragma once

#include <optional>
#include <string>

#include "engine/front_end.h"

namespace upkeep::rpc {

enum class Verdict { Welcome, Unauthorized, Malformed };  // 401 and 400

// `header` is the value of Authorization. A stored password "{SHA}" + hex is compared with the SHA-1 of the one sent.
// Neither comparison tells by its duration how much was right, nor how long what is stored is.
Verdict judge_authorization(const std::optional<std::string>& header, const config::Credentials& wanted);

}  // namespace upkeep::rpc
