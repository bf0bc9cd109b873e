package import CohortFormat
import CohortModel

/// What a start has found, for the ledger to act on and to tell.
package struct OpeningReport: Hashable, Sendable {
  package enum Condition: Hashable, Sendable {
    case writable
    /// As was asked for.
    case readOnly
    /// Frames cannot be read. The log is open for reading up to there.
    case damaged(Damage)
    /// The log once had more. It is open for reading.
    case lost(Loss)
  }

  package let condition: Condition
  /// Whether this start began the ledger.
  package let isNew: Bool
  /// What was cut off at the end and is not yet recorded.
  ///
  /// If there is any, the first frame must
  /// hold a `recovered` event for each.
  package let recovered: [TornTail]
  /// Whether the last frame had no frame or seal behind it, and was written again.
  package let wasUnproven: Bool
  /// Behind the last frame.
  package let chain: FrameChain
}

/// What a start does next, once it has read the log: the pure part of recovery.
enum RecoveryPlan: Hashable, Sendable {
  case proceed
  case cut(Range<Int>)
  case stop(OpeningReport.Condition)

  /// - Parameters:
  ///   - verdict: On the bytes behind `chain`.
  ///   - chain: Behind the last frame.
  ///   - fault: Why the bytes behind it are no frame.
  ///   - seen: The largest anchor of any snapshot of this ledger.
  init(
    _ verdict: TailVerdict, behind chain: FrameChain, fault: FrameFault?, seen: LogAnchor?
  ) {
    if case .damaged(let next) = verdict {
      self = .stop(.damaged(Damage(behind: chain, next: next, fault: fault)))
    } else if let seen, RecoveryPlan.isEvidence(seen, against: chain) {
      // A snapshot is only ever taken behind a durable frame. So this tail was not torn by a crash.
      self = .stop(.lost(Loss(end: chain.position, seen: seen)))
    } else if case .torn(let range) = verdict {
      self = .cut(range)
    } else {
      self = .proceed
    }
  }

  /// A snapshot of an earlier generation than the last frame's is of a history that a restore has
  /// ended: the log has gone on from an earlier point since.
  private static func isEvidence(_ seen: LogAnchor, against chain: FrameChain) -> Bool {
    seen.size > chain.position.rawValue
      && seen.epoch.generation >= (chain.last?.epoch.generation ?? 0)
  }
}
