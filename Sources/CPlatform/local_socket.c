#define _GNU_SOURCE
#include "CPlatform.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// As many as the kernel sends at once (SCM_MAX_FD).
enum { descriptors_max = 253 };

/// A control message of descriptors, with room for the most of them.
union rights {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(descriptors_max * sizeof(int))];
};

ssize_t platform_send_descriptors(
    int socket, const void *bytes, size_t count, const int *descriptors, size_t descriptor_count) {
  if (descriptor_count > descriptors_max) {
    errno = EINVAL;
    return -1;
  }
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  union rights rights;
  if (descriptor_count > 0) {
    const size_t size = descriptor_count * sizeof(int);
    memset(&rights, 0, sizeof rights);
    message.msg_control = &rights;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), descriptors, size);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t platform_receive_descriptors(
    int socket, void *bytes, size_t capacity, int *descriptors, size_t *descriptor_count) {
  const size_t fit = *descriptor_count;
  size_t found = 0;
  *descriptor_count = 0;
  struct iovec part = {.iov_base = bytes, .iov_len = capacity};
  union rights rights;
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
  const ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (count < 0) return -1;
  int too_many = (message.msg_flags & MSG_CTRUNC) != 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t sent = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < sent; i++) {
      int descriptor;
      memcpy(&descriptor, CMSG_DATA(header) + i * sizeof(int), sizeof descriptor);
      if (found < fit) {
        descriptors[found++] = descriptor;
      } else {
        too_many = 1;
        close(descriptor);
      }
    }
  }
  if (too_many) {
    while (found > 0) close(descriptors[--found]);
    errno = EPROTO;
    return -1;
  }
  *descriptor_count = found;
  return count;
}

int platform_peer(int socket, int *process, unsigned *user) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
  *process = peer.pid;
  *user = peer.uid;
  return 0;
}
