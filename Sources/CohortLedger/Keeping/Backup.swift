public import CohortFormat
import CohortLog
public import CohortModel

/// What a backup holds.
public struct BackupReport: Sendable {
  public let ledger: LedgerID
  public let bytes: UInt64
  public let head: TreeHead
  public let time: Instant?
  /// Texts that are damaged in the ledger itself, and so in the copy.
  public let findings: [Finding]
}

extension Ledger {
  /// Copies everything durable into a folder of its own, while the ledger goes on.
  ///
  ///     events.log.new   copy ─ copy what came meanwhile ─ check all ─ zero what was erased ─ sync
  ///     backup           where it ends, with the root
  ///     events.log       the copy, under its name: only now is it a backup
  ///
  /// When this returns, the copy is durable and checked, reaches to where the log ended when
  /// copying ended, and no erasure lies behind that. Such a folder can be restored from, verified,
  /// or opened.
  ///
  /// - Parameter path: A folder that is empty or does not exist; its parent must.
  /// - Returns: What it holds.
  /// - Throws: ``KeepingError``: what was copied so far bears no name of a log.
  /// - Complexity: One copy and one check of the log.
  public func backup(to path: String) throws(KeepingError) -> BackupReport {
    do {
      let folder = StorageFolder(path)
      let disk = log.disk
      if case .damaged(let damage) = report.condition { throw LogError.damaged(damage) }
      if case .lost(let loss) = report.condition { throw LogError.lost(loss) }
      if try folder.lies(in: log.folder, on: disk) { throw KeepingError.targetInside(path) }
      try folder.prepare(isReplaced: false, on: disk)
      let part = try LogFile(folder.newLog, .create, on: disk)
      try part.lock(in: folder)
      try part.truncate(to: 0)
      var audit = Audit(part, of: log.ledger, isReplica: log.isReplica, replays: false)
      var copied: UInt64 = 0
      repeat {
        copied = try copy(from: copied, to: part)
        while try audit.step(before: copied) {}
      } while try hasErasure(behind: audit.chain.position)
      // Frames that cannot be read, or a root that does not fit: such a copy is no backup.
      if let finding = audit.findings.first { throw KeepingError.sourceDamaged(finding) }
      try part.zeroNamed(audit.texts, of: log.ledger)
      try part.sync()
      let checked = audit.report()
      guard let head = checked.head, checked.end == copied else { throw LogError.stopped }
      let report = BackupReport(
        ledger: log.ledger, bytes: copied, head: head, time: checked.last,
        findings: checked.findings.filter { !$0.isUnfinishedErasure })
      try folder.replace(BackupNote.name, with: BackupNote(report).bytes, on: disk)
      try disk.rename(folder.newLog, to: folder.log)
      try disk.syncDirectory(folder.path)
      try part.close()
      return report
    } catch { throw KeepingError(error) }
  }

  /// - Returns: Where the copy ends now.
  private func copy(from start: UInt64, to part: LogFile) throws(LogError) -> UInt64 {
    let end = log.chain.end
    var offset = start
    while offset < end {
      let bytes = try log.reader.bytes(in: offset..<min(end, offset + Self.copySize))
      try part.write(bytes, at: offset)
      offset += UInt64(bytes.count)
    }
    return end
  }

  private func hasErasure(behind position: Position) throws(LedgerError) -> Bool {
    var found = false
    try now.forEachEvent(after: position) { decoded, _ in
      switch decoded.recorded.event {
      case .userErased, .unmatchedForgotten: found = true
      default: break
      }
      return !found
    }
    return found
  }

  private static var copySize: UInt64 { 4 << 20 }
}

extension Finding {
  /// A text that the source had not zeroed yet; in the copy it is.
  fileprivate var isUnfinishedErasure: Bool {
    if case .textNotErased = kind { true } else { false }
  }
}

/// What a backup says of itself, so that one that was cut short later is found out.
struct BackupNote {
  let size: UInt64
  let position: UInt64
  let root: Digest

  static let name = "backup"

  init(_ report: BackupReport) {
    (size, position, root) = (report.bytes, report.head.size, report.head.root)
  }

  /// - Returns: `nil` for anything else.
  init?(_ bytes: [UInt8]) {
    let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
    guard words.count == 7, words[0] == "backup", words[1] == "size", words[3] == "events",
      words[5] == "root", let size = UInt64(words[2]), let position = UInt64(words[4]),
      let root = Digest(String(words[6]))
    else { return nil }
    (self.size, self.position, self.root) = (size, position, root)
  }

  var bytes: [UInt8] { Array("backup\nsize \(size)\nevents \(position)\nroot \(root)\n".utf8) }

  static func read(in folder: StorageFolder, on disk: any Disk) -> BackupNote? {
    guard let file = try? LogFile(folder.file(name), on: disk),
      let bytes = try? file.bytes(in: 0..<4_096)
    else { return nil }
    return BackupNote(bytes)
  }
}

extension StorageFolder {
  /// Whether this folder, or the place where it would be made, is `other` or lies somewhere in it,
  /// by whatever names: folders are compared by device and inode, upward to the root.
  fileprivate func lies(in other: StorageFolder, on disk: any Disk) throws(DiskError) -> Bool {
    // The name "." of a folder is the folder itself, where its own name may be a link.
    guard let home = try disk.identity(at: "\(other.path)/.") else { return false }
    var place = try disk.identity(at: "\(path)/.") == nil ? parent : path
    var below: FileIdentity?
    while let here = try disk.identity(at: "\(place)/."), here != below {
      if here == home { return true }
      below = here
      place += "/.."
    }
    return false
  }

  /// Makes the folder if there is none, and refuses one that has anything in it.
  func prepare(isReplaced: Bool, on disk: any Disk) throws {
    try make(on: disk)
    let leftOver = ["events.log.new", BackupNote.name + ".part", BackupNote.name, "lock"]
    let names = try disk.list(path)
    let isTaken = names.contains("events.log") || names.contains { !leftOver.contains($0) }
    if isTaken, !isReplaced { throw KeepingError.targetNotEmpty(path) }
  }
}

extension LogFile {
  /// Zeroes every text that erasures name and that is not zero yet.
  ///
  /// Not durable before ``sync()``.
  func zeroNamed(_ texts: TextAccount, of ledger: LedgerID) throws(LogError) {
    guard texts.hasErasures else { return }
    var walk = LogWalk(self, of: ledger)
    var ranges: [Range<UInt64>] = []
    while try walk.next({ frame, bytes throws(LogError) in
      guard frame.header.privateLength > 0 else { return }
      do throws(EventFault) {
        var decoder = EventDecoder(frame, ledger: ledger)
        while let decoded = try decoder.next(in: bytes) {
          for entry in decoded.texts
          where entry.state != .erased && texts.names(entry.name, of: decoded.recorded.event) {
            ranges.append(entry.fileOffset..<entry.fileOffset + UInt64(entry.range.count))
          }
        }
      } catch { throw .event(error) }
    }).goesOn {}
    for range in ranges { try writeZeros(in: range) }
  }
}

extension LogWalk.Step {
  var goesOn: Bool { if case .end = self { false } else { true } }
}
