package import CohortFormat
package import CohortModel

/// Bytes of the log that are not what was written, and what is known around them.
package struct Damage: Hashable, Sendable {
  /// Of the first frame that cannot be read, or of the gap before it, in bytes from the start of
  /// the log.
  package let offset: UInt64
  /// The last event before it.
  package let after: Position
  /// The time of the frame before it; `nil` at the beginning of the log.
  package let timeAfter: Instant?
  /// The next frame that can be read; `nil` if none was found.
  package let next: FrameHeader?
  /// What is wrong at `offset`.
  package let fault: FrameFault?

  package init(
    offset: UInt64, after: Position, timeAfter: Instant?, next: FrameHeader?, fault: FrameFault?
  ) {
    self.offset = offset
    self.after = after
    self.timeAfter = timeAfter
    self.next = next
    self.fault = fault
  }

  /// Behind the frames of `chain`.
  init(behind chain: FrameChain, next: FrameHeader? = nil, fault: FrameFault?) {
    let isInGap = fault.map { $0.offset < chain.next } ?? false
    self.init(
      offset: isInGap ? chain.end : chain.next, after: chain.position,
      timeAfter: chain.last?.time, next: next, fault: fault)
  }

  /// The bytes, as far as it is known where they end.
  package var bytes: Range<UInt64>? {
    next.map { offset..<max(offset, $0.fileOffset) }
  }
}

extension Damage: CustomStringConvertible {
  /// The place, without a full stop: byte, positions, times.
  package var description: String {
    let known = timeAfter.map { " of \($0.microseconds) µs" } ?? ""
    let end =
      if let next {
        ", before \(next.firstPosition) of \(next.time.microseconds) µs at byte \(next.fileOffset)"
      } else { "" }
    return "byte \(offset), after \(after)\(known)\(end)"
  }
}

/// Evidence that the log once had more events than it has now.
package struct Loss: Hashable, Sendable {
  /// The last event that the log has.
  package let end: Position
  /// What a snapshot has seen.
  package let seen: LogAnchor

  package init(end: Position, seen: LogAnchor) {
    self.end = end
    self.seen = seen
  }
}
