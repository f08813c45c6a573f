#include "rpc/authorization.h"

#include <sha1.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "wire/http.h"

namespace upkeep::rpc {
namespace {

constexpr std::string_view kShaPrefix = "{SHA}";

using Digest = std::array<std::uint8_t, SHA1_DIGEST_LENGTH>;

Digest digest(std::string_view bytes) {
  Digest out{};
  SHA1_CTX context;
  ::SHA1Init(&context);
  ::SHA1Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  ::SHA1Final(out.data(), &context);
  return out;
}

// Of 40 hexadecimal digits; nullopt: it is none, and fits no password.
std::optional<Digest> digest_from(std::string_view hex) {
  if (hex.size() != 2 * SHA1_DIGEST_LENGTH) return std::nullopt;
  Digest out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::string_view pair = hex.substr(2 * i, 2);
    const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(), out[i], 16);
    if (error != std::errc{} || end != pair.data() + pair.size()) return std::nullopt;
  }
  return out;
}

// Always looks at every byte. Texts are compared by their digests, which are all of one length: so neither the length
// nor the beginning of what is stored shows in the time it takes.
bool same(const Digest& a, const Digest& b) {
  volatile std::uint8_t difference = 0;  // volatile: or the compiler may stop at the first one
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

bool is_password(std::string_view sent, const std::string& stored) {
  if (!stored.starts_with(kShaPrefix)) return same(digest(sent), digest(stored));
  const auto wanted = digest_from(std::string_view{stored}.substr(kShaPrefix.size()));
  return wanted && same(digest(sent), *wanted);
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
  const bool user = same(digest(std::string_view{*token}.substr(0, colon)), digest(wanted.username));
  const bool password = is_password(std::string_view{*token}.substr(colon + 1), wanted.password);
  return user && password ? Verdict::Welcome : Verdict::Unauthorized;
}

}  // namespace upkeep::rpc
