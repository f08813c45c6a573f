#include "rpc/web_form.h"

#include <functional>

#include "base/text.h"
#include "rpc/web_text.h"

namespace upkeep::rpc {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A percent sign that begins no escape stands for itself, as with Python's unquote.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size();
    const int high = escape ? hex_digit(text[i + 1]) : -1, low = escape ? hex_digit(text[i + 2]) : -1;
    if (high >= 0 && low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return repaired_utf8(out);
}

void read_pairs(std::string_view text, const std::function<void(std::string name, std::string value)>& take) {
  for (const std::string& pair : split(text, '&')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals + 1 == pair.size()) continue;
    take(decoded(std::string_view{pair}.substr(0, equals)), decoded(std::string_view{pair}.substr(equals + 1)));
  }
}

}  // namespace

Form read_form(const wire::HttpRequest& request) {
  Form form;
  const std::string_view target = std::string_view{request.target}.substr(0, request.target.find('#'));
  if (const std::size_t query = target.find('?'); query != std::string_view::npos)
    read_pairs(target.substr(query + 1), [&](std::string name, std::string value) {
      form.try_emplace(std::move(name), std::move(value));  // the first one counts
    });
  if (request.method == "POST")
    read_pairs(request.body, [&](std::string name, std::string value) { form[std::move(name)] = std::move(value); });
  return form;
}

std::string field(const Form& form, std::string_view name) {
  const auto found = form.find(name);
  return found == form.end() ? std::string{} : found->second;
}

}  // namespace upkeep::rpc
