// Bytes as parts of a page: anything may come in (names, log bytes, what a client sent), only harmless text goes out.
#pragma once

#include <string>
#include <string_view>

namespace upkeep::rpc {

// For element contents and quoted attribute values. What is no UTF-8 becomes U+FFFD; control characters other than tab,
// LF and CR become their pictures (U+2400...), since neither HTML nor a reader can do anything with the real ones.
std::string html(std::string_view bytes);

// Percent-encoded for paths and queries: letters, digits and "_.-~/" stay (Python's urllib.parse.quote).
std::string url_quote(std::string_view bytes);

// As Python decodes with errors="replace": each byte that starts no valid character becomes U+FFFD.
std::string repaired_utf8(std::string_view bytes);

}  // namespace upkeep::rpc
