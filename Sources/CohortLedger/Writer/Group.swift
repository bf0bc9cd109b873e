import CohortFormat
import CohortModel

/// Requests that become durable together: one frame, one write, one sync, one set of answers.
struct Group: Sendable {
  let time: Instant
  let rawClock: Instant
  /// Everything as it was before the first request of the group.
  let builderBefore: FrameBuilder
  let coreBefore: Core
  var replies: [Reply] = []
  /// `nil` while the group is being decided, and if nothing was recorded.
  var frame: EncodedFrame?
  /// Everything as it is behind the last request.
  var durable: DiskWorker.Durable?
}

/// What the writer and the disk worker tell each other.
struct Exchange: Sendable {
  // From callers.
  var inbox: [Submission] = []
  /// Work that needs the writer to stand still: erasing, closing.
  var jobs: [@Sendable (Writer, inout Desk) -> Void] = []
  var isClosing = false

  // From the writer to the disk worker.
  var handed: Group?
  var diskJob: (@Sendable (DiskWorker) -> Void)?
  var diskStops = false

  // From the disk worker.
  var diskIsBusy = false
  /// A group failed: what was decided on it is void.
  var failure: LedgerError?
  /// Nothing will be written any more, because.
  var stopped: LedgerError?

  /// Whether everything handed over is settled.
  var diskIsIdle: Bool { !diskIsBusy && handed == nil && diskJob == nil }
}

extension Exchange {
  /// Takes what waits, a bounded part of it at a time.
  mutating func takeInbox() -> [Submission] {
    let count = min(inbox.count, 512)
    let taken = Array(inbox[..<count])
    inbox.removeFirst(count)
    return taken
  }
}
