// What the manual says of the configuration's keys, in scdoc's markup: written from the table of keys, so that it
// cannot differ from what the daemon takes. docs/man/print_keys.cc is the program that prints it.
#pragma once

#include <string>
#include <string_view>

namespace upkeep::tools {

// The keys of one kind of section ("program"): what each is for, its type, default, an example, the names that expand
// in it, and since which version Supervisor knows it, if it does. Required keys first, then by name. Empty: no such
// section.
std::string key_reference(std::string_view section);

// The options of supervisord's command line that are keys of [supervisord], too, by name.
std::string option_reference();

}  // namespace upkeep::tools
