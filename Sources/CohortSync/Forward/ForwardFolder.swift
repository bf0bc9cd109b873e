import Glibc

/// The files of one forwarding.
///
///     NAME.forward.lock           held by the process that forwards
///     NAME.forward                see ``SentFile``
///     NAME.forward.journal
///     NAME.forward.rejects.csv    what the destination could not place
///
/// Only their owner can read them: they hold identifiers of people, never keys.
package struct ForwardFolder: Hashable, Sendable {
  package let path: String
  package let name: String

  package init(_ path: String, name: String) { (self.path, self.name) = (path, name) }

  package var state: String { "\(path)/\(name).forward" }
  package var journal: String { state + ".journal" }
  package var rejects: String { state + ".rejects.csv" }
  private var lock: String { state + ".lock" }

  /// Locks the forwarding for as long as the result is held.
  ///
  /// - Returns: `nil` if another process holds it.
  /// - Throws: ``FileFailure`` if the folder cannot be made or written.
  func locked() throws(FileFailure) -> Descriptor? {
    try FileSystem.makeFolder(path)
    let file = try Descriptor(opening: lock, O_RDWR | O_CREAT)
    return try file.lock() ? file : nil
  }

  /// Takes away what a writer has left that was killed.
  func tidy() throws(FileFailure) {
    for path in [state, rejects] { try FileSystem.remove(path + ".new") }
  }

  /// Whether anything was ever told: the file of rejects is written before that.
  var hasTold: Bool { FileSystem.exists(rejects) }
}

extension FileSystem {
  /// Takes a file away; that there is none is no failure.
  static func remove(_ path: String) throws(FileFailure) {
    guard unsafe unlink(path) != 0, errno != ENOENT else { return }
    throw FileFailure(errno)
  }
}
