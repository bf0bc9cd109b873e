import Glibc

/// The folder in which a sync keeps its files, and the lock on one sync.
///
///     NAME.lock           held by the run that is going on
///     NAME.state          see ``StateFile``
///     NAME.history        one JSON object a line, one line a run
///     NAME.rejects.csv    what the last run could not place
///     NAME.unnamed.csv    members that no row named, after a full resync
///
/// Only their owner can read them: they hold identifiers of people, never keys.
package struct StateFolder: Hashable, Sendable {
  package let path: String
  private let name: String

  /// - Parameters:
  ///   - path: The folder, which is made if it is not there.
  ///   - name: Of the sync.
  package init(_ path: String, name: String) { (self.path, self.name) = (path, name) }

  package var state: String { "\(path)/\(name).state" }
  package var history: String { "\(path)/\(name).history" }
  package var rejects: String { "\(path)/\(name).rejects.csv" }
  package var unnamed: String { "\(path)/\(name).unnamed.csv" }
  private var lock: String { "\(path)/\(name).lock" }

  /// Locks the sync for as long as the result is held.
  ///
  /// Whoever only looks whether it is locked holds the lock for a moment, so it is tried for a
  /// fifth of a second.
  ///
  /// - Returns: `nil` if another run holds it.
  /// - Throws: ``FileFailure`` if the folder cannot be made or written.
  package func locked() throws(FileFailure) -> Descriptor? {
    try FileSystem.makeFolder(path)
    let file = try Descriptor(opening: lock, O_RDWR | O_CREAT)
    for _ in 0..<20 {
      if try file.lock() { return file }
      usleep(10_000)
    }
    return nil
  }

  /// Whether a run is going on now.
  package var isLocked: Bool {
    guard FileSystem.exists(lock),
      let file = try? Descriptor(opening: lock, O_RDONLY), let isOurs = try? file.lock()
    else { return false }
    return !isOurs
  }
}
