import CohortFormat
package import CohortLog
import CohortModel

/// What a repair has put back.
public struct RepairReport: Sendable {
  /// Bytes of frames, from the start of the log.
  public let ranges: [Range<UInt64>]
  public let texts: Int
  public let headerWasRepaired: Bool
  /// The check of the whole log afterwards: what it still finds, the backup could not mend.
  public let after: VerifyReport
}

extension Ledger {
  /// Puts back what rotted in a log, from a backup of the same ledger.
  ///
  /// A damaged stretch is replaced only by frames that continue the frame before it and that the
  /// frame behind it continues; a damaged text only by one that opens its commitment. What an
  /// erasure has named stays zero. What stood there is kept aside first, as
  /// `torn-<offset>-<digest>`.
  ///
  /// Only damaged bytes are written. Interrupted, the stretch is still damaged, and repaired again.
  ///
  /// - Parameters:
  ///   - folder: A storage folder that no process writes to.
  ///   - backup: A folder or a file.
  /// - Returns: What was put back, and what the check finds afterwards.
  /// - Throws: ``KeepingError/doesNotFit(_:)`` if there is damage and the backup mends none of it.
  /// - Complexity: A check of the log for each round, of which there are at least two.
  public static func repair(
    _ folder: String, from backup: String
  ) throws(KeepingError) -> RepairReport { try repair(folder, from: backup, on: PosixDisk()) }

  package static func repair(
    _ folder: String, from backup: String, on disk: any Disk
  ) throws(KeepingError) -> RepairReport {
    do {
      return try repair(folder, from: RepairSource(try LogFile(at: backup, on: disk)), on: disk)
    } catch { throw KeepingError(error) }
  }

  /// The same, from a ledger elsewhere.
  ///
  /// - Parameters:
  ///   - folder: A storage folder that no process writes to; it may be a replica.
  ///   - leader: Which has the same log.
  ///   - place: What to call it in an error.
  ///   - disk: Where the folder lies.
  /// - Returns: As above.
  /// - Throws: ``KeepingError``, as above, or why the leader was not heard.
  package static func repair(
    _ folder: String, from leader: some LogSource, at place: String, on disk: any Disk
  ) throws(KeepingError) -> RepairReport {
    do {
      return try repair(folder, from: RepairSource(leader, at: place), on: disk)
    } catch { throw KeepingError(error) }
  }

  private static func repair(
    _ folder: String, from source: RepairSource, on disk: any Disk
  ) throws(KeepingError) -> RepairReport {
    do {
      let folder = StorageFolder(folder)
      let file = try LogFile(folder.log, .readAndWrite, on: disk)
      try file.lock(in: folder)
      var repair = Repair(
        file: file, folder: folder, source: source, ledger: try source.header().ledger)
      let headerWasRepaired = try repair.mendHeader()
      try repair.mendFrames()
      try repair.mendTexts()
      var audit = Audit(
        file, of: repair.ledger, isReplica: isReplica(folder.path, on: disk))
      while try audit.step() {}
      let after = audit.report()
      try file.close()
      if let finding = after.findings.first, repair.ranges.isEmpty, repair.textCount == 0,
        !headerWasRepaired
      {
        throw KeepingError.doesNotFit(finding)
      }
      return RepairReport(
        ranges: repair.ranges, texts: repair.textCount, headerWasRepaired: headerWasRepaired,
        after: after)
    } catch { throw KeepingError(error) }
  }
}

/// A whole log to repair another from, as bytes that nobody has checked.
private struct RepairSource {
  /// What to call it in an error.
  let path: String
  /// Fewer where it ends.
  let bytes: (Range<UInt64>) throws -> [UInt8]

  /// Of another ledger at a time, in bytes: no answer may be longer than anybody would read.
  private static let askedMax: UInt64 = 4 << 20

  init(_ file: LogFile) {
    path = file.path
    bytes = { try file.bytes(in: $0) }
  }

  /// The log of a ledger elsewhere, as long as it is now.
  init(_ source: some LogSource, at path: String) throws(SourceFailure) {
    self.path = path
    let logBytes = try source.head(held: nil).logBytes
    bytes = { range in
      let end = min(range.upperBound, logBytes)
      var start = range.lowerBound
      var bytes: [UInt8] = []
      while start < end {
        let more = try source.bytes(
          in: start..<min(end, start + Self.askedMax), held: .origin)
        if more.isEmpty { break }
        bytes += more
        start += UInt64(more.count)
      }
      return bytes
    }
  }

  func header() throws -> FileHeader {
    let bytes = try bytes(0..<UInt64(FileHeader.size))
    do throws(FileHeaderFault) { return try FileHeader.read(bytes.span) } catch {
      throw LogError.header(error, path: path)
    }
  }
}

private struct Repair {
  let file: LogFile
  let folder: StorageFolder
  let source: RepairSource
  let ledger: LedgerID
  var ranges: [Range<UInt64>] = []
  var textCount = 0

  init(file: LogFile, folder: StorageFolder, source: RepairSource, ledger: LedgerID) {
    self.file = file
    self.folder = folder
    self.source = source
    self.ledger = ledger
  }

  /// The header is put back if the first frame is of the backup's ledger.
  func mendHeader() throws -> Bool {
    if let header = try? file.header() {
      guard header.ledger == ledger else { throw KeepingError.otherLedger(source.path) }
      return false
    }
    let range = UInt64(0)..<UInt64(FileHeader.size)
    let first = try file.bytes(in: range.upperBound..<range.upperBound + UInt64(FrameHeader.size))
    guard
      case .frame = FrameScan.header(first.span, at: 0, base: range.upperBound, ledger: ledger)
    else { throw KeepingError.otherLedger(source.path) }
    try put(try source.header().bytes, at: 0, insteadOf: range)
    return true
  }

