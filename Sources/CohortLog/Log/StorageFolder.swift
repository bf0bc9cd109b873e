/// The names of the files in a storage folder.
///
///     events.log                     the truth
///     events.log.new                 a first initialisation, or a restore, that was not finished
///     replica                        the note of a copy that follows a ledger elsewhere
///     lock                           the holder's process id, for messages only
///     control.sock                   where terminals reach the server that holds the ledger
///     torn-<offset>-<digest>         bytes that a recovery cut off
///     snapshot-<position>            a cache of the state
///     tiles                          a cache of the past
///     backup                         the note of a backup: what the ledger had when it was taken
///     *.part                         a file being written; whatever is left over is deleted
package struct StorageFolder: Hashable, Sendable {
  package let path: String

  package init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  package var log: String { file("events.log") }
  package var newLog: String { file("events.log.new") }
  var lockNote: String { file("lock") }

  package func file(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }

  /// Where the folder's own name stands.
  package var parent: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What a file is called while it is being written.
  static let partSuffix = ".part"

  /// Whether a file of this name is one of the ledger's, whole or half-written.
  static func isOurs(_ name: String) -> Bool {
    let whole = name.hasSuffix(partSuffix) ? String(name.dropLast(partSuffix.count)) : name
    let names = [
      "events.log", "events.log.new", "replica", "backup", "lock", "control.sock", "tiles",
    ]
    return names.contains(whole) || SnapshotStore.isOurs(whole) || TornTail.parse(whole) != nil
  }
}

extension StorageFolder {
  /// Deletes what an interrupted process left half-written; only for the holder of the lock.
  ///
  /// What cannot be deleted now is deleted by the next start.
  func deleteParts(on disk: any Disk) {
    for name in (try? disk.list(path)) ?? [] {
      let isCopy = SnapshotStore.isOurs(name) || name.hasPrefix(TornTail.prefix)
      if isCopy, name.hasSuffix(Self.partSuffix) { try? disk.unlink(file(name)) }
    }
  }

  /// Puts `bytes` under `name` so that a crash leaves the old file, the new one, or a `.part`.
  ///
  /// When this returns, the file and its name are durable. When it throws, the `.part` is gone if
  /// the disk lets it go.
  package func replace(
    _ name: String, with bytes: [UInt8], on disk: some Disk
  ) throws(DiskError) {
    let part = file(name + Self.partSuffix)
    do throws(DiskError) {
      let new = try disk.open(part, .create)
      do throws(DiskError) {
        try disk.truncate(new, to: 0)
        try disk.write(bytes, to: new, at: 0)
        try disk.sync(new)
      } catch {
        try? disk.close(new)
        throw error
      }
      try disk.close(new)
      try disk.rename(part, to: file(name))
    } catch {
      try? disk.unlink(part)
      throw error
    }
    try disk.syncDirectory(path)
  }
}
