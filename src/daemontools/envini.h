// envini [-p PREFIX] FILE CHILD [ARGUMENT...] (daemontools-encore): runs a program with the variables of an ini file in
// its environment (variable_text.h). A missing file has none.
#pragma once

namespace upkeep::daemontools {

int envini_main(int argc, char** argv);  // usage errors are kFatal, too

}  // namespace upkeep::daemontools
