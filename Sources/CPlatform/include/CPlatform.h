/// Headers that `import Glibc` leaves out, and processor instructions that Swift cannot reach.
///
/// Nothing here decides anything. What a function computes is defined by its twin in
/// CohortFormat/Checksums, written in Swift, which also runs where the instructions are missing.
#ifndef CPLATFORM_H
#define CPLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/types.h>

// System calls whose declarations hide behind _GNU_SOURCE, which the Glibc module does not set.
// They return -1 and set errno like the originals.

/// accept4(2), without the peer's address. Ask getpeername(2) for that.
int platform_accept4(int listener, int flags);

/// renameat2(2) with RENAME_NOREPLACE, both paths relative to the current folder: EEXIST if there
/// is something at `to`.
int platform_rename_no_replace(const char *from, const char *to);

/// renameat2(2) with RENAME_EXCHANGE: both names stand all the time, for other files.
int platform_rename_exchange(const char *one, const char *other);

/// What statx(2) tells of a file, but for its times.
struct platform_status {
  uint32_t mode;
  uint64_t size, links, device, inode;
};

/// statx(2) of a name, of a symbolic link itself, without asking for times.
///
/// To ask a file for its times makes the next write give it new ones (since Linux 6.13), and each
/// sync behind that write the inode too: a second trip to the disk.
int platform_status_at(const char *path, struct platform_status *status);

/// The same of an open file.
int platform_status_of(int number, struct platform_status *status);

/// pipe2(2) with O_CLOEXEC: two descriptors into `ends`, the one to read from first.
int platform_pipe(int *ends);

/// posix_spawn_file_actions_addchdir_np(3), for a `posix_spawn_file_actions_t`. Returns a number of
/// errno.
int platform_spawn_in_folder(void *actions, const char *folder);

/// Sends bytes over a Unix-domain stream socket, and with the first of them copies of descriptors
/// (`SCM_RIGHTS`, unix(7)). Never raises SIGPIPE. Returns how many bytes were taken.
ssize_t platform_send_descriptors(
    int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count);

/// Receives bytes, and descriptors that came with them, closed on exec.
///
/// `descriptor_count` is how many fit, and then how many came. Too many: none is kept, -1, EPROTO.
ssize_t platform_receive_descriptors(
    int socket, void *bytes, size_t capacity, int *descriptors, size_t *descriptor_count);

/// Who is at the other end of a Unix-domain socket, as the kernel knows it (`SO_PEERCRED`).
int platform_peer(int socket, int *process, unsigned *user);

/// Names the calling thread, as `ps -L` and `top -H` show it: the first 15 bytes of `name`.
void platform_name_thread(const char *name);

/// Whether this processor has SSE4.2 and PCLMULQDQ. Constant for the life of the process.
bool platform_has_crc32c(void);

/// Whether this processor has SHA-NI. Constant for the life of the process.
bool platform_has_sha256(void);

/// Carries a CRC-32C register (neither end inverted) over `count` bytes.
///
/// Traps unless `platform_has_crc32c()`.
uint32_t platform_crc32c(uint32_t state, const uint8_t *bytes, size_t count);

/// Carries the SHA-256 chaining value over `count` blocks of 64 bytes.
///
/// Traps unless `platform_has_sha256()`.
void platform_sha256(uint32_t *state, const uint8_t *blocks, size_t count);

/// Carries two chaining values, each over its own `count` blocks, in less than twice the time:
/// the rounds of one message wait for each other, those of two do not.
///
/// Traps unless `platform_has_sha256()`.
void platform_sha256_pair(
    uint32_t *state0, const uint8_t *blocks0,
    uint32_t *state1, const uint8_t *blocks1, size_t count);

/// Asks the processor for the lines of memory at `count` addresses, before they are read. Reads
/// nothing: an address may be any.
void platform_prefetch(const uintptr_t *addresses, size_t count);

#endif
