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
  /// In the order in which they came.
  private(set) var inbox: [Submission] = []
  /// About how many bytes the inbox takes.
  private(set) var inboxSize = 0
  /// Work that needs the writer to stand still: erasing.
  private(set) var jobs: [Job] = []
  var isClosing = false

  // From the writer to the disk worker.
  var handed: Group?
  var diskStops = false

  // From the disk worker.
  var diskIsBusy = false
  /// A group failed: what was decided on it is void.
  var failure: LedgerError?
  /// Nothing will be written any more, because.
  var stopped: LedgerError?

  /// Whether everything handed over is settled.
  var diskIsIdle: Bool { !diskIsBusy && handed == nil }

  struct Job: Sendable {
    let run: @Sendable (Writer, inout Desk) -> Void
    /// How many commands of the inbox came before it.
    fileprivate(set) var after: Int
  }
}

extension Exchange {
  mutating func add(_ submission: Submission) {
    inbox.append(submission)
    inboxSize += submission.size
  }

  /// Adds a job: it comes after the commands that wait, and before those that will.
  mutating func add(_ job: @escaping @Sendable (Writer, inout Desk) -> Void) {
    jobs.append(Job(run: job, after: inbox.count))
  }

  /// Takes the commands that wait, up to the next job.
  ///
  /// - Complexity: O(1) unless there is a job.
  mutating func takeInbox() -> [Submission] {
    var taken = inbox
    inbox = []
    if let count = jobs.first?.after, count < taken.count {
      inbox = Array(taken[count...])
      taken.removeSubrange(count...)
    }
    inboxSize = inbox.reduce(0) { $0 + $1.size }
    for index in jobs.indices { jobs[index].after -= taken.count }
    return taken
  }

  /// Takes the next job, if no command comes before it.
  mutating func takeJob() -> Job? {
    jobs.first?.after == 0 ? jobs.removeFirst() : nil
  }
}
