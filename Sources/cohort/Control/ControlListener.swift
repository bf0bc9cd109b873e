import CPlatform
import CohortLog
import Glibc

/// The file `control.sock`, and whoever knocks at it.
///
/// Invariant: the file is never there for anybody but its owner, nor before it can be called.
final class ControlListener: Sendable {
  private let path: String
  private let listener: OwnedDescriptor
  /// Becomes readable when listening is to end.
  private let bell: OwnedDescriptor
  /// Of the file, so that no other's is ever deleted.
  private let identity: FileIdentity?

  /// Puts a socket into a storage folder, in place of one that a dead server left.
  ///
  /// - Throws: ``SystemReason``; `EADDRINUSE` if a server listens there.
  init(in folder: String) throws(SystemReason) {
    guard try ControlSocket.connect(in: folder) == nil else { throw SystemReason(EADDRINUSE) }
    listener = try ControlAddress.socket(Int32(SOCK_NONBLOCK.rawValue))
    // Without it, nobody could be told that listening ends.
    let bell = eventfd(0, Int32(EFD_CLOEXEC))
    try Self.check(bell)
    self.bell = OwnedDescriptor(bell)
    path = "\(folder)/\(ControlSocket.name)"
    let new = "\(path).new"
    let address = try ControlAddress("\(ControlSocket.name).new", in: folder)
    // Left by a server that died between here and the end.
    _ = unsafe unlink(new)
    let number = listener.number
    try Self.check(fchmod(number, S_IRUSR | S_IWUSR))
    try Self.check(unsafe address.withPointer { unsafe bind(number, $0, $1) })
    try Self.check(Glibc.listen(number, Self.backlog))
    try Self.check(unsafe rename(new, path))
    identity = (try? PosixDisk().lstat(path))?.identity
  }

  private static func check(_ outcome: Int32) throws(SystemReason) {
    if outcome < 0 { throw SystemReason(errno) }
  }

  /// Waits for the next caller.
  ///
  /// - Returns: `nil` when listening is to end.
  func next() -> ControlSocket? {
    var descriptors = [
      pollfd(fd: bell.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      if unsafe poll(&descriptors, 2, -1) < 0 { continue }
      if descriptors[0].revents != 0 { return nil }
      let number = platform_accept4(listener.number, Int32(SOCK_CLOEXEC.rawValue))
      if number >= 0 { return ControlSocket(OwnedDescriptor(number)) }
      if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) {
        // Whoever knocks goes on waiting; the bell is heard all the same.
        if unsafe poll(&descriptors, 1, 100) > 0 { return nil }
      }
    }
  }

  /// Ends listening: ``next()`` returns `nil`, and the file is gone.
  func close() {
    if let identity, (try? PosixDisk().lstat(path))?.identity == identity {
      _ = unsafe unlink(path)
    }
    _ = eventfd_write(bell.number, 1)
  }

  private static var backlog: Int32 { 64 }
}
