import CohortFormat
import CohortModel

/// Requests that become durable together: one frame, one write, one sync, one set of answers.
struct Group: Sendable {
  let time: Instant
  let rawClock: Instant
  /// Everything as it was before the first request of the group.
  ///
  /// An object, like what is published: a group is handed about, and a copy of all the parts of a
  /// state is some hundred references.
  let before: Durable
  var replies: [Reply] = []
  /// `nil` while the group is being decided, and if nothing was recorded.
  var frame: EncodedFrame?
  /// Everything as it is behind the last request.
  var durable: Durable?
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
  /// The one that was taken and has not ended: it holds what it works on.
  private var running: Job?
  /// Commands on the writer's desk that are not decided while it waits for room on the disk.
  private var undecided: [Submission] = []
  var isClosing = false
  /// Whoever closes has waited long enough for the disk: nobody is to wait for it any more.
  private(set) var isAbandoned = false

  // From the writer to the disk worker.
  var handed: Group?
  var diskStops = false

  // From the disk worker.
  var diskIsBusy = false
  /// Who waits for the frame that is on its way; taken by whoever tells them its outcome.
  private(set) var underway: [Reply] = []
  /// Groups that are settled, well or not.
  private(set) var settledCount: UInt64 = 0
  /// The threads that may still touch the log: the writer's and the disk worker's.
  private var threads = 2
  /// A group failed: what was decided on it is void.
  var failure: LedgerError?
  /// Nothing will be written any more, because.
  var stopped: LedgerError?

  /// Whether both are gone.
  var hasEnded: Bool { threads == 0 }

  mutating func endThread() { threads -= 1 }

  /// Whether everything handed over is settled.
  var diskIsIdle: Bool { !diskIsBusy && handed == nil }

  struct Job: Sendable {
    let run: @Sendable (Writer, inout Desk) -> Void
    /// Tells whoever waits for it that it failed, unless it has ended.
    let fail: @Sendable (LedgerError) -> Void
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
  ///
  /// - Parameters:
  ///   - job: Runs on the writer's thread.
  ///   - fail: Called instead, or while it runs, if nobody is to wait for it any more.
  mutating func add(
    _ job: @escaping @Sendable (Writer, inout Desk) -> Void,
    or fail: @escaping @Sendable (LedgerError) -> Void = { _ in }
  ) {
    jobs.append(Job(run: job, fail: fail, after: inbox.count))
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
    guard jobs.first?.after == 0 else { return nil }
    running = jobs.removeFirst()
    return running
  }

  mutating func endJob() { running = nil }
}

extension Exchange {
  /// Takes the group that was handed over, to write it.
  mutating func takeHanded() -> Group? {
    guard let group = handed else { return nil }
    handed = nil
    begin(group)
    return group
  }

  /// Takes note that a group is being written.
  mutating func begin(_ group: Group) {
    diskIsBusy = true
    underway = group.replies
  }

  /// Ends what ``begin(_:)`` began.
  ///
  /// - Returns: Those to be told; nobody if they have been told already that nobody knows.
  mutating func takeSettled() -> [Reply] {
    defer { underway = [] }
    settledCount += 1
    return underway
  }

  /// Leaves commands where ``abandon()`` finds them, while the writer waits for the disk.
  ///
  /// - Returns: `false` if nobody looks there any more.
  mutating func leave(_ commands: ArraySlice<Submission>) -> Bool {
    guard !isAbandoned else { return false }
    undecided = Array(commands)
    return true
  }

  /// Takes them back.
  ///
  /// - Returns: Whether they are still there: otherwise they have been told.
  mutating func takeBack() -> Bool {
    defer { undecided = [] }
    return !isAbandoned
  }

  /// Whether the writer waits for the disk with so many commands undecided.
  func hasUndecided(_ count: Int) -> Bool { undecided.count == count }

  /// Lets nobody wait for the disk any more.
  ///
  /// - Returns: What tells those who did: of what is on its way nobody knows the outcome, all else
  ///   did not happen. What lies on the writer's desk the writer itself gives up.
  mutating func abandon() -> [@Sendable () -> Void] {
    isAbandoned = true
    stopped = .shuttingDown
    diskStops = true
    var told: [@Sendable () -> Void] = underway.map { reply in { reply.fail(.outcomeUnknown) } }
    underway = []
    if let running { told.append { running.fail(.outcomeUnknown) } }
    for reply in handed?.replies ?? [] { told.append { reply.fail(.shuttingDown) } }
    handed = nil
    for submission in inbox { told.append { submission.done(.failure(.shuttingDown)) } }
    (inbox, inboxSize) = ([], 0)
    for submission in undecided { told.append { submission.done(.failure(.shuttingDown)) } }
    undecided = []
    for job in jobs { told.append { job.fail(.shuttingDown) } }
    (jobs, running) = ([], nil)
    return told
  }
}
