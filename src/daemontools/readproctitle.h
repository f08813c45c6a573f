// readproctitle [WORD...] DOTS: shows the newest bytes of standard input in its own command line, where ps shows them.
//
// The last argument is the window: all of it becomes dots, and bytes are shifted in from the right. Its first three
// dots stay, as a sign that there was more. Status 0 at the end of the input, kUsageError without five bytes of window,
// kFatal when reading fails; never a message.
#pragma once

#include <string_view>

namespace upkeep::daemontools {

// Shifts `bytes` into the window; NULs are left out, since they would end the argument.
void shift_in(char* window, std::size_t size, std::string_view bytes);

int readproctitle_main(int argc, char** argv);

}  // namespace upkeep::daemontools
