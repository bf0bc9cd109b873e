public import CohortFormat
package import CohortLog
public import CohortModel
import Synchronization

/// What a full check of a log has found.
public struct VerifyReport: Sendable {
  public let ledger: LedgerID
  public let frames: UInt64
  public let events: UInt64
  /// Where the last whole frame ends, in bytes.
  public let end: UInt64
  /// The tree over all events, computed from the leaves; `nil` if damage made that impossible.
  public let head: TreeHead?
  /// Of the first and the last frame.
  public let first: Instant?
  public let last: Instant?
  /// Whether a seal stands behind the last frame and proves it durable.
  public let isSealed: Bool
  public let intactTexts: UInt64
  public let erasedTexts: UInt64
  /// What a crash, or a writer at work, has left of one frame behind the last one.
  ///
  /// No damage.
  public let torn: Range<UInt64>?
  /// In the order of the log.
  ///
  /// Empty: all is as it was written.
  public internal(set) var findings: [Finding]
  /// Caches beside the log, which may be deleted at any time.
  ///
  /// Not checked.
  public internal(set) var caches: [String] = []

  public var isSound: Bool { findings.isEmpty }
}

extension Ledger {
  /// Checks the whole log of this ledger as it stands on the disk, up to what is durable.
  ///
  /// Writing goes on meanwhile; what is written after the check has reached it is left out.
  ///
  /// - Parameter heads: Older tree heads, remembered elsewhere, that the log must continue.
  /// - Returns: Everything that was found.
  /// - Throws: ``LedgerError/storage(_:)`` if the file cannot be read at all.
  /// - Complexity: One pass over the log; the memory of a second state.
  public func verify(against heads: [TreeHead] = []) throws(LedgerError) -> VerifyReport {
    try verify(against: heads) { true }
  }

  /// The same, as long as somebody waits for it; ``lastCheckups`` then tells of it.
  ///
  /// - Parameters:
  ///   - heads: As above.
  ///   - isWanted: Asked before each frame; when nobody waits any more, the check ends.
  /// - Returns: What was found until then.
  /// - Throws: As above.
  package func verify(
    against heads: [TreeHead], while isWanted: () -> Bool
  ) throws(LedgerError) -> VerifyReport {
    var report = try Self.storing { () throws(LogError) in
      var audit = Audit(
        try log.openFile(), of: log.ledger, isReplica: log.isReplica, heads: heads)
      repeat {
        let durableEnd = self.report.condition == .writable ? log.chain.end : nil
        while isWanted(), try audit.step(before: durableEnd) {}
        // A text may have been zeroed by an erasure that the pass had not reached.
      } while isWanted() && audit.texts.isOpen && audit.gaps.isEmpty
        && audit.chain.end < log.chain.end
      return audit.report()
    }
    report.name(cohortsOf: disk.durable.core.state)
    report.caches = Self.caches(in: log.folder, on: log.disk)
    if isWanted() {
      let check = Checkup(report, at: now.clock)
      checkups.withLock { $0.verify = check }
    }
    return report
  }

  /// What was last found by a verification and by a scrubber, since this ledger was opened.
  package var lastCheckups: Checkups { checkups.withLock { $0 } }

  /// Checks a log that is not open: of a storage folder, beside a running writer or without one, of
  /// a backup, or a single file.
  ///
  /// - Throws: ``LedgerError/storage(_:)`` if there is no log to read, or its first 4,096 bytes are
  ///   damaged.
  public static func verify(
    _ path: String, against heads: [TreeHead] = []
  ) throws(LedgerError) -> VerifyReport { try verify(path, against: heads, on: PosixDisk()) }

  /// Checks a log that is not open, as long as somebody waits for it.
  ///
  /// - Parameters:
  ///   - path: As above.
  ///   - heads: As above.
  ///   - disk: Where it lies.
  ///   - isWanted: Asked before each frame; when nobody waits any more, the check ends.
  /// - Returns: What was found until then.
  /// - Throws: As above.
  package static func verify(
    _ path: String, against heads: [TreeHead] = [], on disk: any Disk = PosixDisk(),
    while isWanted: () -> Bool = { true }
  ) throws(LedgerError) -> VerifyReport {
    var report = try storing { () throws(LogError) in
      let file = try LogFile(at: path, on: disk)
      var audit = Audit(
        file, of: try file.header().ledger, isReplica: isReplica(path, on: disk), heads: heads)
      var end: UInt64
      repeat {
        end = audit.chain.end
        while isWanted(), try audit.step() {}
      } while isWanted() && audit.texts.isOpen && audit.gaps.isEmpty && audit.chain.end > end
      return audit.report()
    }
    report.caches = caches(in: StorageFolder(path), on: disk)
    return report
  }

