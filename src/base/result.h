// What a fallible operation returns: a value or an Error that says what was tried and why it failed.
//
// Anything that a user, a peer, a file or the kernel can cause is a Result; broken invariants abort.
// Nothing of ours throws.
#pragma once

#include <cerrno>
#include <string>
#include <type_traits>
#include <utility>

#include <tl/expected.hpp>

namespace upkeep {

struct Error {
  // A sentence without a full stop, outermost context first: "program:web: open /x: Permission denied".
  std::string text;
  int code = 0;  // errno, or 0 where no system call is to blame

  // `what` names operation and subject ("open /var/log/x"); the errno's own text is appended.
  static Error from_errno(const std::string& what, int code = errno);
  Error context(const std::string& outer) && { return {outer + ": " + std::move(text), code}; }
};

template <class T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: an Error is a Result of any type
};

namespace detail {
template <class T, class E>
T upkeep_take(tl::expected<T, E>&& result) {
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
}  // namespace detail

}  // namespace upkeep

// TRY(expr): the value of a Result, or of any other tl::expected; an error returns from the enclosing function as it
// is. One TRY may stand within another: each has a variable of its own.
#define TRY(expr) UPKEEP_TRY_NAMED(expr, UPKEEP_TRY_NAME(__COUNTER__))
#define UPKEEP_TRY_NAME(number) UPKEEP_TRY_JOIN(upkeep_result_, number)
#define UPKEEP_TRY_JOIN(name, number) name##number
// NOLINTBEGIN(bugprone-macro-parentheses): `result` is a name, not an expression
#define UPKEEP_TRY_NAMED(expr, result)                \
  ({                                                  \
    auto result = (expr);                             \
    if (!result) return std::move(result).error();    \
    ::upkeep::detail::upkeep_take(std::move(result)); \
  })
// NOLINTEND(bugprone-macro-parentheses)
