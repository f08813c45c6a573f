// envdir DIR CHILD [ARGUMENT...]: runs a program with its environment changed by the files of a directory: name and
// first line of each are a variable, an empty file removes one. encore's dialect has -p PREFIX, put before the names.
#pragma once

namespace upkeep::daemontools {

int envdir_main(int argc, char** argv);  // usage errors are kFatal, too

}  // namespace upkeep::daemontools
