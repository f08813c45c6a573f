#include "multilog/line_filter.h"

#include <gtest/gtest.h>

#include <random>

namespace upkeep::multilog {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{1'000'000'000s};

// What a script does with an input that comes in pieces of a size.
struct Played {
  Played(const std::vector<std::string>& words, const std::string& input, std::size_t piece,
         Dialect dialect = Dialect::Original)
      : script(parse_script(words, dialect)), filter(script), outputs(script), directories(script.directories.size()) {
    std::string held;
    for (std::size_t at = 0; at < input.size(); at += piece) {
      held += input.substr(at, piece);
      std::string_view view = held;
      while (!view.empty()) {
        const std::size_t taken = filter.take(view, kNow, LineFilter::Until::NoMoreLines, outputs);
        collect();
        if (taken == 0) break;
        view.remove_prefix(taken);
      }
      held = view;
    }
    filter.finish(held, kNow, outputs);
    collect();
  }

  void collect() {
    for (std::size_t i = 0; i < directories.size(); ++i) directories[i] += outputs.directories[i].bytes();
    standard_error += outputs.standard_error;
    for (const auto& line : outputs.status_lines)
      if (line.order > 0) status = line.text;
    outputs.clear();
  }

  Script script;
  LineFilter filter;
  Outputs outputs;
  std::vector<std::string> directories;
  std::string standard_error, status;
};

TEST(LineFilter, PassesEverythingOn) {
  EXPECT_EQ(Played({"./d"}, "a\n\nb\n", 100).directories[0], "a\n\nb\n");
  EXPECT_EQ(Played({"./d"}, "a\nb", 100).directories[0], "a\nb\n");
  EXPECT_EQ(Played({"./d"}, "", 100).directories[0], "");
}

TEST(LineFilter, SelectionFlowsFromLeftToRight) {
  const Played run({"-two", "./c", "+two", "-one", "./d", "e"}, "one\ntwo\nthree\n", 100);
  EXPECT_EQ(run.directories, (std::vector<std::string>{"one\nthree\n", "two\nthree\n"}));
  EXPECT_EQ(run.standard_error, "two\nthree\n");
}

TEST(LineFilter, StandardErrorGetsTwoHundredBytes) {
  const std::string line(200, 'x');
  EXPECT_EQ(Played({"e"}, line + "\n", 100).standard_error, line + "\n");
  EXPECT_EQ(Played({"e"}, line + "y\n", 100).standard_error, line + "...\n");
}

TEST(LineFilter, StatusIsTheLastSelectedLine) {
  EXPECT_EQ(Played({"-three", "=f"}, "one\ntwo\nthree\n", 100).status, "two");
  EXPECT_EQ(Played({"=f"}, std::string(1500, 'x') + "\n", 4000).status, std::string(1000, 'x'));
}

TEST(LineFilter, HoldsBackTheBeginningOfALine) {
  const Script script = parse_script({"./d"}, Dialect::Original);
  LineFilter filter{script};
  Outputs outputs{script};
  EXPECT_EQ(filter.take("a\nhalf", kNow, LineFilter::Until::NoMoreLines, outputs), 2U);
  EXPECT_EQ(outputs.directories[0].bytes(), "a\n");
  EXPECT_FALSE(filter.is_between_lines("half"));
  outputs.clear();
  const std::string long_line(1000, 'x');
  EXPECT_EQ(filter.take(long_line, kNow, LineFilter::Until::NoMoreLines, outputs), 1000U);
  EXPECT_EQ(outputs.directories[0].bytes(), long_line);
  EXPECT_FALSE(filter.is_between_lines(""));
}

TEST(LineFilter, StampsALineWithTheMomentOfItsFirstByte) {
  const Script script = parse_script({"t", "./d"}, Dialect::Original);
  LineFilter filter{script};
  Outputs outputs{script};
  EXPECT_EQ(filter.take("ha", kNow, LineFilter::Until::NoMoreLines, outputs), 0U);
  EXPECT_EQ(filter.take("half\n", kNow + 1s, LineFilter::Until::NoMoreLines, outputs), 5U);
  EXPECT_EQ(outputs.directories[0].bytes(), to_text(to_tai64n(kNow)) + " half\n");
}

TEST(LineFilter, TakesOneLineWhenItIsToStop) {
  const Script script = parse_script({"./d"}, Dialect::Original);
  LineFilter filter{script};
  Outputs outputs{script};
  EXPECT_EQ(filter.take("one\ntwo\n", kNow, LineFilter::Until::EndOfLine, outputs), 4U);
  EXPECT_EQ(outputs.directories[0].bytes(), "one\n");
}

TEST(LineFilter, OrdersStatusLinesOfABatch) {
  const Script script = parse_script({"=a", "-two", "=b"}, Dialect::Original);
  LineFilter filter{script};
  Outputs outputs{script};
  (void)filter.take("one\ntwo\n", kNow, LineFilter::Until::NoMoreLines, outputs);
  EXPECT_GT(outputs.status_lines[0].order, outputs.status_lines[1].order);
}

// Whatever the pieces, the result is the same; with and without the shortcut for scripts that select everything.
TEST(LineFilter, PiecesMakeNoDifference) {
  std::mt19937 random{7};
  std::string input;
  for (int line = 0; line < 400; ++line)
    input += std::string(random() % (line % 20 == 0 ? 4000 : 60), static_cast<char>('a' + random() % 4)) + "\n";
  input += "end";
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"./d"}, {"-b*", "./d", "+*a", "./e", "e"}, {"h", "-* c*", "./d"}, {"-*", "=s", "./d", "+aa*", "./e"}}) {
    const Played whole(words, input, input.size());
    for (const std::size_t piece : {1u, 7u, 999u, 1000u, 1001u, 4096u}) {
      const Played pieces(words, input, piece);
      EXPECT_EQ(pieces.directories, whole.directories) << words.front() << " " << piece;
      EXPECT_EQ(pieces.standard_error, whole.standard_error) << words.front() << " " << piece;
      EXPECT_EQ(pieces.status, whole.status) << words.front() << " " << piece;
    }
  }
}

TEST(LineFilter, LargeInputsStopWhenTheOutputIsFull) {
  const std::string input(200'000, '\n');  // 27 bytes each
  const Played run({"h", "./d"}, input, input.size());
  EXPECT_EQ(run.directories[0].size(), input.size() * 27);
}

}  // namespace
}  // namespace upkeep::multilog
