#define _GNU_SOURCE
#include "CPlatform.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int platform_accept4(int listener, int flags) { return accept4(listener, NULL, NULL, flags); }

int platform_rename_no_replace(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int platform_rename_exchange(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

void platform_name_thread(const char *name) {
  char shown[16] = {0};
  strncpy(shown, name, sizeof shown - 1);
  pthread_setname_np(pthread_self(), shown);
}
