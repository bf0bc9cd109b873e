import CohortFormat
package import CohortLog
import CohortModel

/// A copy whose log has been read and recovered.
struct OpenedCopy {
  let log: Log
  let note: ReplicaNote
  let tree: MerkleIndex
  let texts: CopiedTexts
}

extension Replica {
  /// Opens the replica in a folder, or begins one there.
  ///
  /// The whole log is read and verified. What a power failure has left of frames that were copied
  /// at once is cut off, without a copy: the leader has them. Erasures that are not carried out
  /// here are carried out before this returns.
  ///
  /// - Parameters:
  ///   - path: A replica, or a folder without a log; it is made if its parent is there.
  ///   - leader: Its address, as it is told to people.
  ///   - source: The leader; asked only if a replica is begun.
  ///   - disk: Where the folder lies.
  ///   - clock: By which the leader is heard.
  ///   - random: As for any log.
  ///   - options: How to pull.
  /// - Returns: To be given to one thread.
  /// - Throws: ``ReplicaError/notReplica(folder:)``, ``ReplicaError/promoted(folder:)``,
  ///   ``ReplicaError/log(_:)``, and what keeps the leader from being asked.
  package static func open(
    _ path: String, of leader: String, from source: some LogSource,
    on disk: any Disk, clock: any Clock, random: any RandomSource,
    options: ReplicaOptions = ReplicaOptions()
  ) throws(ReplicaError) -> Replica {
    do {
      let folder = StorageFolder(path)
      guard
        try ReplicaNote.read(in: folder, on: disk) != nil || disk.identity(at: folder.log) == nil
      else { throw ReplicaError.notReplica(folder: folder.path) }
      if try disk.identity(at: folder.log) == nil {
        try begin(folder, of: leader, from: source, on: disk)
      }
      let replica = try open(folder, on: disk, clock: clock, random: random, options: options)
      replica.note.leader = leader
      return replica
    } catch { throw ReplicaError(error) }
  }

  /// The note first: a folder with a log and without a note is a ledger of its own.
  private static func begin(
    _ folder: StorageFolder, of leader: String, from source: some LogSource, on disk: any Disk
  ) throws {
    let head = try source.head(held: nil)
    let size = UInt64(FileHeader.size)
    let bytes = try source.bytes(in: 0..<size, held: .origin)
    guard let header = try? FileHeader.read(bytes.span), header.ledger == head.ledger else {
      throw ReplicaError.unfit(.missing(at: 0), at: 0)
    }
    if let known = try ReplicaNote.read(in: folder, on: disk), known.ledger != head.ledger {
      throw ReplicaError.otherLedger(leader, is: head.ledger, not: known.ledger)
    }
    try folder.make(on: disk)
    try ReplicaNote(of: head.ledger, at: leader).write(in: folder, on: disk)
    try Log.beginCopy(header, in: folder, on: disk)
  }

  /// Opens the replica in a folder without asking anybody.
  static func open(
    _ folder: StorageFolder, on disk: any Disk, clock: any Clock, random: any RandomSource,
    options: ReplicaOptions
  ) throws -> Replica {
    guard try ReplicaNote.read(in: folder, on: disk) != nil else {
      throw ReplicaError.notReplica(folder: folder.path)
    }
    guard try disk.identity(at: folder.log) != nil else {
      throw ReplicaError.nothingPulled(folder: folder.path)
    }
    var hasCut = false
    while true {
      var tree = MerkleIndex()
      var texts = CopiedTexts()
      var unsynced: UInt64?
      let opening = try LogOpening(
        folder.path, for: .write, on: disk, clock: clock, random: random, options: options.log)
      let ledger = opening.ledger
      // Before the lock was here, somebody may have made it a ledger of its own.
      guard let note = try ReplicaNote.read(in: folder, on: disk) else {
        throw ReplicaError.notReplica(folder: folder.path)
      }
      if note.stood != nil { throw ReplicaError.promoted(folder: folder.path) }
      guard ledger == note.ledger else {
        throw ReplicaError.otherLedger("'\(folder.path)'", is: ledger, not: note.ledger)
      }
      let (log, report) = try opening.recover { frame, bytes throws(LogError) in
        if frame.header.fileOffset >= note.durable {
          unsynced = unsynced ?? frame.header.fileOffset
        }
        guard frame.header.kind == .events else { return }
        do throws(EventFault) { tree.append(contentsOf: try frame.leaves(in: bytes)) } catch {
          throw .event(error)
        }
        guard tree.root == frame.root(in: bytes) else {
          throw .otherTree(frame.header.lastPosition)
        }
        do throws(CopyFault) {
          try texts.take(frame, in: bytes, of: ledger, isHere: true)
        } catch { throw .impossible(error.description, at: frame.header.lastPosition) }
      }
      switch report.condition {
      case .writable:
        try log.forgetTornTails()
        if let unsynced { try log.rewrite(from: unsynced) }
        texts.finish(through: note.erased)
        let replica = Replica(
          OpenedCopy(log: log, note: note, tree: tree, texts: texts), in: folder, on: disk,
          clock: clock, options)
        try replica.eraseWhatIsNamed()
        return replica
      case .damaged(let damage):
        try log.close()
        guard !hasCut, damage.offset >= note.durable else { throw LogError.damaged(damage) }
        let file = try LogFile(folder.log, .readAndWrite, on: disk)
        try file.lock(in: folder)
        try file.cut(at: damage.offset)
        try file.close()
        hasCut = true
      case .lost(let loss):
        try log.close()
        throw LogError.lost(loss)
      case .readOnly:
        try log.close()
        throw LogError.readOnly(path: folder.log)
      }
    }
  }
}

extension Replica {
  /// Zeroes the texts that erasures name which have come since the note was written.
  func eraseWhatIsNamed() throws(ReplicaError) {
    guard let last = texts.erasures.last else { return }
    do throws(LogError) {
      for erasure in texts.erasures {
        switch erasure.texts {
        case .named(let names): try log.erase(names, namedAt: erasure.position)
        case .unmatched(let after, let through):
          try forget(after: after, through: through, namedAt: erasure.position)
        }
      }
    } catch { throw .log(error) }
    texts.finish(through: last.position)
    note.erased = last.position
    try keepNote(isDue: true)
  }

  /// Zeroes the unmatched identifiers of imports, some at a time.
  private func forget(
    after: Position, through: Position, namedAt position: Position
  ) throws(LogError) {
    guard after < through else { return }
    var names: [TextName] = []
    try log.reader.forEachFrame(after.advanced(by: 1)...through) {
      frame, bytes throws(LogError) in
      do throws(EventFault) {
        try frame.forEachEvent(in: bytes, ledger: log.ledger) { decoded in
          guard decoded.recorded.position > after, decoded.recorded.position <= through else {
            return
          }
          for entry in decoded.texts where decoded.recorded.isUnmatched(entry.name.item) {
            names.append(entry.name)
          }
        }
      } catch { throw .event(error) }
      guard names.count >= Self.namesMax else { return true }
      try log.erase(names, namedAt: position)
      names.removeAll(keepingCapacity: true)
      return true
    }
    try log.erase(names, namedAt: position)
  }

  private static var namesMax: Int { 16 << 10 }
}
