// The option strip_ansi: output without the escape sequences that colour it (Supervisor dispatchers.py
// stripEscapes()). Pure.
#pragma once

#include <string>
#include <string_view>

namespace upkeep::logs {

// Drops everything from "ESC [" through the next byte that is one of HfABCDRsuJKhlpm. Exactly Supervisor's rule, with
// its consequences: a sequence that ends otherwise takes the text behind it along, up to such a byte or the end of the
// chunk; other escapes ("ESC ]") stay; nothing is remembered from one chunk to the next.
std::string strip_ansi(std::string_view chunk);

}  // namespace upkeep::logs