  static func storing<Value>(_ body: () throws(LogError) -> Value) throws(LedgerError) -> Value {
    do { return try body() } catch { throw .storage(LogFailure(error)) }
  }

  static func isReplica(_ path: String, on disk: any Disk) -> Bool {
    (try? disk.identity(at: StorageFolder(path).file(ReplicaNote.name))).flatMap { $0 } != nil
  }

  private static func caches(in folder: StorageFolder, on disk: any Disk) -> [String] {
    ((try? disk.list(folder.path)) ?? []).filter { $0 != "events.log" && $0 != "lock" }
  }
}

extension VerifyReport {
  /// Names the cohorts whose last change is known to lie in what cannot be read.
  fileprivate mutating func name(cohortsOf state: LedgerState) {
    for index in findings.indices where findings[index].cohorts.isEmpty {
      guard let positions = findings[index].positions else { continue }
      findings[index].cohorts = (0..<state.cohorts.count).map { CohortID(UInt32($0 + 1)) }
        .filter { positions.contains(state.cohorts.lastChange(of: $0).position) }
    }
  }
}

extension View {
  /// The first position at which two logs differ: the event there has another leaf, or only one of
  /// them has it.
  ///
  /// `nil` if they are the same.
  ///
  /// - Complexity: O(log n) roots of each.
  public func firstDifference(from other: View) throws(LedgerError) -> Position? {
    let common = min(tree.size, other.tree.size)
    var (low, high) = (UInt64(0), common + 1)
    // Trees of `low` events are equal, those of `high` are not.
    while high - low > 1 {
      let middle = low + (high - low) / 2
      let (mine, theirs) = (try treeHead(size: middle), try other.treeHead(size: middle))
      if mine == theirs { low = middle } else { high = middle }
    }
    if low < common { return Position(low + 1) }
    return tree.size == other.tree.size ? nil : Position(common + 1)
  }
}

/// Looks for rot in the background: the same checks as ``Ledger/verify(against:)`` but for the
/// replay, a piece at a time, round and round.
public final class Scrubber: Sendable {
  private let ledger: Ledger
  private let state: Mutex<Progress>

  private struct Progress: ~Copyable {
    var audit: Audit?
    var rounds = 0
    var last: VerifyReport?
  }

  /// Begins at the first frame.
  public init(_ ledger: Ledger) {
    self.ledger = ledger
    state = Mutex(Progress())
  }

  /// The findings of the last whole round; `nil` before its end.
  public var lastRound: VerifyReport? { state.withLock { $0.last } }

  /// Checks about `bytes` more of the log, at least one frame.
  ///
  /// - Returns: What this piece has found; texts are judged when the round is over.
  /// - Throws: ``LedgerError/storage(_:)`` if the file cannot be read; the next step begins anew.
  public func step(bytes: UInt64 = 1 << 20) throws(LedgerError) -> [Finding] {
    try Ledger.storing { () throws(LogError) in
      try state.withLock { (state) throws(LogError) in
        var audit: Audit
        if let open = state.audit.take() {
          audit = open
        } else {
          audit = Audit(
            try ledger.log.openFile(), of: ledger.log.ledger, isReplica: ledger.log.isReplica,
            replays: false, readSize: 1 << 20)
        }
        let known = audit.findings.count
        let target = audit.chain.end + bytes
        let end = ledger.log.chain.end
        var goesOn = true
        while goesOn, audit.chain.end < target { goesOn = try audit.step(before: end) }
        var found = Array(audit.findings[known...])
        // A text may have been zeroed by an erasure that the round has not reached.
        if goesOn || audit.texts.isOpen && ledger.log.chain.end > end {
          state.audit = consume audit
        } else {
          let report = audit.report()
          found = Array(report.findings[min(known, report.findings.count)...])
          state.last = report
          state.rounds += 1
          let check = Checkup(report, at: ledger.now.clock)
          ledger.checkups.withLock { $0.scrub = check }
        }
        return found
      }
    }
  }
}
