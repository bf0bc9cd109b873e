import Glibc

/// Whoever waits at a terminal while a server carries out the command.
final class Caller: Sendable {
  /// What relative paths start from; empty if the caller does not know.
  let folder: String
  private let files: [String: Result<OwnedDescriptor, SystemReason>]
  private let connection: ControlSocket
  /// Tells the server that the command only waits for news from now on.
  let follows: @Sendable () -> Void

  /// Takes a connection on which nothing comes any more but its end, and the files that the command
  /// line names, as the caller could open them.
  init(
    _ connection: ControlSocket, in folder: String,
    _ files: [String: Result<OwnedDescriptor, SystemReason>],
    follows: @escaping @Sendable () -> Void
  ) {
    (self.connection, self.folder, self.files) = (connection, folder, files)
    self.follows = follows
  }

  /// A file that the command line names.
  func file(_ name: String) throws(SystemReason) -> OwnedDescriptor {
    guard let file = files[name] else { throw SystemReason(ENOENT) }
    return try file.get()
  }

  /// Whether nobody waits any more: the caller is gone, or the server cuts the command off.
  var isGone: Bool {
    var descriptor = pollfd(fd: connection.descriptor.number, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&descriptor, 1, 0) > 0
  }

  /// Waits until a bell rings.
  ///
  /// - Returns: `false` if the caller is gone, or nobody reads `output` any more.
  func waitForNews(_ bell: Int32, or output: Int32) -> Bool {
    var descriptors = [
      pollfd(fd: connection.descriptor.number, events: Int16(POLLIN), revents: 0),
      // Nothing is asked of it but whether it is broken.
      pollfd(fd: output, events: 0, revents: 0),
      pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
    ]
    while unsafe poll(&descriptors, 3, -1) < 0 {
      guard errno == EINTR || errno == EAGAIN || errno == ENOMEM else { return false }
    }
    return descriptors[0].revents == 0 && descriptors[1].revents == 0
  }

  /// Waits until a descriptor can be read or written, or has an error to tell.
  ///
  /// - Returns: Whether the caller is still there.
  func wait(for events: Int32, on number: Int32) -> Bool {
    var descriptors = [
      pollfd(fd: connection.descriptor.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: number, events: Int16(events), revents: 0),
    ]
    while unsafe poll(&descriptors, 2, -1) < 0 {
      // Without memory for a moment, as with a signal, there is nothing better than to ask again.
      guard errno == EINTR || errno == EAGAIN || errno == ENOMEM else { return false }
    }
    return descriptors[0].revents == 0
  }
}
