package import CohortFormat
import CohortModel

/// Where a scan begins: behind a snapshot.
package struct StartingPoint: Sendable {
  let anchor: LogAnchor
  let index: LogIndex

  /// - Parameters:
  ///   - anchor: Of the snapshot.
  ///   - index: As it was when the snapshot was taken, or later.
  package init(anchor: LogAnchor, index: LogIndex) {
    self.anchor = anchor
    self.index = index
  }
}

/// Is handed every frame of a scan, events and seals, in order, each once.
///
/// The bytes are those that the extent refers to; both are gone when the call returns. What it
/// throws ends the scan.
package typealias FrameVisitor = (FrameExtent, Span<UInt8>) throws(LogError) -> Void

extension LogOpening {
  /// Reads the log, recovers its tail, and makes it ready to be written to: the second half of a
  /// start.
  ///
  /// - Parameters:
  ///   - start: Where to begin. If its anchor does not stand in this log, the scan begins at the
  ///     first frame; ask ``stands(_:)`` before loading the state that goes with it.
  ///   - visit: Is handed every frame behind `start`. A frame that is cut off is never handed over.
  /// - Returns: The log, and what to do first and to tell.
  /// - Throws: What the disk or `visit` threw. Whatever recovery had done by then is found by the
  ///   next start, which ends in the same state.
  /// - Complexity: O(n) in the bytes behind `start`: one pass of large reads and one checksum.
  package consuming func recover(
    from start: StartingPoint? = nil, visit: FrameVisitor
  ) throws(LogError) -> (log: Log, report: OpeningReport) {
    do {
      var recovery = Recovery(
        file: file.descriptor, folder: folder, disk: disk, ledger: ledger, options: options)
      if let start, let chain = chain(behind: start.anchor) {
        recovery.begin(behind: chain, index: start.index)
      }
      let note = access == .read ? nil : try ReplicaNote.read(in: folder, on: disk)
      if let note, note.ledger == ledger { recovery.durableEnd = note.durable }
      try recovery.scan(isLocked: access != .read, visit: visit)
      if access == .read {
        var condition = OpeningReport.Condition.readOnly
        if case .damaged(let next) = recovery.tail.verdict {
          condition = .damaged(
            Damage(behind: recovery.chain, next: next, fault: recovery.fault))
        }
        return ready(recovery, condition, zerosEnd: 0, recovered: [])
      }
      folder.deleteParts(on: disk)
      try deleteInterruptedRestore()
      let plan = RecoveryPlan(
        recovery.tail.verdict, behind: recovery.chain, fault: recovery.fault,
        seen: snapshots.largestAnchor)
      if case .stop(let condition) = plan {
        return ready(recovery, condition, zerosEnd: 0, recovered: [])
      }
      if recovery.isUnproven { try recovery.keepLastFrame() }
      if case .cut(let range) = plan { try recovery.cut(range) }
      // Behind a seal nothing was ever begun.
      if !isNew, !recovery.chain.isSealed { try recovery.rewriteEnd() }
      let zerosEnd = try recovery.trimZeros()
      let recovered = try folder.tornTails(behind: recovery.chain, on: disk)
      return ready(recovery, .writable, zerosEnd: zerosEnd, recovered: recovered)
    } catch { throw LogError(error) }
  }

  /// Deletes what a restore has left that was interrupted before its log had taken this one's
  /// place.
  ///
  /// It is void, and holds texts that an erasure would not reach. The lock of this log keeps every
  /// restore out.
  private func deleteInterruptedRestore() throws(DiskError) {
    guard try disk.identity(at: folder.newLog) != nil else { return }
    try disk.unlink(folder.newLog)
    try disk.syncDirectory(folder.path)
  }

  private func ready(
    _ recovery: borrowing Recovery, _ condition: OpeningReport.Condition, zerosEnd: Int,
    recovered: [TornTail]
  ) -> (log: Log, report: OpeningReport) {
    let condition = canGoOn(recovery) || condition != .writable ? condition : .readOnly
    let report = OpeningReport(
      condition: condition, isNew: isNew, recovered: recovered,
      wasUnproven: recovery.isUnproven, chain: recovery.chain)
    let generation = generation(behind: recovery)
    let log = Log(
      self, epoch: Epoch(generation: generation + 1, random: random), chain: recovery.chain,
      index: recovery.index, zerosEnd: zerosEnd, canWrite: condition == .writable)
    return (log, report)
  }

  private func generation(behind recovery: borrowing Recovery) -> UInt32 {
    max(recovery.chain.last?.epoch.generation ?? 0, recovery.tail.generationMax)
  }

  /// Whether times and generations are left: only a forged log has used up half of them.
  private func canGoOn(_ recovery: borrowing Recovery) -> Bool {
    generation(behind: recovery) <= Epoch.generationMax / 2
      && (recovery.chain.last?.time.microseconds ?? 0) <= FrameHeader.timeMax / 2
  }
}
