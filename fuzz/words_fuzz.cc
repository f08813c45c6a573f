// Command lines: that of a program (command=), of supervisord, of supervisorctl, a line typed at its prompt, the
// address of a server. All are read without a look at anything outside.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../tests/fakes/fake_world.h"
#include "base/shell_words.h"
#include "config/command_line.h"
#include "config/daemontools.h"
#include "ctl/input_line.h"
#include "ctl/namespec.h"
#include "ctl/options.h"
#include "ctl/target.h"

using namespace upkeep;

namespace {

// Quotes a word so that reading it gives it back.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  return text + "'";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const ctl::InputLine line = ctl::parse_input_line(text);
  if (line.text.size() > text.size() + std::string_view{"shell "}.size()) std::abort();
  const ctl::Namespec name = ctl::split_namespec(text);
  if (name.process && name.group != *name.process && ctl::make_namespec(name.group, *name.process) != text)
    std::abort();
  if (const auto address = ctl::parse_url(text)) (void)address->host_header();

  auto words = split_shell_words(text);
  if (!words) return 0;
  std::string again;
  for (const std::string& word : *words) again += quoted(word) + " ";
  if (split_shell_words(again).value() != *words) std::abort();
  FakeWorld world;
  (void)ctl::parse_options(*words);
  words->insert(words->begin(), "supervisord");
  (void)config::parse_command_line(*words, world);
  words->front() = "svscan";
  (void)config::load_daemontools(*words, world);
  return 0;
}