  /// Each damaged stretch once; one that becomes readable may show another behind it.
  mutating func mendFrames() throws {
    while true {
      var audit = Audit(file, of: ledger, isReplica: false, replays: false)
      while try audit.step() {}
      var hasMended = false
      for gap in audit.gaps {
        // The next round knows the tree there.
        if hasMended, gap.tree == nil { break }
        guard let range = gap.damage.bytes, let next = gap.damage.next else { continue }
        var bytes = try source.bytes(range)
        guard bytes.count == range.count,
          let frames = try fit(bytes, in: range, behind: gap.chain, gap.tree, before: next)
        else { continue }
        try zeroErased(frames, in: &bytes, audit.texts, base: range.lowerBound)
        try put(bytes, at: range.lowerBound, insteadOf: range)
        ranges.append(range)
        hasMended = true
      }
      if !hasMended { return }
    }
  }

  /// The frames in `bytes`, if they are a chain from the frame before to the one behind, and the
  /// events in them lead to the roots that they name.
  private func fit(
    _ bytes: [UInt8], in range: Range<UInt64>, behind chain: FrameChain, _ tree: MerkleFrontier?,
    before next: FrameHeader
  ) throws -> [FrameExtent]? {
    var (chain, tree) = (chain, tree)
    var frames: [FrameExtent] = []
    var offset = 0
    while true {
      let next = min(Int(chain.next - range.lowerBound), bytes.count)
      if offset < next {
        if bytes.span.firstNonzero(in: offset..<next) != nil { return nil }
        offset = next
      }
      if offset == bytes.count { break }
      switch FrameScan.read(bytes.span, at: offset, base: range.lowerBound, ledger: ledger) {
      case .zeros(let end): offset = end
      case .invalid: return nil
      case .frame(let frame):
        guard (try? chain.accept(frame, in: bytes.span)) != nil else { return nil }
        if frame.header.kind == .events, tree != nil {
          guard let leaves = try? frame.leaves(in: bytes.span) else { return nil }
          tree?.append(contentsOf: leaves)
          guard tree?.root == chain.root else { return nil }
        }
        frames.append(frame)
        offset = frame.end
      }
    }
    let behind = try file.bytes(in: next.fileOffset..<next.fileEnd)
    guard
      case .frame(let frame) = FrameScan.read(
        behind.span, at: 0, base: next.fileOffset, ledger: ledger),
      (try? chain.accept(frame, in: behind.span)) != nil
    else { return nil }
    return frames
  }

  /// What was erased since the backup stays erased.
  private func zeroErased(
    _ frames: [FrameExtent], in bytes: inout [UInt8], _ texts: TextAccount, base: UInt64
  ) throws {
    var texts = texts
    for frame in frames where frame.header.kind == .events {
      try frame.forEachEvent(in: bytes.span, ledger: ledger) { texts.take($0, in: bytes.span) }
    }
    var zeroed: [Range<Int>] = []
    for frame in frames where frame.header.kind == .events {
      try frame.forEachEvent(in: bytes.span, ledger: ledger) { decoded in
        for entry in decoded.texts where texts.names(entry.name, of: decoded.recorded.event) {
          zeroed.append(entry.range)
        }
      }
    }
    for range in zeroed {
      bytes.replaceSubrange(range, with: repeatElement(0, count: range.count))
    }
  }

  mutating func mendTexts() throws {
    var audit = Audit(file, of: ledger, isReplica: false, replays: false)
    while try audit.step() {}
    let broken = audit.textFindings.compactMap { finding -> Range<UInt64>? in
      switch finding.kind {
      case .textDamaged, .textLost: finding.bytes
      default: nil
      }
    }
    guard !broken.isEmpty else { return }
    var pieces: [UInt64: [UInt8]] = [:]
    for range in broken { pieces[range.lowerBound] = try source.bytes(range) }
    var mended: [(range: Range<UInt64>, bytes: [UInt8])] = []
    var walk = LogWalk(file, of: ledger)
    let ledger = ledger
    while try walk.next({ frame, bytes throws(LogError) in
      let own = frame.header.fileOffset..<frame.header.fileEnd
      let here = broken.filter { own.contains($0.lowerBound) }
      guard !here.isEmpty else { return }
      var patched = bytes.array(frame.start..<frame.end)
      for range in here {
        guard let found = pieces[range.lowerBound], found.count == range.count else { continue }
        let start = Int(range.lowerBound - own.lowerBound)
        patched.replaceSubrange(start..<start + range.count, with: found)
      }
      guard
        case .frame(let extent) = FrameScan.read(
          patched.span, at: 0, base: own.lowerBound, ledger: ledger)
      else { return }
      let entries: [TextEntry]
      do throws(EventFault) {
        entries = try extent.texts(in: patched.span, ledger: ledger, checkingCommitments: true)
      } catch { throw .event(error) }
      for entry in entries where entry.state == .intact {
        let range = entry.fileOffset..<entry.fileOffset + UInt64(entry.range.count)
        if here.contains(range) { mended.append((range, Array(patched[entry.range]))) }
      }
    }).goesOn {}
    for (range, bytes) in mended {
      try put(bytes, at: range.lowerBound, insteadOf: range)
      textCount += 1
    }
  }

  /// Keeps what is there aside, and puts other bytes in its place, durably.
  private func put(_ bytes: [UInt8], at offset: UInt64, insteadOf range: Range<UInt64>) throws {
    try folder.keepAside(try file.bytes(in: range), from: offset, on: file.disk)
    try file.write(bytes, at: offset)
    try file.sync()
  }
}
