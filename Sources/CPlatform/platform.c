#define _GNU_SOURCE
#include "CPlatform.h"

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int platform_accept4(int listener, int flags) { return accept4(listener, NULL, NULL, flags); }

int platform_rename_no_replace(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int platform_rename_exchange(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

int platform_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

int platform_spawn_in_folder(void *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}

void platform_name_thread(const char *name) {
  char shown[16] = {0};
  strncpy(shown, name, sizeof shown - 1);
  pthread_setname_np(pthread_self(), shown);
}

void platform_prefetch(const uintptr_t *addresses, size_t count) {
  for (size_t index = 0; index < count; index++)
    __builtin_prefetch((const void *)addresses[index]);
}
