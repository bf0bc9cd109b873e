#define _GNU_SOURCE
#include "CPlatform.h"

#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int platform_accept4(int listener, int flags) { return accept4(listener, NULL, NULL, flags); }

int platform_rename_no_replace(const char *from, const char *to) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

int platform_rename_exchange(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

static int status_without_times(
    int folder, const char *path, int flags, struct platform_status *status) {
  struct statx found;
  if (statx(folder, path, flags, STATX_TYPE | STATX_SIZE | STATX_NLINK | STATX_INO, &found) < 0)
    return -1;
  status->mode = found.stx_mode;
  status->size = found.stx_size;
  status->links = found.stx_nlink;
  status->device = makedev(found.stx_dev_major, found.stx_dev_minor);
  status->inode = found.stx_ino;
  return 0;
}

int platform_status_at(const char *path, struct platform_status *status) {
  return status_without_times(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status);
}

int platform_status_of(int number, struct platform_status *status) {
  return status_without_times(number, "", AT_EMPTY_PATH, status);
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
