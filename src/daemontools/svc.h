// svc [-udopchaitkx…] DIR...: writes command letters into supervise/control of each service directory. All options are
// read before anything is written. Success means that the bytes are queued, not that they had an effect.
#pragma once

namespace upkeep::daemontools {

// 0, whatever happens with single directories (each has its warning); kUsageError; kFatal when the directory it was
// started in cannot be opened or come back to.
int svc_main(int argc, char** argv);

}  // namespace upkeep::daemontools
