// Several lambdas as one function object, for std::visit.
#pragma once

namespace upkeep {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;  // clang 14 does not deduce it from the aggregate

}  // namespace upkeep
