#include "rpc/authorization.h"

#include <sha1.h>

#include <array>
#include <string_view>

#include "base/text.h"
#include "wire/http.h"

namespace upkeep::rpc {
namespace {

constexpr std::string_view kShaPrefix = "{SHA}";

// In a time that depends on the lengths only.
bool same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  volatile unsigned char difference = 0;  // volatile: or the compiler may stop at the first one
  for (std::size_t i = 0; i < a.size(); ++i) difference = difference | static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

std::string sha1_hex(std::string_view bytes) {
  std::array<char, SHA1_DIGEST_STRING_LENGTH> hex{};
  ::SHA1Data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), hex.data());
  return hex.data();
}

bool is_password(std::string_view sent, const std::string& stored) {
  if (!stored.starts_with(kShaPrefix)) return same(sent, stored);
  return same(sha1_hex(sent), lower(stored.substr(kShaPrefix.size())));
}

}  // namespace

Verdict judge_authorization(const std::optional<std::string>& header, const config::Credentials& wanted) {
  const std::string_view value = trim(header ? std::string_view{*header} : std::string_view{});
  const auto blank = value.find(' ');
  if (blank == std::string_view::npos || lower(value.substr(0, blank)) != "basic") return Verdict::Unauthorized;
  const auto token = wire::base64_decode(trim(value.substr(blank)));
  if (!token) return Verdict::Malformed;
  const auto colon = token->find(':');
  if (colon == std::string::npos) return Verdict::Unauthorized;
  const bool user = same(std::string_view{*token}.substr(0, colon), wanted.username);
  const bool password = is_password(std::string_view{*token}.substr(colon + 1), wanted.password);
  return user && password ? Verdict::Welcome : Verdict::Unauthorized;
}

}  // namespace upkeep::rpc
