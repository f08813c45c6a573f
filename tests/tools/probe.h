// probe: the child program of the integration tests. Each sub-command misbehaves, or reports, in one well-defined way.
#pragma once

#include <span>
#include <string_view>

namespace probe {

using Arguments = std::span<char* const>;  // those after the sub-command

// The value after `--name`, or `fallback`. Dies with a message when the value is missing.
std::string_view option(Arguments arguments, std::string_view name, std::string_view fallback);
bool has_flag(Arguments arguments, std::string_view name);
long number(std::string_view text);                  // dies with a message on anything but a decimal number
long number_at(Arguments arguments, std::size_t i);  // the same for a positional argument

[[noreturn]] void die(std::string_view what);  // "probe: WHAT: <errno text>", exit 111
[[noreturn]] void sleep_for_ever();            // until a signal ends the process
void sleep_ms(long ms);

// Writes all of it with as few write(2) as the kernel allows, one for a pipe with up to PIPE_BUF bytes.
void put(int fd, std::string_view text);

int run_lines(Arguments arguments);       // lines.cc: numbered lines, with the time each write took
int check_lines(Arguments arguments);     // check_lines.cc: what became of them in the logs
int deny_new_calls(Arguments arguments);  // deny.cc: as on an old kernel
int deny_inotify(Arguments arguments);    // deny.cc: as where there are too many inotify instances
int run_life(Arguments arguments);        // life.cc: a program that accounts for itself
int run_listen(Arguments arguments);      // listen.cc: an event listener that accounts for itself
int report(Arguments arguments);          // report.cc: what the process was started with

}  // namespace probe
