// What a misspelt word was probably meant to be.
#pragma once

#include <string_view>
#include <vector>

namespace upkeep::config {

// The known word that this one is most likely meant to be; empty: none is close.
std::string_view closest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace upkeep::config
