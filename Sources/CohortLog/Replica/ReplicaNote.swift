package import CohortFormat
package import CohortModel
import Glibc

/// The file `replica`: what makes a storage folder the copy of a ledger that lives elsewhere.
///
///     replica
///     leader http://ledger.example:8080
///     ledger 000102030405060708090a0b0c0d0e0f
///     durable 8352           bytes of the log that are whole and synced; more may be
///     erased 41              erasures up to here are carried out in this copy
///     heard 1767268800000000 when the leader last answered, by the clock of this machine
///     position 1042          what the leader said then: its last durable event,
///     root 64 hex digits     the tree behind that,
///     time 1767268799000000  and its own now
///     stood 1000             where a promotion stands that is not finished; else absent
///
/// It is put there before the first byte of the log, and taken away when a promotion has written
/// `restored`: in between nobody writes to the log but who follows the leader. The log can be read
/// without it. Replaced as a whole, so it is never half written.
package struct ReplicaNote: Hashable, Sendable {
  package var leader: String
  package var ledger: LedgerID
  package var durable: UInt64
  package var erased: Position
  package var heard: Instant
  package var position: Position
  package var root: Digest
  package var time: Instant
  package var stood: Position?

  package static let name = "replica"

  /// - Parameters:
  ///   - ledger: Which the leader has.
  ///   - leader: Its address, without any key.
  package init(of ledger: LedgerID, at leader: String) {
    (self.leader, self.ledger) = (leader, ledger)
    (durable, erased, position) = (UInt64(FileHeader.size), .origin, .origin)
    (heard, time) = (Instant(microseconds: 0), Instant(microseconds: 0))
    root = MerkleHash.emptyRoot
  }

  /// - Returns: `nil` for anything else than ``bytes``.
  package init?(_ bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    guard lines.first == "replica" else { return nil }
    var values: [Substring: Substring] = [:]
    for line in lines.dropFirst() {
      let words = line.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { return nil }
      values[words[0]] = words[1]
    }
    func number(_ key: Substring) -> UInt64? { values[key].flatMap { UInt64($0) } }
    func instant(_ key: Substring) -> Instant? {
      values[key].flatMap { Int64($0) }.map { Instant(microseconds: $0) }
    }
    guard let leader = values["leader"], let ledger = values["ledger"],
      let ledger = LedgerID(String(ledger)), let durable = number("durable"),
      let erased = number("erased"), let heard = instant("heard"),
      let position = number("position"), let root = values["root"],
      let root = Digest(String(root)), let time = instant("time")
    else { return nil }
    (self.leader, self.ledger, self.durable) = (String(leader), ledger, durable)
    (self.erased, self.heard) = (Position(erased), heard)
    (self.position, self.root, self.time) = (Position(position), root, time)
    stood = number("stood").map { Position($0) }
  }

  package var bytes: [UInt8] {
    var text = """
      replica
      leader \(leader)
      ledger \(ledger)
      durable \(durable)
      erased \(erased.rawValue)
      heard \(heard.microseconds)
      position \(position.rawValue)
      root \(root)
      time \(time.microseconds)

      """
    if let stood { text += "stood \(stood.rawValue)\n" }
    return Array(text.utf8)
  }
}

extension ReplicaNote {
  /// Reads the note of a folder.
  ///
  /// - Returns: `nil` if the folder is no replica.
  /// - Throws: ``LogError/replicaNote(path:)`` if there is something else under its name,
  ///   ``LogError/disk(_:)``.
  package static func read(
    in folder: StorageFolder, on disk: any Disk
  ) throws(LogError) -> ReplicaNote? {
    let path = folder.file(name)
    let bytes: [UInt8]
    do throws(DiskError) {
      let file = try disk.open(path, .read)
      defer { try? disk.close(file) }
      bytes = try disk.read(file, at: 0, count: sizeMax)
    } catch {
      if error.errno == ENOENT || error.errno == ENOTDIR { return nil }
      throw .disk(error)
    }
    guard let note = ReplicaNote(bytes) else { throw .replicaNote(path: path) }
    return note
  }

  /// Puts the note into the folder, durably.
  package func write(in folder: StorageFolder, on disk: any Disk) throws(LogError) {
    do throws(DiskError) { try folder.replace(Self.name, with: bytes, on: disk) } catch {
      throw .disk(error)
    }
  }

  /// Makes the folder one of a ledger of its own, durably.
  package static func remove(from folder: StorageFolder, on disk: any Disk) throws(LogError) {
    do throws(DiskError) {
      try disk.unlink(folder.file(name))
      try disk.syncDirectory(folder.path)
    } catch { throw .disk(error) }
  }

  private static var sizeMax: Int { 64 << 10 }
}
