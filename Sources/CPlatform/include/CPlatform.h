/// Headers that `import Glibc` leaves out, and processor instructions that Swift cannot reach.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <sys/random.h>

#endif
